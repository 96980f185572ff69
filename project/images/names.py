"""Names that clients give: for display and downloads only, never for storage."""

from __future__ import annotations

import re
import unicodedata

from project.images.formats import FORMATS

MAX_NAME = 255
_SPACES = re.compile(r"\s+")


def sanitise_name(name: str | None) -> str:
    """The last path part, NFC, without control, format or surrogate characters, <= 255 long.

    Format characters go as well: a right-to-left override can make `gpj.exe` read as a picture.
    """
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if c.isspace() or not unicodedata.category(c).startswith("C"))
    plain = _SPACES.sub(" ", unicodedata.normalize("NFC", kept)).strip(" .")
    if len(plain) <= MAX_NAME:
        return plain
    stem, dot, extension = plain.rpartition(".")
    if not dot or len(extension) > 10:
        return plain[:MAX_NAME]
    return stem[: MAX_NAME - len(extension) - 1] + dot + extension


def extension_of(name: str | None) -> str:
    """Lower-case extension of a client's name without the dot, or an empty string."""
    stem, dot, extension = sanitise_name(name).rpartition(".")
    return extension.lower() if dot and stem else ""


def download_name(original: str, *, format: str, fallback: str) -> str:
    """A name whose extension is that of the stored format."""
    stem = original.rpartition(".")[0] or original or fallback
    return f"{stem}.{FORMATS[format].extensions[0]}"
