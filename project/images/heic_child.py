"""The child process that decodes one HEIC: bytes in, a line of JSON and pixels out.

Run by path, with nothing of Django or of this platform in it. pi-heif 1.4.0 ends with a
segmentation fault on some damaged files; here that costs this process and no other.
"""

from __future__ import annotations

import json
import resource
import sys

MAX_ADDRESS_BYTES = 3 << 30
MAX_CPU_SECONDS = 60


def main() -> None:
    """Decode what stands on standard input, within limits of memory and time."""
    _limit()
    import pi_heif  # type: ignore[import-untyped]

    data = sys.stdin.buffer.read()
    pi_heif.options.THUMBNAILS = False
    pi_heif.options.DEPTH_IMAGES = False
    pi_heif.options.AUX_IMAGES = False
    file = pi_heif.open_heif(data, convert_hdr_to_8bit=True)
    picture = file[file.primary_index]
    pixels = picture.data
    blocks = [picture.info.get("icc_profile") or b"", picture.info.get("exif") or b""]
    facts = {
        "mode": picture.mode,
        "size": list(picture.size),
        "stride": picture.stride,
        "icc": len(blocks[0]),
        "exif": len(blocks[1]),
    }
    out = sys.stdout.buffer
    out.write(json.dumps(facts).encode() + b"\n")
    for block in (*blocks, pixels):
        out.write(block)
    out.flush()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_BYTES, MAX_ADDRESS_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    # No file may be written, no core be dumped.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
