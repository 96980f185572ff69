"""File structure of the picture formats, read without decoding a pixel.

Each module offers `matches`, `read_header` and `find_end`; those of the formats that we write
(MARKABLE) offer `read_xmp` and `with_xmp`, too.
"""

from __future__ import annotations

from typing import Protocol

from project.images.containers import avif, bmp, gif, heic, jpeg, png, tiff, webp
from project.images.containers.header import Header


class Container(Protocol):
    """One module of this package."""

    NAME: str
    # Whether the world's programs write bytes of their own behind the picture.
    MAY_HAVE_TAIL: bool

    def matches(self, data: bytes, /) -> bool:
        """Whether the first bytes are this format's."""
        ...

    def read_header(self, data: bytes, /) -> Header:
        """The announced size and kind; raises Malformed or Unsupported."""
        ...

    def find_end(self, data: bytes, /) -> int:
        """Offset of the first byte after the picture; raises Malformed when it is cut short."""
        ...


class Markable(Container, Protocol):
    """A container that can carry an XMP packet."""

    def read_xmp(self, data: bytes, /) -> bytes | None:
        """The XMP packet, or None; raises Malformed."""
        ...

    def with_xmp(self, data: bytes, packet: bytes, /) -> bytes:
        """The file with exactly this XMP packet; raises Malformed."""
        ...


MARKABLE: tuple[Markable, ...] = (png, jpeg, webp, tiff)
CONTAINERS: tuple[Container, ...] = (*MARKABLE, bmp, gif, heic, avif)


def identify(data: bytes) -> Container | None:
    """The container whose magic bytes the data begin with, or None."""
    return next((container for container in CONTAINERS if container.matches(data)), None)


def identify_markable(data: bytes) -> Markable | None:
    """The container among those that we write, or None."""
    return next((container for container in MARKABLE if container.matches(data)), None)
