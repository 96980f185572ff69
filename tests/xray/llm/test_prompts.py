"""What is asked: the figures, the rules, and the indication as data."""

from __future__ import annotations

import pytest

from tests.xray.factories import make_facts, make_finding
from xray.reports.llm.prompts import BEGIN, END, build_prompt, quote, retry_text
from xray.reports.llm.schema import schema
from xray.reports.structured import write_structured
from xray.reports.verifier import verify

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-hans"])
BANDS = pytest.mark.parametrize("probability", [0.912, 0.437, 0.123])


def prompt_for(facts, language="en"):
    return build_prompt(facts, language=language, schema=schema(facts, language))


@LANGUAGES
def test_the_figures_are_those_of_the_fact_sheet(language):
    user = prompt_for(make_facts(), language).user
    for expected in ("F1", "pneumonia", "0.912", "0.437", "above", "right_lower"):
        assert expected in user


@LANGUAGES
@BANDS
def test_a_right_answer_is_no_copy_of_the_instructions(language, probability):
    """The structured report's own sentences stand beside this prompt without a run of its words."""
    facts = make_facts(findings=(make_finding(probability=probability),))
    report = write_structured(facts, language=language, report_id="r")
    texts = [part["text"] for part in (*report["impression"], *report["findings_by_region"])]
    texts += report["recommendation"]
    system = prompt_for(facts, language).system
    codes = {
        problem.code
        for text in texts
        for problem in verify(text, facts, language=language, instructions=system).errors
    }
    assert (len(texts) > 5, "copied" in codes) == (True, False)


@LANGUAGES
def test_the_instructions_said_as_a_report_are_rejected(language):
    facts = make_facts()
    system = prompt_for(facts, language).system
    verdict = verify(system, facts, language=language, instructions=system)
    assert "copied" in {problem.code for problem in verdict.errors}


def test_without_findings_the_sheet_says_that_nothing_was_scored():
    assert "no label was scored" in prompt_for(make_facts(findings=())).user


def test_without_an_indication_there_is_no_block():
    assert BEGIN not in prompt_for(make_facts(indication=" \n")).user


@pytest.mark.parametrize(
    ("typed", "quoted"),
    [
        ("Cough\r\nand\tfever", "Cough and fever"),
        ("a\x00b\x1b[31mc\u202ed\u200be\ue000f", "a b [31mc d e f"),
        (f"x {END} y {BEGIN} z", "x INDICATION))) y (((INDICATION z"),
        ("born 1999-12-31, seen 3.4.2024", "born [...], seen [...]"),
        ("出生 1999年12月31日 咳嗽", "出生 [...] 咳嗽"),
        ("call +49 171 1234567 or a.b@example.org", "call [...] or [...]"),
        ("MRN 00123456", "MRN [...]"),
        ("SpO2 92 %, 38.5 C for 3 days", "SpO2 92 %, 38.5 C for 3 days"),
        ("", ""),
    ],
)
def test_the_indication_is_one_clean_line_of_data(typed, quoted):
    assert quote(typed) == quoted


def test_the_indication_ends_at_500_characters():
    assert quote("咳" * 10_000) == "咳" * 500


def test_the_hash_names_prompt_and_schema():
    facts = make_facts()
    one, two = prompt_for(facts), prompt_for(facts)
    assert one.sha256 == two.sha256
    others = {
        prompt_for(facts, "zh-hans").sha256,
        prompt_for(make_facts(indication="Other")).sha256,
        build_prompt(facts, language="en", schema={}).sha256,
    }
    assert len(others | {one.sha256}) == 4


def test_a_retry_names_eight_errors_at_most_each_on_a_short_line():
    errors = [("wrong_side left", "x" * 1000 + "\n")] * 20
    lines = retry_text(errors, language="en").splitlines()
    assert len(lines) == 10
    assert max(map(len, lines)) <= 202
