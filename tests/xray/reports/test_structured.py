"""The structured report says what the fact sheet holds, and nothing about the rest."""

import re
from string import Formatter

import pytest

from tests.xray.factories import make_facts, make_finding
from xray.labels import LUNG_ZONES, Region
from xray.reports.envelope import canonical
from xray.reports.phrases import HEADINGS, LANGUAGES, PHRASES, VOCABULARY, heading, word
from xray.reports.recommendations import recommend
from xray.reports.structured import OTHER_REGIONS, write_structured

NORMAL = re.compile(r"\bnormal\b|\bclear\b|unremarkable|正常|清晰|无异常|未见异常", re.IGNORECASE)
DENIED = ("does not mean that they are normal", "并不表示其正常")


def cases():
    yield "above", make_finding()
    yield "above_elsewhere", make_finding(region=Region.LEFT_UPPER, probability=0.731)
    yield "above_nowhere", make_finding(region=Region.UNSPECIFIED, inside_share=0.31)
    yield "borderline", make_finding(probability=0.45, interval=(0.39, 0.51))
    yield "below", make_finding(probability=0.031, interval=(0.01, 0.06))


CASES = dict(cases())


def report(finding, language, **changes):
    facts = make_facts(findings=(finding,), **changes)
    return write_structured(facts, language=language, report_id="r-1")


