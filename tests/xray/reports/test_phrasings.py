"""What language models write of a fact sheet, and false sentences out of the same everyday words."""

from __future__ import annotations

import pytest

from tests.xray.factories import make_facts, make_finding
from tests.xray.reports.cases import load
from xray.labels import LUNG_ZONES, Region, Side, side_of
from xray.reports.answers import Said
from xray.reports.facts import band_of
from xray.reports.verifier import check_sentence, read, verify

SETS = load("phrasings")


def facts_of(given, **changes):
    """`0.912/0.437/right_lower`: probability, operating point, and zone, side, `both` or `none`."""
    probability, point, place = given.split("/")
    region = Region(place) if place in LUNG_ZONES else Region.UNSPECIFIED
    sides = {"right": Side.RIGHT, "left": Side.LEFT, "both": Side.BOTH, "none": Side.UNSPECIFIED}
    p, o = float(probability), float(point)
    finding = make_finding(
        probability=p, operating_point=o, band=band_of(p, o), region=region,
        side=sides.get(place) or side_of(region),
        interval=(max(0.0, round(p - 0.045, 3)), min(1.0, round(p + 0.036, 3))),
        inside_share=0.88 if region in LUNG_ZONES else None,
    )  # fmt: skip
    return make_facts(findings=(finding,), indication="", warnings=(), **changes)


def answer(facts, *sentences):
    finding = facts.findings[0]
    return {
        "findings": [
            {"finding_id": "F1", "label": "pneumonia", "side": str(finding.side), "region": str(finding.region),
             "probability": finding.probability, "sentence": " ".join(sentences)},
        ],
        "impression": [],
    }  # fmt: skip


def test_no_false_sentence_of_everyday_words_is_shown_beside_a_true_one():
    shown = []
    for case in SETS["false"]:
        facts = facts_of(case["facts"])
        finding = facts.findings[0].probability
        english = case["language"] == "en"
        true = f"Pneumonia has a probability of {finding}." if english else f"肺炎概率为{finding}。"
        for given in (answer(facts, true, case["text"]), f"{true} {case['text']}"):
            verdict = verify(given, facts, language=case["language"])
            shown += [s["text"] for s in verdict.sentences if s["text"] != true]
    assert len(SETS["false"]) >= 300
    assert not shown


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nine_in_ten_ways_to_say_what_the_sheet_says_contradict_nothing(language):
    cases = [case for case in SETS["true"] if case["language"] == language]
    hard = []
    whole = 0
    for case in cases:
        facts = facts_of(case["facts"])
        verdict = verify(answer(facts, case["text"]), facts, language=language)
        wrong = [p for p in verdict.errors if p.code not in ("omission", "empty")]
        hard += [(case["text"], wrong)] if wrong else []
        whole += not wrong and not verdict.dropped
    assert len(cases) >= 100
    assert len(hard) <= len(cases) // 20, hard
    assert whole >= 0.85 * len(cases)


