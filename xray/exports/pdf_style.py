"""Type, colours and the frame of each page of the PDF report."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from xray.exports.fonts import font_file, visible
from xray.exports.words import language_of, word
from xray.reports.envelope import Envelope
from xray.reports.phrases import heading

REGULAR, BOLD = "Report", "Report-Bold"
INK, MUTED, LINE = (
    colors.HexColor("#1b2430"),
    colors.HexColor("#5b6675"),
    colors.HexColor("#d5dae1"),
)
ACCENT, TINT = colors.HexColor("#8a4b00"), colors.HexColor("#fff5e5")
PAGE = A4
SIDE, TOP, BOTTOM = 16 * mm, 24 * mm, 24 * mm
WIDTH = PAGE[0] - 2 * SIDE
FRAME_PADDING = 6
_loading = threading.Lock()


@cache
def load_fonts() -> None:
    """Register both fonts once. Raises FontMissing."""
    with _loading:
        pdfmetrics.registerFont(TTFont(REGULAR, str(font_file())))
        pdfmetrics.registerFont(TTFont(BOLD, str(font_file(bold=True))))
        pdfmetrics.registerFontFamily(REGULAR, REGULAR, BOLD, REGULAR, BOLD)


def plain(text: str) -> str:
    """`text` as a paragraph may hold it: no markup of its own, and every character visible."""
    shown = escape(visible(text))
    return shown.replace(" %", "\u00a0%")  # a figure keeps its unit on the line


@cache
def style(name: str, *, chinese: bool) -> ParagraphStyle:
    """`body`, `small`, `cell`, `strong`, `heading`, `title` or `banner`."""
    load_fonts()
    size, leading, extra = {
        "body": (9.5, 13.5, {}),
        "small": (7.5, 10, {"textColor": MUTED}),
        "cell": (8.5, 11.5, {}),
        "strong": (8.5, 11.5, {"fontName": BOLD}),
        "heading": (
            10.5, 14, {"fontName": BOLD, "spaceBefore": 9, "spaceAfter": 3, "keepWithNext": 1},
        ),
        "title": (17, 21, {"fontName": BOLD, "spaceAfter": 4}),
        "banner": (10, 13, {"fontName": BOLD, "textColor": ACCENT}),
    }[name]  # fmt: skip
    given: dict[str, Any] = {
        "fontName": REGULAR, "fontSize": size, "leading": leading, "textColor": INK,
        "leftIndent": 3 if name in ("body", "heading", "title") else 0,
        "wordWrap": "CJK" if chinese else None, **extra,
    }  # fmt: skip
    return ParagraphStyle(name, **given)


def paragraph(text: str, name: str = "body", *, chinese: bool) -> Paragraph:
    """Plain text in one of the styles."""
    return Paragraph(plain(text), style(name, chinese=chinese))


class FramedCanvas(Canvas):  # type: ignore[misc]
    """Head and foot of each page, drawn at the end, when their number is known."""

    envelope: Envelope

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        """Keep the page instead of writing it."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write all pages with their frame."""
        for state in self._pages:
            self.__dict__.update(state)
            self._frame(len(self._pages))
            super().showPage()
        super().save()

    def _frame(self, count: int) -> None:
        envelope = self.envelope
        language = language_of(envelope)
        chinese = language != "en"
        width, height = PAGE
        self.setStrokeColor(LINE)
        self.setFillColor(MUTED)
        self.setFont(REGULAR, 8)
        self.drawString(SIDE, height - 13 * mm, heading("title", language))
        self.setFillColor(ACCENT)
        self.setFont(BOLD, 8)
        self.drawRightString(width - SIDE, height - 13 * mm, word("banner", language))
        self.line(SIDE, height - 16 * mm, width - SIDE, height - 16 * mm)
        self.line(SIDE, 18 * mm, width - SIDE, 18 * mm)
        model = envelope["model"]
        foot = paragraph(
            f"{envelope['disclaimer']} {model['name']} {model['version']}", "small", chinese=chinese
        )
        _, tall = foot.wrap(WIDTH - 20 * mm, 14 * mm)
        foot.drawOn(self, SIDE, 17 * mm - tall)
        self.setFillColor(MUTED)
        self.setFont(REGULAR, 8)
        page = word("page", language, number=str(self._pageNumber), count=str(count))
        self.drawRightString(width - SIDE, 17 * mm - 8, page)
