"""A set written without sight of the verifier, which was not changed because of its true answers."""

from __future__ import annotations

from tests.xray.reports.cases import facts_of, load
from xray.reports.verifier import verify

ACCEPTED_AT_FIRST_SIGHT = 35


def verdict(item):
    return verify(item["answer"], facts_of(item["facts"]), language=item["language"])


def test_no_untrue_phrase_of_the_third_set_gets_into_a_report():
    for item in load("adversarial_third"):
        found = verdict(item)
        shown = " ".join(one["text"] for one in found.sentences) if found.accepted else ""
        assert not [phrase for phrase in item["untrue"] if str(phrase) in shown], item["id"]
        assert not (found.accepted and item["must_reject"]), item["id"]


def test_as_many_true_answers_are_accepted_as_at_first_sight():
    items = load("truthful_third")
    assert len(items) == 40
    assert sum(verdict(item).accepted for item in items) >= ACCEPTED_AT_FIRST_SIGHT
