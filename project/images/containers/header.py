"""What a file says about itself before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass


class Malformed(ValueError):
    """The bytes do not follow the format they begin with."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """Announced facts; width and height in pixels as stored (before EXIF orientation)."""

    width: int
    height: int
    bit_depth: int = 8
    is_cmyk: bool = False
    is_animated: bool = False
