"""Names inside an archive: what clients called their photos, made safe and different."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

from project.images.names import sanitise_name

# Signs that Windows does not allow, and a colon, which some systems take for a path.
_UNSAFE = re.compile(r'[<>:"/\\|?*]')
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
)
MAX_BYTES = 200


def unique_names(wanted: Iterable[str], *, taken: Iterable[str] = ()) -> list[str]:
    """A safe file name for each of `wanted`, in order; no two are equal on any file system.

    `photo.png` twice becomes `photo.png` and `photo-2.png`. Names differ beyond case and beyond
    the spelling of their accents, hold no path, and have at most 200 bytes.
    """
    known = {_folded(name) for name in taken}
    found = []
    for name in wanted:
        plain = _safe(name)
        path, number = PurePosixPath(plain), 1
        while _folded(plain) in known:
            number += 1
            plain = f"{path.stem}-{number}{path.suffix}"
        known.add(_folded(plain))
        found.append(plain)
    return found


def _safe(name: str) -> str:
    plain = _UNSAFE.sub("_", sanitise_name(name)).strip(" .") or "photo"
    path = PurePosixPath(plain)
    stem = f"{path.stem}_" if path.stem.split(".")[0].casefold() in _DEVICES else path.stem
    most = MAX_BYTES - len(path.suffix.encode())
    return stem.encode()[:most].decode(errors="ignore").rstrip(" .") + path.suffix


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", name).casefold())
