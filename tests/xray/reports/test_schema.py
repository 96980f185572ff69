"""The shape of an answer admits nothing that the fact sheet does not hold."""

import jsonschema
import pytest

from tests.xray.factories import make_facts, make_finding
from tests.xray.reports.cases import facts_of, load
from xray.labels import Region
from xray.reports.llm.schema import MAX_CHARACTERS, schema

GOOD = {
    "finding_id": "F1", "label": "pneumonia", "side": "right", "region": "right_lower",
    "probability": 0.912, "sentence": "Pneumonia is likely.",
}  # fmt: skip


def valid(answer, facts=None, language="en"):
    checker = jsonschema.Draft202012Validator(schema(facts or make_facts(), language))
    return checker.is_valid(answer)


def test_enums_are_exactly_what_the_fact_sheet_holds():
    facts = make_facts(findings=(make_finding(), make_finding(id="F2", region=Region.LEFT_UPPER)))
    found = schema(facts, "en")["properties"]["findings"]["items"]["properties"]
    assert found["finding_id"]["enum"] == ["F1", "F2"]
    assert found["label"]["enum"] == ["pneumonia"]
    assert found["side"]["enum"] == ["right", "left"]
    assert found["region"]["enum"] == ["right_lower", "left_upper"]


@pytest.mark.parametrize(
    "changed",
    [
        {"side": "left"}, {"region": "left_lower"}, {"label": "effusion"}, {"finding_id": "F2"},
        {"probability": 1.2}, {"sentence": ""}, {"sentence": "x" * 301}, {"note": "more"},
    ],
)  # fmt: skip
def test_another_side_region_label_key_or_length_is_no_valid_answer(changed):
    assert valid({"findings": [GOOD], "impression": []})
    assert not valid({"findings": [GOOD | changed], "impression": []})


def test_lists_are_closed_and_short():
    assert not valid({"findings": [GOOD] * 3, "impression": []})
    assert not valid({"findings": [], "impression": ["x"] * 4})
    assert not valid({"findings": []})
    assert not valid({"findings": [], "impression": [], "extra": 1})
    nothing = make_facts(findings=())
    assert valid({"findings": [], "impression": []}, nothing)
    assert not valid({"findings": [GOOD], "impression": []}, nothing)


def test_every_truthful_answer_fits_the_schema():
    for case in load("truthful"):
        assert valid(case["answer"], facts_of(case["facts"]), case["language"]), case["id"]
        for found in case["answer"]["findings"]:
            assert len(found["sentence"]) <= MAX_CHARACTERS[case["language"]]
