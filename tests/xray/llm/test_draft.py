"""The live draft: sentences out of JSON that ends anywhere, twice a second at most."""

from __future__ import annotations

import json

from xray.reports.llm.draft import CHARACTERS, Draft, readable

WHOLE = {
    "findings": [
        {"finding_id": "F1", "label": "pneumonia", "probability": 0.9, "sentence": 'One "two".'},
        {"finding_id": "F1", "sentence": "三 😀\n四"},
    ],
    "impression": ["Five.", "Six."],
}
TEXT = 'One "two". 三 😀 四 Five. Six.'


def test_all_sentences_and_nothing_else_are_shown():
    for escaped in (True, False):
        assert readable(json.dumps(WHOLE, ensure_ascii=escaped)) == TEXT


def test_json_that_ends_anywhere_shows_a_beginning_of_the_text():
    raw = json.dumps(WHOLE)  # escapes, a surrogate pair among them
    shown = [readable(raw[:end]) for end in range(len(raw) + 1)]
    halves = [text for text in shown if "\ud83d" in text]
    assert halves == []
    assert all(TEXT.startswith(text) for text in shown)
    assert (shown[0], shown[-1]) == ("", TEXT)


def test_what_is_no_json_shows_nothing():
    assert readable("I'm ready to assist. \x00 {{{") == ""
    assert readable('{"sentence": "\\x"}') == ""


def test_a_draft_is_capped():
    assert len(readable(json.dumps({"impression": ["x" * 10_000]}))) == CHARACTERS


def test_a_page_is_told_twice_a_second_at_most_and_nothing_twice():
    told = []
    now = [0.0]
    draft = Draft(told.append, clock=lambda: now[0])
    for at, raw in ((0.0, "a"), (0.1, "ab"), (0.49, "abc"), (0.5, "abcd"), (1.1, "abcd")):
        now[0] = at
        draft(f'{{"impression": ["{raw}')
    assert told == ["a", "abcd"]
