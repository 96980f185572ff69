"""What one large upload costs the web process: `python -m tests.bench.upload_memory`.

Each case is a process of its own that loads the whole web application, takes one upload of 12
megapixels and says what it weighs before (without the bytes of the upload itself), at the peak and after.
"""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

WIDTH, HEIGHT = 4000, 3000
CASES = ("JPEG", "PNG", "PNG 16", "TIFF 16", "AVIF")


def main() -> int:
    """All cases, or the one named on the command line."""
    if len(sys.argv) > 1:
        measure(" ".join(sys.argv[1:]))
        return 0
    from tests.fuzz.upload_fuzz import hardware

    print(hardware())
    print("| upload of 12 megapixels | file MB | CPU seconds | RSS before | peak | after |")
    print("|---|---|---|---|---|---|", flush=True)
    return max(subprocess.call([sys.executable, "-m", __spec__.name, case]) for case in CASES)


def measure(case: str) -> None:
    """One line of the table."""
    content, name = in_another_process(case)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings.test")
    from django.core.files.uploadedfile import SimpleUploadedFile

    import project.asgi  # noqa: F401  (the web application, as it is served)
    from project.images.intake import Metadata, Policy, prepare_upload

    policy = Policy(
        extensions=("png", "jpg", "tiff", "avif"),
        max_bytes=10**9,
        keep=frozenset(Metadata),
        lossless=True,
    )
    size, body = len(content), SimpleUploadedFile(name, content)
    del content
    before, began = resident() - size, time.process_time()
    made = prepare_upload(body, policy)
    seconds = time.process_time() - began
    assert (made.encoded.width, made.encoded.height) == (WIDTH, HEIGHT)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    del made, body
    numbers = (before, peak, resident())
    cells = " | ".join(f"{value / 1e6:.0f}" for value in numbers)
    print(f"| {case} | {size / 1e6:.0f} | {seconds:.1f} | {cells} |", flush=True)


def resident() -> int:
    """Bytes of this process in memory now."""
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def in_another_process(case: str) -> tuple[bytes, str]:
    """The sample, made where its making does not count."""
    command = [sys.executable, "-c", f"import {__spec__.name} as m; m.write_sample({case!r})"]
    content = subprocess.run(command, check=True, capture_output=True).stdout
    return content, f"photo.{case.split()[0].lower().replace('jpeg', 'jpg')}"


def write_sample(case: str) -> None:
    """A noisy ramp to standard output; a photo compresses about as badly."""
    import cv2
    import numpy as np
    from PIL import Image

    noise = np.random.default_rng(7).normal(0, 300, (HEIGHT, WIDTH, 3))
    ramp = np.add.outer(np.linspace(0, 30_000, HEIGHT), np.linspace(0, 30_000, WIDTH))
    deep = np.clip(ramp[..., None] + noise + 1000, 0, 65_535).astype(np.uint16)
    if case.endswith("16"):
        extension = "." + case.split()[0].lower()
        content = cv2.imencode(extension, deep)[1].tobytes()
    else:
        buffer = io.BytesIO()
        Image.fromarray((deep >> 8).astype(np.uint8)).save(buffer, case)
        content = buffer.getvalue()
    sys.stdout.buffer.write(content)


if __name__ == "__main__":
    sys.exit(main())