@pytest.mark.parametrize(
    ("facts", "true", "false"),
    [
        ("0.912/0.437/right_lower", "About nine in ten is the probability of pneumonia.",
         "Nine in ten is the probability of pneumonia."),
        ("0.912/0.437/right_lower", "The pneumonia score is just over 91%.",
         "The pneumonia score is just under 91%."),
        ("0.688/0.52/right_middle", "Roughly two in three is the probability of pneumonia.",
         "Roughly three in four is the probability of pneumonia."),
        ("0.912/0.437/right_lower", "Pneumonia (+), 0.912.", "Pneumonia (-), 0.912."),
        ("0.912/0.437/right_lower", "Pneumonia, RLZ, 0.912.", "Pneumonia, LLZ, 0.912."),
        ("0.912/0.437/right_lower", "The score is beyond the threshold of 0.437.",
         "The score of 0.437 is beyond the threshold of 0.912."),
        ("0.912/0.437/right_lower", "A false positive is possible.", "The finding is a false positive."),
        ("0.912/0.437/right_lower", "Radiologist to confirm.", "Radiologist confirmed."),
        ("0.912/0.437/right_lower", "The result must be correlated.", "It must be pneumonia."),
        ("0.452/0.437/right_lower", "Pneumonia is neither supported nor excluded.",
         "Pneumonia is not supported."),
        ("0.031/0.437/none", "No pneumonia was flagged by the model (0.031).", "No pneumonia (0.031)."),
        ("0.912/0.437/right_lower", "约九成的概率为肺炎。", "九成的患儿为肺炎。"),
        ("0.452/0.437/right_lower", "模型拿不准是不是肺炎。", "模型认为不是肺炎。"),
        ("0.912/0.437/right_lower", "肺炎概率91%左右。", "左右均有肺炎。"),
        ("0.912/0.437/right_lower", "可能存在误报。", "这是误报。"),
        ("0.912/0.437/right_lower", "Pneumonia at 0.912, which is 0.475 above the screening threshold of 0.437.",
         "Pneumonia at 0.912, which is 0.375 above the screening threshold of 0.437."),
        ("0.651/0.437/right_lower", "The likelihood of pneumonia is just under two in three (0.651).",
         "The likelihood of pneumonia is just over two in three (0.651)."),
        ("0.912/0.437/right_lower", "【印象】肺炎，0.912。", "【印象】无肺炎，0.912。"),
        ("0.912/0.437/none", "热图未指向明确的肺野。", "热图指向明确的肺野。"),
        ("0.912/0.437/right_lower", "以上结论由模型给出。", "概率在0.95以上。"),
    ],
)  # fmt: skip
def test_a_way_of_speaking_passes_only_where_it_holds(facts, true, false):
    language = "en" if true.isascii() else "zh-hans"
    sheet = facts_of(facts)
    assert not check_sentence(read(Said(true, "findings", "F1"), sheet, language))
    assert check_sentence(read(Said(false, "findings", "F1"), sheet, language))


@pytest.mark.parametrize("marks", [("1. ", "2. "), ("(1) ", "(2) "), ("1) ", "2) ")])
def test_the_numbers_of_a_list_are_no_figures(marks):
    text = "\n".join([f"{marks[0]}Pneumonia is likely.", f"{marks[1]}Right lower zone, 0.912."])
    verdict = verify(text, facts_of("0.912/0.437/right_lower"), language="en")
    assert verdict.accepted
    assert len(verdict.sentences) == 2


def test_a_child_is_named_only_where_the_sheet_holds_a_child_s_age():
    text = "The child's film has a pneumonia score of 0.912."
    for band, flagged in (("0-4", False), ("10-14", False), ("", True), ("40-44", True)):
        sheet = facts_of("0.912/0.437/right_lower", age_band=band)
        reading = read(Said(text, "findings", "F1"), sheet, "en")
        assert bool(check_sentence(reading)) is flagged, band


def test_a_sentence_that_defers_or_denies_is_dropped_where_its_reading_is_in_doubt():
    sheet = facts_of("0.912/0.437/right_lower")
    good = "Pneumonia is likely at 0.912."
    doubtful = verify(f"{good} A marked change of plan needs a physician.", sheet, language="en")
    assert [s["text"] for s in doubtful.sentences] == [good] or not doubtful.accepted
    claimed = verify(f"{good} The doctor reviewed it.", sheet, language="en")
    assert claimed.accepted
    assert [s["text"] for s in claimed.sentences] == [good]
    organism = verify(f"{good} A bacterial cause is seen.", sheet, language="en")
    assert not organism.accepted


@pytest.mark.parametrize(
    ("sentence", "rejected"),
    [
        ("This is not a clean bill of health.", False), ("The lungs are clean.", True),
        ("The two are far apart.", False), ("The score is 0.8.", True),
        ("Repeat imaging is at the discretion of a physician.", False), ("Start antibiotics.", True),
        ("Correlation with fever, if any, is left to the clinician.", False), ("The child has fever.", True),
        ("Whether this is bacterial is beyond the tool.", False), ("It is bacterial.", True),
        ("Antibiotic decisions cannot be based on it.", False), ("Change since the prior film.", True),
        ("The result must be weighed with caution by two.", False), ("It must be pneumonia.", True),
    ],
)  # fmt: skip
def test_only_what_is_surely_untrue_rejects_the_answer_and_neither_is_shown(sentence, rejected):
    good = "Pneumonia is likely at 0.912."
    found = verify(f"{good} {sentence}", facts_of("0.912/0.437/right_lower"), language="en")
    assert found.accepted is not rejected
    assert sentence not in [s["text"] for s in found.sentences]
