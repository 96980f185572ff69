"""Smaller copies for lists and pages: made once, keyed by owner and content."""

from __future__ import annotations

import enum
import threading
from dataclasses import replace

from PIL import Image

from project.images import memory, storage
from project.images.encode import EncodedImage, encode_image
from project.images.formats import FORMATS
from project.images.loading import load
from project.images.marking import mark, read_marking
from project.images.models import ImageRecord
from project.images.policy import OWN_FILES

WEBP_QUALITY = 82
# Looked at with 100 per cent and more; the fastest method still takes seconds.
DISPLAY_QUALITY = 92
_FAST = 0
# One at a time: decoding the largest result takes hundreds of megabytes.
_making = threading.Lock()


class Rendition(enum.StrEnum):
    """What a media URL can point at; a copy is WEBP and fits into a square of its side.

    DISPLAY is the full size in a format that browsers show: the file itself where it is one.
    """

    ORIGINAL = "original"
    THUMBNAIL = "thumbnail"
    PREVIEW = "preview"
    DISPLAY = "display"


# The longest side of a WEBP; of the larger pictures DISPLAY is a reduced copy.
SIDES = {
    Rendition.THUMBNAIL: 320,
    Rendition.PREVIEW: 1280,
    Rendition.DISPLAY: FORMATS["WEBP"].max_side,
}
_SHOWN_BY_BROWSERS = frozenset({"PNG", "JPEG", "WEBP"})


def rendition_key(*, owner_id: int, sha256: str, rendition: Rendition) -> str:
    """The same content of two owners has two copies, so that erasing one leaves no trace."""
    return storage.check_key(f"renditions/{owner_id}/{sha256}/{rendition.value}.webp")


def ensure_rendition(record: ImageRecord, rendition: Rendition) -> str:
    """Storage key of the rendition, made now if it is missing.

    Raises FileNotFoundError when the picture's own file is gone, UploadRefused when it no
    longer decodes.
    """
    if is_own_file(record, rendition):
        return record.file
    key = rendition_key(owner_id=record.owner_id, sha256=record.sha256, rendition=rendition)
    if not storage.exists(key):
        with _making:
            try:
                _make(record, key, rendition)
            finally:
                memory.release()
    return key


def is_own_file(record: ImageRecord, rendition: Rendition) -> bool:
    """Whether the rendition is the stored file and no copy of it."""
    if rendition is Rendition.DISPLAY:
        return record.format in _SHOWN_BY_BROWSERS and record.bit_depth == 8
    return rendition is Rendition.ORIGINAL


def _make(record: ImageRecord, key: str, rendition: Rendition) -> None:
    if storage.exists(key):
        return
    content = storage.read(record.file)
    if rendition is Rendition.DISPLAY:
        made = shrink(content, SIDES[rendition], quality=DISPLAY_QUALITY, method=_FAST)
    else:
        made = shrink(content, SIDES[rendition])
    try:
        storage.put(key, made.content)
    except storage.KeyTaken:
        return  # another process made the same bytes meanwhile


def shrink(
    content: bytes, side: int, *, quality: int = WEBP_QUALITY, method: int = 4
) -> EncodedImage:
    """A WEBP copy of one of our own files within side x side pixels, never enlarged.

    Its pixels are sRGB with 8 bits per channel, whatever the file has. A marking is carried over: a copy of an altered picture is an altered picture.
    """
    image = load(content, OWN_FILES).image
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    if image.mode in ("L", "LA"):
        image = image.convert("RGB" if image.mode == "L" else "RGBA")
    made = encode_image(image, format="WEBP", quality=quality, webp_method=method)
    marking = read_marking(content)
    if marking is None:
        return made
    marked = mark(made.content, source_type=marking.source_type, software=marking.software)
    return replace(made, content=marked)


def room_copy_key(*, owner_id: int, sha256: str, name: str) -> str:
    """Where a room keeps a copy of its own of one content; it goes with the picture."""
    return storage.check_key(f"renditions/{owner_id}/{sha256}/{name}")


def keys_of_copies(*, owner_id: int, sha256: str) -> list[str]:
    """Keys under which the copies of one content of one owner lie, those of rooms included."""
    named = {rendition_key(owner_id=owner_id, sha256=sha256, rendition=r) for r in SIDES}
    return sorted(named | set(storage.list_folder(f"renditions/{owner_id}/{sha256}")))


def delete_copies(*, owner_id: int, sha256: str) -> None:
    """Remove every copy of one content of one owner."""
    for key in keys_of_copies(owner_id=owner_id, sha256=sha256):
        storage.delete(key)
