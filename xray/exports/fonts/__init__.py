"""The fonts of every export: Noto Sans SC, cut to GB 2312 and Latin (OFL.txt).

They come with the product and are embedded in the PDF, so a report looks the same on a machine
without a Chinese font. A character that they lack is written by its number, never as a box.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FOLDER = Path(__file__).parent
REGULAR = FOLDER / "NotoSansSC-Regular-GB2312.ttf"
BOLD = FOLDER / "NotoSansSC-Bold-GB2312.ttf"


class FontMissing(RuntimeError):
    """A font file that came with the product is gone; reinstall it."""


def font_file(*, bold: bool = False) -> Path:
    """The path of one font. Raises FontMissing: no export is made with boxes for letters."""
    path = BOLD if bold else REGULAR
    if not path.is_file():
        raise FontMissing(f"{path.name} is missing from the installation")
    return path


@cache
def characters() -> frozenset[int]:
    """The code points that both fonts have. Raises FontMissing."""
    from reportlab.pdfbase.ttfonts import TTFontFile

    known = [frozenset(TTFontFile(str(font_file(bold=bold))).charToGlyph) for bold in (False, True)]
    return known[0] & known[1]


def visible(text: str) -> str:
    """`text` with what the fonts lack written as [U+1F600], and control characters as spaces."""
    known = characters()
    return "".join(
        sign if ord(sign) in known else (" " if ord(sign) < 0x20 else f"[U+{ord(sign):04X}]")
        for sign in text
    )


@lru_cache(maxsize=16)
def drawing_font(size: int, *, bold: bool = False) -> FreeTypeFont:
    """For Pillow, `size` pixels high."""
    from PIL import ImageFont

    # BASIC: the other layout engine gives other pixels where libraqm is installed.
    return ImageFont.truetype(font_file(bold=bold), size, layout_engine=ImageFont.Layout.BASIC)
