"""HEIC by libheif and libde265, which only decode, in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from PIL import Image

from project.images.exif import upright

TIMEOUT_SECONDS = 60
_CHILD = Path(__file__).with_name("heic_child.py")
# What an interpreter may need to find its libraries; no secret of ours.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
_MODES = frozenset({"L", "LA", "La", "RGB", "RGBA", "RGBa"})


class ChildFailed(RuntimeError):
    """The child was killed, gave up, or answered nonsense."""


def open_heic(data: bytes) -> Image.Image:
    """The primary picture, decoded, upright and with 8 bits per channel.

    libheif turns, mirrors and crops as the file says; an orientation in its EXIF block repeats
    that for old readers and is dropped. Raises ChildFailed.
    """
    answer = memoryview(_run(data))
    line, _, _ = bytes(answer[:1000]).partition(b"\n")
    try:
        facts = json.loads(line)
        mode, size = facts["mode"], tuple(facts["size"])
        icc_end = len(line) + 1 + facts["icc"]
        exif_end = icc_end + facts["exif"]
    except (ValueError, LookupError, TypeError) as error:
        raise ChildFailed("no facts") from error
    if mode not in _MODES:
        raise ChildFailed(f"pixels of mode {mode}")
    image = Image.frombytes(mode, size, answer[exif_end:], "raw", mode, facts["stride"])
    if facts["icc"]:
        image.info["icc_profile"] = bytes(answer[len(line) + 1 : icc_end])
    if facts["exif"]:
        image.info["exif"] = upright(bytes(answer[icc_end:exif_end]))
    return image


def _run(data: bytes) -> bytes:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_CHILD)],
            input=data,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            env=environment,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise ChildFailed("the decoder ended without a picture") from error
    return done.stdout
