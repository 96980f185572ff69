"""Both protocols over real HTTP: what a good server says arrives, all else is a coded failure."""

from __future__ import annotations

import base64

import pytest

from tests.xray.llm import fake_server as fake
from tests.xray.llm.fake_server import MODEL, says, serving
from tests.xray.llm.servers import PATIENT, QUICK, policy_for, server_for
from xray.reports.llm.client import Ask, Message, client_for
from xray.reports.llm.errors import LlmError

KINDS = pytest.mark.parametrize("kind", ["ollama", "openai"])
SCHEMA = {"type": "object", "properties": {"findings": {"type": "array"}}}
TEXT = '{"findings": [], "impression": ["右下肺野 😀 \u2028 肺炎"]}'


def ask(**changes):
    messages = (Message(role="system", content="S"), Message(role="user", content="U"))
    return Ask(**{"messages": messages, "schema": SCHEMA, "seconds": 30.0, **changes})


def chat(server, question=None, *, on_text=lambda text: None, check=lambda: None):
    return client_for(server).chat(question or ask(), on_text=on_text, check=check)


def failure_of(script, *, kind, limits=PATIENT):
    with serving(script) as server, pytest.raises(LlmError) as failure:
        chat(server_for(server, kind=kind, limits=limits), ask(seconds=limits.seconds))
    return failure.value


@KINDS
def test_a_whole_answer_arrives_with_every_state_on_the_way(kind):
    states = []
    with serving(says(TEXT, at_once=9)) as server:
        completion = chat(server_for(server, kind=kind), on_text=states.append)
    assert completion.text == TEXT
    assert states == [TEXT[: end + 9] for end in range(0, len(TEXT), 9)]


@KINDS
def test_characters_torn_between_pieces_come_out_whole(kind):
    with serving(fake.says_byte_by_byte(TEXT)) as server:
        assert chat(server_for(server, kind=kind)).text == TEXT


def test_ollama_is_asked_for_a_schema_a_fixed_seed_and_few_tokens():
    with serving(says("{}")) as server:
        completion = chat(server_for(server, secret="s3cret"))
        [(path, headers, body)] = server.asked
    assert (path, headers["Authorization"]) == ("/api/chat", "Bearer s3cret")
    assert body == {
        "model": MODEL, "stream": True, "think": False, "format": SCHEMA, "keep_alive": "10m",
        "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}],
        "options": {"temperature": 0, "seed": 1, "num_ctx": 4096, "num_predict": 400},
    }  # fmt: skip
    assert completion.tokens == 42


def test_an_openai_server_is_asked_for_a_schema_a_fixed_seed_and_few_tokens():
    with serving(says("{}")) as server:
        chat(server_for(server, kind="openai"))
        [(path, headers, body)] = server.asked
    assert (path, headers["Authorization"]) == ("/v1/chat/completions", None)
    assert body == {
        "model": MODEL, "stream": True, "temperature": 0, "seed": 1, "max_tokens": 400,
        "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "report", "strict": True, "schema": SCHEMA},
        },
    }  # fmt: skip


