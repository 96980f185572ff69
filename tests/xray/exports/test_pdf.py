"""Guarantees about the PDF report."""

import io

import pytest
from pypdf import PdfReader

from tests.xray.exports.conftest import ACCEPTED
from tests.xray.factories import draw_film, make_envelope, make_facts, make_finding
from xray.exports import fonts
from xray.exports.fonts import FontMissing
from xray.exports.pdf import as_pdf
from xray.exports.pictures import Pictures
from xray.exports.words import word
from xray.reports.envelope import digest
from xray.reports.phrases import HEADINGS, heading

DESIGNED = (
    "examination", "indication", "technique", "comparison", "findings", "impression", "confidence",
    "limitations", "recommendation", "disclaimer",
)  # fmt: skip


def squeezed(text):
    """Without spaces and line ends: where a line breaks is no guarantee."""
    return "".join(text.split())


def test_the_report_is_written_in_its_language_under_every_heading(envelope, pictures, pages):
    text = squeezed("".join(pages(as_pdf(envelope, pictures))))
    language = envelope["language"]
    for key in DESIGNED:
        assert squeezed(heading(key, language)) in text
    other = "zh-hans" if language == "en" else "en"
    assert squeezed(heading("impression", other)) not in text
    for said in (
        envelope["technique"], envelope["confidence"]["rule"], *envelope["limitations"],
        *envelope["recommendation"], *(row["text"] for row in envelope["findings_by_region"]),
        *(sentence["text"] for sentence in envelope["impression"]), digest(envelope),
        envelope["model"]["sha256"], envelope["patient"]["pseudonym"],
    ):  # fmt: skip
        assert squeezed(said) in text


def test_every_page_has_disclaimer_banner_model_version_and_its_number(envelope, pictures, pages):
    long = {**envelope, "limitations": envelope["limitations"] * 8}
    read = pages(as_pdf(long, pictures))
    assert len(read) >= 3
    for number, page in enumerate(read, start=1):
        text = squeezed(page)
        assert squeezed(envelope["disclaimer"]) in text
        assert squeezed(word("banner", envelope["language"])) in text
        assert "cxr-resnet501.0.0" in text
        assert f"{number}/{len(read)}" in text


def test_the_same_report_is_the_same_bytes(envelope, pictures):
    assert as_pdf(envelope, pictures) == as_pdf(envelope, pictures)


def test_every_font_is_embedded(envelope, pictures):
    reader = PdfReader(io.BytesIO(as_pdf(envelope, pictures)))
    used = 0
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            if font.get_object()["/BaseFont"] == "/Helvetica":
                continue  # reportlab names it on every page and writes nothing with it
            assert "/FontFile2" in font.get_object()["/FontDescriptor"]
            used += 1
    assert used >= 2


def test_a_missing_font_is_an_error_and_never_boxes(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "BOLD", tmp_path / "gone.ttf")
    with pytest.raises(FontMissing):
        fonts.font_file(bold=True)
    fonts.characters.cache_clear()
    try:
        with pytest.raises(FontMissing):
            fonts.visible("肺")
    finally:
        fonts.characters.cache_clear()


def test_a_character_without_a_glyph_is_named(pages, pictures):
    envelope = make_envelope(make_facts(indication="Fever \U0001f600 𠮷 肺炎\x07?"))
    text = "".join(pages(as_pdf(envelope, pictures)))
    assert "Fever [U+1F600] [U+20BB7] 肺炎 ?" in text


def test_both_fonts_can_write_every_word_of_the_reports():
    from xray.exports.words import WORDS
    from xray.reports.phrases import PHRASES, VOCABULARY

    pairs = [*WORDS.values(), *PHRASES.values()]
    pairs += [pair for words in VOCABULARY.values() for pair in words.values()]
    pairs += [(w.english[0], w.chinese[0]) for w in HEADINGS.values()]
    said = "".join(text for pair in pairs for text in pair)
    assert fonts.visible(said) == said


def test_markup_in_what_people_wrote_is_only_text(pages, pictures):
    wicked = '<img src="file:///etc/passwd"/> <b>x</b> &amp; <para>'
    envelope = make_envelope(make_facts(indication=wicked))
    assert squeezed(wicked) in squeezed("".join(pages(as_pdf(envelope, pictures))))


def test_film_and_overlay_are_in_it_and_without_a_heatmap_it_says_so(envelope, pictures, pages):
    def images(content):
        return sum(len(page.images) for page in PdfReader(io.BytesIO(content)).pages)

    assert images(as_pdf(envelope, pictures)) == 3  # film, overlay, scale
    below = make_envelope(
        make_facts(findings=(make_finding(probability=0.03, interval=(0.01, 0.07)),)),
        language=envelope["language"],
    )
    bare = as_pdf(below, Pictures(film=draw_film()))
    assert images(bare) == 1
    assert squeezed(word("no_heatmap", envelope["language"])) in squeezed("".join(pages(bare)))
    gone = as_pdf(envelope, Pictures(film=None))
    assert images(gone) == 0
    assert squeezed(word("no_film", envelope["language"])) in squeezed("".join(pages(gone)))


def test_who_signed_and_what_was_changed_is_written(envelope, pictures, pages):
    edited = {
        **envelope,
        "impression": [
            {"text": "Opacity in the right lower zone.", "finding_ids": [], "author": "reviewer"}
        ],
        "review": {
            **ACCEPTED,
            "status": "edited",
            "edits": [{"section": "impression", "before": "Old words.", "after": "New words."}],
        },
    }
    text = squeezed("".join(pages(as_pdf(edited, pictures))))
    for said in (
        word("review_edited", envelope["language"]), "Dr. Ågård Li", "2026-03-15", "Old words.",
        "New words.", word("by_reviewer", envelope["language"]),
    ):  # fmt: skip
        assert squeezed(said) in text
    pending = squeezed("".join(pages(as_pdf(envelope, pictures))))
    assert squeezed(word("review_pending", envelope["language"])) in pending


def test_a_language_without_words_is_an_error(pictures):
    with pytest.raises(ValueError, match="no words"):
        as_pdf({**make_envelope(), "language": "fr"}, pictures)


def test_whatever_length_a_text_has_it_is_written_to_its_end(envelope, pictures, pages):
    long = "Opacity" * 70 + " " + "x y " * 6000 + "END"
    wide = {
        **envelope,
        "indication": long,
        "findings_by_region": [{**row, "text": long} for row in envelope["findings_by_region"][:2]],
        "review": {
            **ACCEPTED,
            "status": "edited",
            "edits": [{"section": "impression", "before": long, "after": ""}],
        },
    }
    text = squeezed("".join(pages(as_pdf(wide, pictures))))
    assert text.count("xyEND") == 4
