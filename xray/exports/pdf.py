"""The report as a PDF, in the language in which it was written.

The same envelope and pictures give the same bytes: reportlab's invariant mode, no date of making.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from PIL import Image as Pillow
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, Image, KeepTogether, SimpleDocTemplate, Spacer, Table

from xray.exports import colour_map, overlay
from xray.exports.pdf_style import (
    BOTTOM,
    FRAME_PADDING,
    LINE,
    PAGE,
    SIDE,
    TINT,
    TOP,
    WIDTH,
    FramedCanvas,
    load_fonts,
    paragraph,
)
from xray.exports.pictures import Pictures, shown_finding, sides_are_known
from xray.exports.words import (
    edit_lines,
    generator_line,
    language_of,
    metric_word,
    review_line,
    said,
    word,
)
from xray.reports import phrases
from xray.reports.envelope import AiFinding, Envelope, digest
from xray.reports.phrases import figure, heading, label_word, region_word, side_word

PICTURE_SIDE = 1100
"""Pixels; at the printed width that is more than 300 to the inch."""
_BARE = ("LINEBELOW", (0, 0), (-1, -1), 0, "white")
_TALLEST = 78 * mm


def as_pdf(envelope: Envelope, pictures: Pictures) -> bytes:
    """A4 pages. Raises FontMissing, and ValueError for a language without words."""
    load_fonts()
    stream = io.BytesIO()
    language = language_of(envelope)
    document = SimpleDocTemplate(
        stream,
        pagesize=PAGE,
        leftMargin=SIDE - FRAME_PADDING,
        rightMargin=SIDE - FRAME_PADDING,
        topMargin=TOP,
        bottomMargin=BOTTOM,
        title=f"{heading('title', language)} {envelope['report_id']}",
        author=f"{envelope['model']['name']} {envelope['model']['version']}",
        subject=envelope["disclaimer"],
        creator="Omnilens",
        lang="en" if language == "en" else "zh-Hans",
        invariant=1,
    )
    canvas = type("ReportCanvas", (FramedCanvas,), {"envelope": envelope})
    document.build(_Pages(envelope, pictures).flow(), canvasmaker=canvas)
    return stream.getvalue()


class _Pages:
    """The parts of one report in their order."""

    def __init__(self, envelope: Envelope, pictures: Pictures) -> None:
        self.envelope, self.pictures = envelope, pictures
        self.language = language_of(envelope)
        self.chinese = self.language != "en"

    def flow(self) -> list[Flowable]:
        envelope = self.envelope
        return [
            self._text(heading("title", self.language), "title"),
            self._banner(),
            Spacer(0, 6),
            self._examination(),
            *self._pictures(),
            *self._part("examination", [self._request()]),
            *self._part("findings", [self._figures(), Spacer(0, 6), self._regions()]),
            *self._said("narrative", [said(one, self.language) for one in envelope["narrative"]]),
            *self._said("impression", [said(one, self.language) for one in envelope["impression"]]),
            *self._said("confidence", [envelope["confidence"]["rule"]]),
            *self._said("limitations", envelope["limitations"], listed=True),
            *self._said("recommendation", envelope["recommendation"]),
            *self._part("model", [self._model()]),
            *self._part("review", [self._review()]),
            *self._said("disclaimer", [envelope["disclaimer"]]),
        ]

    # parts

    def _banner(self) -> Flowable:
        words = [
            self._text(word("banner", self.language), "banner"),
            self._text(self.envelope["disclaimer"], "cell"),
        ]
        return _table([[words]], [WIDTH], [("BACKGROUND", (0, 0), (-1, -1), TINT)])

    def _examination(self) -> Flowable:
        exam, patient = self.envelope["exam"], self.envelope["patient"]
        unknown = word("unknown", self.language)
        view = " ".join(filter(None, (exam["modality"], exam["view"]))) or unknown
        return self._pairs(
            [
                (word("study", self.language), self.envelope["study_id"]),
                (heading("report", self.language), self.envelope["report_id"]),
                (heading("study_date", self.language), exam["study_date_shifted"] or unknown),
                (word("modality", self.language), view),
                (word("pseudonym", self.language), patient["pseudonym"] or unknown),
                (word("age_band", self.language), patient["age_band"] or unknown),
                (word("sex", self.language), word(f"sex_{patient['sex']}", self.language)),
                (heading("review", self.language), review_line(self.envelope)),
            ]
        )

    def _request(self) -> Flowable:
        envelope = self.envelope
        asked = {
            "indication": envelope["indication"] or word("unknown", self.language),
            "technique": envelope["technique"],
            "comparison": envelope["comparison"].get("text", ""),
        }
        pairs = [(heading(key, self.language), text) for key, text in asked.items() if text]
        return self._pairs(pairs, columns=1)

    def _pictures(self) -> list[Flowable]:
        film = self.pictures.film
        if film is None:
            return [Spacer(0, 6), self._text(word("no_film", self.language), "small")]
        finding = shown_finding(self.envelope, self.pictures)
        markers = sides_are_known(self.envelope["image_quality"]["warnings"])
        half = WIDTH / 2 - 2 * mm
        cells: list[list[Any]] = [
            [
                _picture(overlay.paint(film, None, markers=markers, max_side=PICTURE_SIDE), half),
                self._text(word("film", self.language), "small"),
            ]
        ]
        if finding is None:
            cells.append([self._text(word("no_heatmap", self.language), "small")])
        else:
            heat = self.pictures.heatmaps[finding["label"]]
            painted = overlay.paint(
                film, heat, contour=True, markers=markers, max_side=PICTURE_SIDE
            )
            caption = word(
                "overlay", self.language, label=label_word(finding["label"], self.language)
            )
            cells.append([_picture(painted, half), self._text(caption, "small"), self._scale()])
        return [
            Spacer(0, 8),
            _table([cells], [WIDTH / 2] * 2, [_BARE]),
        ]

    def _scale(self) -> Flowable:
        row = (colour_map.table()[None] * 255).round().astype("uint8")
        bar = _picture(Pillow.fromarray(row, "RGB").resize((256, 8)), 40 * mm)
        bar.hAlign = "LEFT"
        words = self._text(word("scale", self.language), "small")
        return _table(
            [[bar, words]], [42 * mm, 40 * mm], [("LEFTPADDING", (0, 0), (-1, -1), 0), _BARE]
        )

    def _figures(self) -> Flowable:
        head = [
            "", *(heading(key, self.language) for key in (
                "label", "probability", "interval", "operating_point", "band", "region",
            )), word("share", self.language),
        ]  # fmt: skip
        rows = [self._figure_row(finding) for finding in self.envelope["ai_findings"]]
        widths = [8, 24, 20, 26, 30, 27, 24, 19]
        return self._grid(head, rows, [WIDTH * part / sum(widths) for part in widths])

    def _figure_row(self, finding: AiFinding) -> list[str]:
        low, high = finding["interval"]
        point = phrases.word("point", finding["point_name"], self.language)
        place = region_word(finding["region"], self.language)
        if finding["region"] == "unspecified":
            place = side_word(finding["laterality"], self.language)
        share = finding["inside_share"]
        return [
            finding["id"],
            label_word(finding["label"], self.language),
            figure(finding["probability"]),
            f"{figure(low)}-{figure(high)}",
            f"{figure(finding['operating_point'])} ({point})",
            phrases.word("band", finding["band"], self.language),
            place if finding["heatmap"] else "-",
            "-" if share is None else figure(share),
        ]

    def _regions(self) -> Flowable:
        head = [heading(key, self.language) for key in ("region", "status", "findings")]
        rows = [
            [
                region_word(row["region"], self.language),
                phrases.word("status", row["status"], self.language),
                row["text"],
            ]
            for row in self.envelope["findings_by_region"]
        ]
        return self._grid(head, rows, [WIDTH * share for share in (0.2, 0.22, 0.58)])

    def _model(self) -> Flowable:
        model = self.envelope["model"]
        metrics = ", ".join(
            f"{metric_word(name, self.language)} {figure(value)}"
            for name, value in model["metrics"].items()
        )
        quality = self.envelope["image_quality"]
        return self._pairs(
            [
                (word("name", self.language), f"{model['name']} {model['version']}"),
                ("sha256", model["sha256"]),
                (word("trained_on", self.language), model["trained_on"]),
                (word("metrics", self.language), metrics or word("unknown", self.language)),
                (word("gate_score", self.language), figure(quality["gate_score"])),
                (word("generator", self.language), generator_line(self.envelope)),
            ],
            columns=1,
        )

    def _review(self) -> Flowable:
        rows = [(heading("status", self.language), review_line(self.envelope))]
        rows += [(word("edits", self.language), line) for line in edit_lines(self.envelope)]
        rows.append((word("digest", self.language), digest(self.envelope)))
        return self._pairs(rows, columns=1)

    # pieces

    def _text(self, text: str, name: str = "body") -> Flowable:
        return paragraph(text, name, chinese=self.chinese)

    def _part(self, key: str, content: list[Flowable]) -> list[Flowable]:
        first, *rest = content
        return [KeepTogether([self._text(heading(key, self.language), "heading"), first]), *rest]

    def _said(self, key: str, texts: Iterable[str], *, listed: bool = False) -> list[Flowable]:
        """A heading with its sentences; nothing at all where nothing was said."""
        lines = [text for text in texts if text]
        if not lines:
            return []
        dot = "- " if listed else ""
        return self._part(key, [self._text(f"{dot}{text}") for text in lines])

    def _pairs(self, pairs: Sequence[tuple[str, str]], *, columns: int = 2) -> Flowable:
        cells = [[self._text(name, "strong"), self._text(value, "cell")] for name, value in pairs]
        rows = [[*chain(*cells[n : n + columns])] for n in range(0, len(cells), columns)]
        share = [0.15, 0.35] * 2 if columns == 2 else [0.22, 0.78]
        return _table(rows, [WIDTH * part for part in share])

    def _grid(self, head: list[str], rows: list[list[str]], widths: list[float]) -> Flowable:
        cells = [[self._text(text, "strong") for text in head]]
        cells += [[self._text(text, "cell") for text in row] for row in rows]
        return _table(cells, widths, [("LINEBELOW", (0, 0), (-1, 0), 0.8, LINE)], head=1)


def _picture(image: Pillow.Image, width: float) -> Image:
    """As a JPEG of high quality: what is printed is an illustration, the film itself stays."""
    content = io.BytesIO()
    image.convert("RGB").save(content, "JPEG", quality=92, subsampling=0)
    content.seek(0)
    wide, tall = ImageReader(content).getSize()
    scale = min(width / wide, _TALLEST / tall)
    content.seek(0)
    return Image(content, wide * scale, tall * scale)


def _table(
    rows: list[list[Any]], widths: list[float], style: Sequence[Any] = (), *, head: int = 0
) -> Table:
    lines = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, LINE),
    ]
    return Table(rows, widths, style=[*lines, *style], repeatRows=head, splitInRow=1)
