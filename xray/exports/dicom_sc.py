"""The overlay as a DICOM secondary capture.

The banner stands above the film and the figures below it, so that nothing of the film is
covered. IHE AIR takes a secondary capture as a fallback: figures belong into the SR.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xray.exports import overlay, uids
from xray.exports.dicom_header import LONG_STRING, SHORT_TEXT, as_file, new_object
from xray.exports.fonts import drawing_font, visible
from xray.exports.pictures import Pictures, shown_finding, sides_are_known
from xray.exports.words import language_of, plain_line, review_line, word
from xray.reports.envelope import AiFinding, Envelope, digest
from xray.reports.phrases import figure, heading, label_word, region_word
from xray.reports.phrases import word as report_word

NARROWEST = 720
"""Pixels; a smaller film stands in the middle, so that the text can be read."""


class FilmGone(ValueError):
    """Retention removed the film, so there is nothing to capture."""


def as_secondary_capture(envelope: Envelope, pictures: Pictures) -> bytes:
    """A DICOM file. Raises FilmGone, FontMissing."""
    if pictures.film is None:
        raise FilmGone
    finding = shown_finding(envelope, pictures)
    heat = pictures.heatmaps[finding["label"]] if finding else None
    has_sides = sides_are_known(envelope["image_quality"]["warnings"])
    painted = overlay.paint(pictures.film, heat, contour=True, markers=has_sides)
    pixels = np.asarray(draw(envelope, painted))
    made = new_object(
        envelope, uids.of_capture(envelope), sop_class=uids.CAPTURE_CLASS, modality="OT"
    )
    made.SeriesDescription = f"Heat map, {word('banner', 'en')}"[:LONG_STRING]
    made.BodyPartExamined = envelope["exam"]["body_part"]
    made.ConversionType = "WSD"
    made.ImageType = ["DERIVED", "SECONDARY", "OTHER"]
    # Rows run to the patient's left, columns to the feet: right of the patient is left of it.
    made.PatientOrientation = ["L", "F"] if has_sides else ""
    made.BurnedInAnnotation = "YES"
    made.RecognizableVisualFeatures = "NO"
    made.LossyImageCompression = "00"
    made.DerivationDescription = _derivation(envelope, finding)[:SHORT_TEXT]
    made.ImageComments = envelope["disclaimer"]
    made.SamplesPerPixel = 3
    made.PhotometricInterpretation = "RGB"
    made.PlanarConfiguration = 0
    made.Rows, made.Columns = pixels.shape[:2]
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    made.PixelRepresentation = 0
    content = pixels.tobytes()
    made.PixelData = content + b"\x00" * (len(content) % 2)
    made["PixelData"].VR = "OB"
    return as_file(made)


def draw(envelope: Envelope, painted: Image.Image) -> Image.Image:
    """The overlay between its banner and its lines of text, RGB."""
    width = max(NARROWEST, painted.width)
    size = max(14, width // 46)
    gap = size // 2
    head = _block([word("banner", language_of(envelope)), envelope["disclaimer"]], width, size)
    foot = _block(_lines(envelope), width, size)
    canvas = Image.new("RGB", (width, head.height + painted.height + foot.height + 2 * gap))
    canvas.paste(head, (0, 0))
    canvas.paste(painted, ((width - painted.width) // 2, head.height + gap))
    canvas.paste(foot, (0, head.height + painted.height + 2 * gap))
    return canvas


def _lines(envelope: Envelope) -> list[str]:
    language, model = language_of(envelope), envelope["model"]
    figures = [_figures(envelope, finding) for finding in envelope["ai_findings"]]
    return [
        *figures,
        f"{heading('model', language)}: {model['name']} {model['version']}, {model['sha256'][:12]}",
        f"{heading('report', language)}: {envelope['report_id']}, {digest(envelope)[:12]}",
        f"{heading('review', language)}: {review_line(envelope)}",
    ]


def _figures(envelope: Envelope, finding: AiFinding) -> str:
    language = language_of(envelope)
    low, high = finding["interval"]
    said = (
        f"{finding['id']} {label_word(finding['label'], language)}: {figure(finding['probability'])}"
        f" ({heading('interval', language)} {figure(low)}-{figure(high)}),"
        f" {heading('operating_point', language)} {figure(finding['operating_point'])},"
        f" {report_word('band', finding['band'], language)}"
    )
    return f"{said}, {region_word(finding['region'], language)}" if finding["heatmap"] else said


def _derivation(envelope: Envelope, finding: AiFinding | None) -> str:
    """English, as DICOM's own texts are."""
    model = envelope["model"]
    what = "De-identified film without a heat map"
    if finding is not None:
        what = (
            f"Grad-CAM heat map of {label_word(finding['label'], 'en')}"
            f" (probability {figure(finding['probability'])},"
            f" operating point {figure(finding['operating_point'])})"
            f" over the de-identified film, outline at half of the maximum"
        )
    return (
        f"{what}; at most {overlay.MAX_SIDE} pixels a side; {model['name']} {model['version']},"
        f" sha256 {model['sha256']}; report {digest(envelope)}. {word('banner', 'en')}."
    )


def _block(texts: list[str], width: int, size: int) -> Image.Image:
    """Lines of white text on black, wrapped to the width; the first one is bold."""
    gap = size // 2
    fonts = [drawing_font(size, bold=index == 0) for index in range(len(texts))]
    lines = [
        (line, font)
        for text, font in zip(texts, fonts, strict=True)
        for line in _wrapped(visible(plain_line(text)), font, width - 2 * gap)
    ]
    step = round(size * 1.45)
    block = Image.new("RGB", (width, 2 * gap + step * len(lines)))
    pen = ImageDraw.Draw(block)
    for number, (line, font) in enumerate(lines):
        pen.text((gap, gap + step * number), line, fill="white", font=font)
    return block


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """At spaces where there are some, else anywhere: Chinese has none, and nothing is cut off."""
    lines = []
    rest = text
    while rest:
        fits = len(rest)
        while fits > 1 and font.getlength(rest[:fits]) > width:
            fits -= 1
        if fits < len(rest) and " " in rest[: fits + 1].strip():
            fits = rest[: fits + 1].rindex(" ") or fits
        lines.append(rest[:fits].strip())
        rest = rest[fits:].lstrip()
    return lines
