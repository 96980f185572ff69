"""Seconds and memory of signing a result, and of checking it.

    python -m tests.bench.credentials_bench [--megapixels 4 50] [--formats PNG JPEG WEBP TIFF]

Prints a Markdown table. Each line is a process of its own; "memory" is how far its resident size
rose above what it held before (the file itself included there), as a multiple of the file. Not
part of the test suite: timings do not belong there.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LARGEST_WEBP_SIDE = 16_383


def main() -> None:
    """Measure each case in a child and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megapixels", type=float, nargs="+", default=[4, 50])
    parser.add_argument("--formats", nargs="+", default=["PNG", "JPEG", "WEBP", "TIFF"])
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(measure(arguments.formats[0], arguments.megapixels[0]))
        return
    print("| picture | file MB | grows by bytes | sign s | memory | check s | memory |")
    print("|---|---|---|---|---|---|---|")
    for megapixels in arguments.megapixels:
        for format in arguments.formats:
            command = [sys.executable, "-m", __spec__.name, "--one"]
            command += ["--megapixels", str(megapixels), "--formats", format]
            subprocess.run(command, cwd=ROOT, check=True)


def measure(format: str, megapixels: float) -> str:
    """One line of the table."""
    with tempfile.TemporaryDirectory() as var:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "project.settings", "OMNILENS_VAR": var}
        os.environ |= {"OMNILENS_DOTENV": "", "OMNILENS_C2PA_CERTIFICATES": ""}
        os.environ["OMNILENS_C2PA_KEY"] = ""
        import django

        django.setup()
        from project.images.credentials import State, read_credentials, sign
        from project.images.marking import SourceType

        def sign_it(content: bytes) -> bytes:
            return sign(content, format=format, source_type=SourceType.GENERATIVE_EDIT)

        warm = picture(format, 0.01)
        read_credentials(sign_it(warm), format)  # loads the library, makes the authority
        content = picture(format, megapixels)
        signed, seconds, memory = cost(lambda: sign_it(content))
        size = len(content)
        found, checked, reading = cost(lambda: read_credentials(signed, format))
        if found is None or found.state is State.INVALID:
            raise SystemExit(f"{format}: the signature does not hold")
    return (
        f"| {megapixels:g} MP {format} | {size / 1e6:.1f} | {len(signed) - size:,} "
        f"| {seconds:.2f} | {memory / size:.1f} x | {checked:.2f} | {reading / size:.1f} x |"
    )


def picture(format: str, megapixels: float) -> bytes:
    """A noisy picture: what a photo with grain compresses to, or worse."""
    from PIL import Image

    side = min(int(math.sqrt(megapixels * 1e6)), LARGEST_WEBP_SIDE)
    fast = {"PNG": {"compress_level": 1}, "WEBP": {"method": 0}, "JPEG": {"quality": 95}}
    buffer = io.BytesIO()
    image = Image.effect_noise((side, side), 20).convert("RGB")
    image.save(buffer, format, **fast.get(format, {}))
    return buffer.getvalue()


def cost(work):
    """The result, its seconds, and the bytes by which the resident size rose at most."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the old peak
    before = peak_bytes()
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started, peak_bytes() - before


def peak_bytes() -> int:
    """The largest resident size since the peak was forgotten."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


if __name__ == "__main__":
    main()