def test_a_picture_goes_with_the_question_in_the_form_of_each_protocol():
    picture = b"\x89PNG picture"
    coded = base64.b64encode(picture).decode()
    with serving(says("{}")) as server:
        chat(server_for(server), ask(picture=picture))
        chat(server_for(server, kind="openai"), ask(picture=picture))
        ollama, openai = server.chats
    assert [message.get("images") for message in ollama["messages"]] == [None, [coded]]
    assert openai["messages"][1]["content"] == [
        {"type": "text", "text": "U"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{coded}"}},
    ]


@KINDS
def test_the_models_of_a_server_are_listed(kind):
    with serving(models=["llama3.1:8b", "qwen3:latest"]) as server:
        names = client_for(server_for(server, kind=kind)).models()
    assert names[:2] == ["llama3.1:8b", "qwen3:latest"]


def test_ollama_finds_a_model_without_its_tag_latest_and_tells_its_version():
    with serving(models=["qwen3:latest"]) as server:
        client = client_for(server_for(server))
        assert ("qwen3" in client.models(), client.version()) == (True, "0.40.12")


def test_an_address_with_a_final_slash_or_v1_is_forgiven():
    with serving(says("{}")) as server:
        for end in ("/", "/v1", "/v1/"):
            chat(server_for(server, kind="openai", base_url=server.url + end))
        assert {path for path, *_ in server.asked} == {"/v1/chat/completions"}


@KINDS
@pytest.mark.parametrize(
    ("script", "code"),
    [
        (fake.stalls, "llm_timeout"),
        (fake.keeps_alive_without_a_word, "llm_timeout"),
        (fake.stalls_after('{"findings'), "llm_timeout"),
        (fake.refuses(500), "llm_unavailable"),
        (fake.refuses(401, b'{"error": "unauthorized"}'), "llm_unavailable"),
        (fake.refuses(307), "llm_unavailable"),
        (fake.refuses(404, b"404 page not found"), "llm_unavailable"),
        (fake.refuses(404, b'{"error": "model \\"x\\" not found"}'), "llm_model_missing"),
        (fake.errs_midway, "llm_answer_invalid"),
        (fake.breaks_off_after('{"findings'), "llm_answer_invalid"),
        (fake.hangs_up, "llm_answer_invalid"),
        (fake.never_stops, "llm_answer_invalid"),
        (fake.says_bytes(b'{"message": {"content": "\xff\xfe"}}\n'), "llm_answer_invalid"),
        (fake.says_bytes(b"data: no json\n"), "llm_answer_invalid"),
        (fake.says_bytes(b"[" * 60_000 + b"\n"), "llm_answer_invalid"),
        (fake.says_bytes(b"data: [1, 2]\n\n[1]\n"), "llm_answer_invalid"),
        (fake.says_bytes(b""), "llm_answer_invalid"),
    ],
)
def test_what_is_no_whole_answer_is_a_coded_failure(script, code, kind):
    limits = QUICK if code == "llm_timeout" else PATIENT
    assert failure_of(script, kind=kind, limits=limits).code == code


@KINDS
def test_what_a_server_says_of_its_failure_stays_out_of_the_text_of_the_error(kind):
    error = failure_of(fake.errs_midway, kind=kind)
    assert "PROMPT-CANARY" in error.server_text
    assert "PROMPT-CANARY" not in f"{error!r} {error}"


def test_a_missing_model_comes_with_the_command_that_fetches_it():
    error = failure_of(fake.refuses(404, b'{"error": "model \'x\' not found"}'), kind="ollama")
    assert error.command == f"ollama pull {MODEL}"


@KINDS
def test_a_server_that_is_down_is_unavailable(kind):
    with serving() as server:
        gone = server_for(server, kind=kind, limits=PATIENT)
    with pytest.raises(LlmError) as failure:
        chat(gone)
    assert failure.value.code == "llm_unavailable"


@KINDS
def test_llm_host_outside_the_allow_list_is_refused(kind):
    """Loopback, because it is not listed with this port; a public host, because nothing is."""
    with serving(says("{}")) as server:
        for policy in (policy_for(), policy_for("127.0.0.1:11434"), policy_for("models.example")):
            for url in (server.url, "http://93.184.215.14", "http://169.254.169.254"):
                with pytest.raises(LlmError) as failure:
                    chat(server_for(server, kind=kind, policy=policy, base_url=url))
                assert failure.value.code == "llm_host_refused"
    assert server.asked == []


@KINDS
def test_a_cancel_ends_the_wait_and_not_as_a_failure_of_the_server(kind):
    class Cancelled(Exception):
        pass

    def check():
        raise Cancelled

    with serving(fake.stalls) as server, pytest.raises(Cancelled):
        chat(server_for(server, kind=kind), check=check)
