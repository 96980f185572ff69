"""All answers written to deceive, sent by a server over HTTP: no untrue claim gets to a report."""

from __future__ import annotations

import json

from tests.xray.llm.fake_server import says, serving
from tests.xray.llm.servers import server_for
from tests.xray.reports.cases import facts_of, load
from xray.reports.llm.errors import LlmError
from xray.reports.llm.writer import write_with_llm


def sent(case, server):
    """What of the answer would get into a report; an empty text when nothing does."""
    answer = case["answer"]
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    server.script[:] = [says(text, at_once=200)]
    try:
        got = write_with_llm(
            facts_of(case["facts"]), language=case["language"], server=server_for(server)
        )
    except LlmError as error:
        assert error.code == "llm_rejected", (case["id"], error)
        return ""
    return " ".join(sentence["text"] for sentence in (*got.narrative, *got.impression))


def test_of_two_hundred_deceiving_answers_no_untrue_claim_comes_through():
    cases = load("adversarial")
    with serving(says("{}")) as server:
        leaks = [
            (case["id"], claim)
            for case in cases
            for text in [sent(case, server)]
            for claim in case["untrue"]
            if claim in text
        ]
    assert (len(cases), leaks) == (200, [])


def test_true_answers_come_through_the_same_way():
    """Or the test above would also pass with a writer that gives nothing back."""
    cases = load("truthful")
    with serving(says("{}")) as server:
        kept = [case["id"] for case in cases if sent(case, server)]
    assert len(kept) >= 95
