"""File structure of PNG, JPEG and WEBP, read and written without decoding a pixel.

Each module offers `matches`, `read_header`, `find_end`, `read_xmp` and `with_xmp`.
"""

from __future__ import annotations

from typing import Protocol

from project.images.containers import jpeg, png, webp
from project.images.containers.header import Header


class Container(Protocol):
    """One module of this package."""

    NAME: str

    def matches(self, data: bytes, /) -> bool:
        """Whether the first bytes are this format's."""
        ...

    def read_header(self, data: bytes, /) -> Header:
        """The announced size and kind; raises Malformed."""
        ...

    def find_end(self, data: bytes, /) -> int:
        """Offset of the first byte after the picture; raises Malformed when it is cut short."""
        ...

    def read_xmp(self, data: bytes, /) -> bytes | None:
        """The XMP packet, or None; raises Malformed."""
        ...

    def with_xmp(self, data: bytes, packet: bytes, /) -> bytes:
        """The file with exactly this XMP packet; raises Malformed."""
        ...


CONTAINERS: tuple[Container, ...] = (png, jpeg, webp)


def identify(data: bytes) -> Container | None:
    """The container whose magic bytes the data begin with, or None."""
    return next((container for container in CONTAINERS if container.matches(data)), None)