def texts(envelope):
    yield envelope["technique"]
    yield envelope["comparison"]["text"]
    yield from (row["text"] for row in envelope["findings_by_region"])
    yield from (sentence["text"] for sentence in envelope["impression"])
    yield envelope["confidence"]["rule"]
    yield from envelope["recommendation"]
    yield from envelope["limitations"]
    yield envelope["disclaimer"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_not_assessed_is_never_written_as_normal(case, language):
    envelope = report(CASES[case], language)
    for text in texts(envelope):
        rest = text
        for denied in DENIED:
            rest = rest.replace(denied, "")
        assert not NORMAL.search(rest), text
    unassessed = {r["region"]: r for r in envelope["findings_by_region"]}
    for region in OTHER_REGIONS:
        assert unassessed[str(region)]["status"] == "not_assessed"
        assert unassessed[str(region)]["text"] == PHRASES["not_assessed"][LANGUAGES.index(language)]


@pytest.mark.parametrize("case", CASES)
def test_english_and_chinese_reports_carry_the_same_facts(case):
    english, chinese = (report(CASES[case], language) for language in LANGUAGES)
    assert english["ai_findings"] == chinese["ai_findings"]
    for one, other in zip(
        english["findings_by_region"], chinese["findings_by_region"], strict=True
    ):
        assert one["region"] == other["region"]
        assert one["status"] == other["status"]
        assert one["finding_ids"] == other["finding_ids"]
        assert figures(one["text"]) == figures(other["text"])
        assert sides(one["text"], "en") == sides(other["text"], "zh-hans")
    for one, other in zip(english["impression"], chinese["impression"], strict=True):
        assert one["finding_ids"] == other["finding_ids"]
        assert figures(one["text"]) == figures(other["text"])
        assert sides(one["text"], "en") == sides(other["text"], "zh-hans")
    assert english["confidence"]["level"] == chinese["confidence"]["level"]
    assert len(english["limitations"]) == len(chinese["limitations"])
    assert len(english["recommendation"]) == len(chinese["recommendation"])


def figures(text):
    return sorted(re.findall(r"\d\.\d{3}", text))


def sides(text, language):
    words = {"en": ("right", "left", "upper", "middle", "lower zone"), "zh-hans": "右左上中下"}
    if language == "en":
        return [text.lower().count(f"{word} ") + text.count(f"{word}.") for word in words["en"][:4]]
    places = re.findall(r"[右左][上中下]肺野", text)
    return [sum(mark in place for place in places) for mark in "右左上中"]


def test_the_probability_is_the_fact_sheets_three_decimals_everywhere():
    for language in LANGUAGES:
        envelope = report(make_finding(probability=0.9, interval=(0.85, 0.94)), language)
        stated = [text for text in texts(envelope) if "0.9" in text]
        assert len(stated) >= 2
        assert all("0.900" in text or "0.940" in text for text in stated)


def test_a_film_below_the_point_gets_the_fixed_words():
    finding = CASES["below"]
    english, chinese = (report(finding, language) for language in LANGUAGES)
    assert "No evidence above the operating point of pneumonia" in english["impression"][0]["text"]
    assert "未见超过判定阈值的肺炎征象" in chinese["impression"][0]["text"]
    zones = {r["region"]: r["status"] for r in english["findings_by_region"]}
    assert {zones[str(zone)] for zone in LUNG_ZONES} == {"absent"}


def test_a_film_above_the_point_says_nothing_of_its_other_zones():
    envelope = report(CASES["above"], "en")
    status = {r["region"]: r["status"] for r in envelope["findings_by_region"]}
    assert status.pop("right_lower") == "present"
    assert set(status.values()) == {"not_assessed"}


def test_a_finding_without_a_region_has_a_row_that_says_so():
    envelope = report(CASES["above_nowhere"], "en")
    row = envelope["findings_by_region"][0]
    assert (row["region"], row["status"]) == ("unspecified", "present")
    assert "does not single out a lung zone" in row["text"]
    assert "no region given" in envelope["impression"][0]["text"]


def test_without_any_label_nothing_is_said_to_be_assessed():
    envelope = write_structured(make_facts(findings=()), language="en", report_id="r-1")
    assert {row["status"] for row in envelope["findings_by_region"]} == {"not_assessed"}
    assert envelope["confidence"]["level"] == "low"
    assert [s["text"] for s in envelope["impression"]] == [
        "No label was scored; nothing was assessed."
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_warning_of_the_study_becomes_a_limitation(language):
    known = [key.removeprefix("warning_") for key in PHRASES if key.startswith("warning_")]
    known.remove("other")
    for code in known:
        sentence = PHRASES[f"warning_{code}"][LANGUAGES.index(language)]
        assert sentence in report(CASES["above"], language, warnings=(code,))["limitations"]
    unknown = report(CASES["above"], language, warnings=("made_up_code",))["limitations"]
    assert any("made_up_code" in sentence for sentence in unknown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_population_heat_map_and_purpose_are_stated_in_every_report(language):
    envelope = report(CASES["below"], language, warnings=())
    joined = " ".join(envelope["limitations"]) + envelope["disclaimer"]
    for english, chinese in (
        ("children of 1 to 5 years from one hospital", "一家医院 1 至 5 岁儿童"),
        ("not a localisation claim", "并非病灶定位"),
        ("research and education only", "研究和教学"),
    ):
        assert (english if language == "en" else chinese) in joined


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_recommendations_end_with_correlation_and_a_radiologist(case, language):
    advice = recommend(make_facts(findings=(CASES[case],)), language=language)
    at = LANGUAGES.index(language)
    assert advice[-2:] == [
        PHRASES["advise_correlation"][at],
        PHRASES["advise_radiologist"][at],
    ]
    assert len(advice) == 3


@pytest.mark.parametrize(
    ("finding", "warnings", "level"),
    [
        (CASES["above"], (), "high"),
        (CASES["above"], ("population_adult",), "low"),
        (CASES["borderline"], (), "low"),
        (make_finding(probability=0.6, interval=(0.4, 0.8)), (), "moderate"),
    ],
)
def test_the_confidence_follows_its_stated_rule(finding, warnings, level):
    envelope = report(finding, "en", warnings=warnings)
    assert envelope["confidence"]["level"] == level
    assert envelope["confidence"]["rule"].startswith(word("confidence", level, "en"))


def test_the_same_facts_give_the_same_bytes():
    first, second = (canonical(report(CASES["above"], "zh-hans")) for _ in range(2))
    assert first == second


def test_both_languages_of_every_phrase_take_the_same_values():
    for key, (english, chinese) in PHRASES.items():
        assert placeholders(english) == placeholders(chinese), key
        words = key != "view_known"  # brackets alone
        assert not words or re.search(r"[\u4e00-\u9fff]", chinese), key
        assert not re.search(r"[\u4e00-\u9fff]", english), key
    for key in HEADINGS:
        assert heading(key, "en") != heading(key, "zh-hans")
    assert all(pair[0] and pair[1] for words in VOCABULARY.values() for pair in words.values())


def placeholders(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)
