"""What a file says about itself before anything is decoded."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Malformed(ValueError):
    """The bytes do not follow the format they begin with."""


class Reason(enum.StrEnum):
    """Why a well-formed file cannot be taken."""

    FLOAT = "float"
    COMPRESSION = "compression"
    COLOUR_SPACE = "colour_space"
    LAYOUT = "layout"


class Unsupported(Exception):
    """A variant of the format that no decoder here takes."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Header:
    """Announced facts; width and height in pixels as stored (before any orientation).

    `is_animated` means several frames or pages. `reduces_depth` marks formats whose decoders
    hand out 8 bits whatever `bit_depth` says. `may_turn` marks formats whose decoders turn and
    crop by themselves, so that they may report other sides within these limits.
    """

    width: int
    height: int
    bit_depth: int = 8
    is_cmyk: bool = False
    is_animated: bool = False
    reduces_depth: bool = False
    may_turn: bool = False

    @property
    def decoded_depth(self) -> int:
        """Bits per channel after decoding: 8, or what the file holds beyond it."""
        return 8 if self.reduces_depth else max(8, self.bit_depth)
