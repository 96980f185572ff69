"""A set by a blind author: 38 of 60 true answers were accepted at first sight, and nothing untrue shown."""

from __future__ import annotations

from tests.xray.reports.cases import facts_of, load
from xray.reports.verifier import verify

ACCEPTED_NOW = 56
ONLY_DROPPED = {"z006", "z009", "z028", "z032", "z039", "z040", "z046", "z055", "z060"}
"""Their author would reject these whole; the untrue sentence is left out and true ones are shown."""


def verdict(item):
    return verify(item["answer"], facts_of(item["facts"]), language=item["language"])


def test_no_untrue_phrase_of_the_fourth_set_gets_into_a_report():
    accepted = set()
    for item in load("adversarial_fourth"):
        found = verdict(item)
        shown = " ".join(one["text"] for one in found.sentences)
        assert not [phrase for phrase in item["untrue"] if phrase in shown], item["id"]
        if found.accepted and item["must_reject"]:
            accepted.add(item["id"])
    assert accepted <= ONLY_DROPPED


def test_nine_in_ten_true_answers_of_the_fourth_set_are_accepted():
    items = load("truthful_fourth")
    assert len(items) == 60
    assert sum(verdict(item).accepted for item in items) >= ACCEPTED_NOW
