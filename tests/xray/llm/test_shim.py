"""`llm_serve`: Ollama's protocol in front of an engine; here the engine is the fake server."""

from __future__ import annotations

import http.client
import json
import sys
import threading
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command

from tests.xray.llm import fake_server as fake
from tests.xray.llm.fake_server import says, serving
from tests.xray.llm.servers import PATIENT, policy_for
from xray.llm_serve.shim import MAX_BODY_BYTES, Shim
from xray.reports.llm.breaker import Breaker, MemoryBreakerStore
from xray.reports.llm.client import Ask, Message, client_for
from xray.reports.llm.errors import LlmError
from xray.reports.llm.server import LlmServer

NAME = "tiny:1b"
SCHEMA = {"type": "object", "properties": {"impression": {"type": "string"}}}
TEXT = '{"impression": "右下肺野 😀"}'


@contextmanager
def shim_over(*script):
    """A shim, and the fake engine behind it."""
    with serving(*script) as behind:
        shim = Shim(
            ("127.0.0.1", 0), engine_url=behind.url, engine_key="inner", name=NAME, version="v",
            context=4096,
        )  # fmt: skip
        thread = threading.Thread(target=shim.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield shim, behind
        finally:
            shim.shutdown()
            thread.join()
            shim.server_close()


def client_of(shim, **changes):
    given = {
        "kind": "ollama", "base_url": shim.url, "model": NAME, "limits": PATIENT,
        "policy": policy_for(f"127.0.0.1:{shim.server_address[1]}"),
        "breaker": Breaker(MemoryBreakerStore()), **changes,
    }  # fmt: skip
    return client_for(LlmServer(**given))


def chat(client, **changes):
    messages = (Message(role="system", content="S"), Message(role="user", content="U"))
    ask = Ask(**{"messages": messages, "schema": SCHEMA, "seconds": 30.0, **changes})
    return client.chat(ask, on_text=lambda text: None, check=lambda: None)


def raw(shim, method, path, body=None, **headers):
    """Status and parsed answer of any request."""
    connection = http.client.HTTPConnection("127.0.0.1", shim.server_address[1], timeout=30)
    try:
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_our_client_gets_text_version_and_models_through_the_shim():
    with shim_over(fake.says_byte_by_byte(TEXT)) as (shim, behind):
        client = client_of(shim)
        assert (client.version(), client.models(), chat(client).text) == ("v", [NAME], TEXT)
        [(path, headers, sent)] = behind.asked
    assert headers["Authorization"] == "Bearer inner"
    assert (path, sent) == (
        "/v1/chat/completions",
        {
            "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}],
            "stream": True, "stream_options": {"include_usage": True},
            "temperature": 0, "seed": 1, "max_tokens": 400,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "format", "strict": True, "schema": SCHEMA},
            },
        },
    )  # fmt: skip


@pytest.mark.parametrize("script", [fake.errs_midway, fake.hangs_up, fake.refuses(500)])
def test_an_engine_that_fails_is_a_failure_for_the_client(script):
    with shim_over(script) as (shim, _), pytest.raises(LlmError) as failure:
        chat(client_of(shim))
    assert failure.value.code in {"llm_answer_invalid", "llm_unavailable"}


def test_a_model_that_is_not_served_is_missing():
    with shim_over(says(TEXT)) as (shim, behind):
        with pytest.raises(LlmError) as failure:
            chat(client_of(shim, model="llama3.1:8b"))
        assert (failure.value.code, behind.asked) == ("llm_model_missing", [])


def test_without_streaming_the_answer_is_one_object():
    with shim_over(says(TEXT)) as (shim, _):
        body = {"model": NAME, "stream": False, "messages": [{"role": "user", "content": "U"}]}
        status, said = raw(shim, "POST", "/api/chat", body)
    assert (status, said["message"]["content"], said["done"]) == (200, TEXT, True)
    assert said["total_duration"] > 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"options": {"mirostat": 2}}, "mirostat"),
        ({"options": {"num_ctx": 8192}}, "num_ctx"),
        ({"options": []}, "options"),
        ({"tools": []}, "tools"),
        ({"think": True}, "thinking"),
        ({"format": "yaml"}, "format"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "role"),
        ({"messages": [{"role": "user", "content": "x", "images": ["eA=="]}]}, "pictures"),
    ],
)
def test_what_is_not_supported_is_refused_by_name_and_not_ignored(change, named):
    body = {"model": NAME, "messages": [{"role": "user", "content": "U"}], **change}
    with shim_over(says(TEXT)) as (shim, behind):
        status, said = raw(shim, "POST", "/api/chat", body)
        assert (status, named in said["error"], behind.asked) == (400, True, [])


def test_a_browser_on_another_site_may_not_ask():
    body = {"model": NAME, "messages": [{"role": "user", "content": "U"}]}
    with shim_over(says(TEXT)) as (shim, behind):
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
            assert raw(shim, "POST", "/api/chat", body, **headers)[0] == 403
            assert raw(shim, "GET", "/api/tags", **headers)[0] == 403
        assert behind.asked == []


def test_bodies_that_are_no_json_object_or_too_long_are_refused():
    with shim_over(says(TEXT)) as (shim, _):
        for content in (b"", b"no json", b"[1]", b"[" * 100_000):
            assert raw(shim, "POST", "/api/chat", content)[0] == 400
        too_long = str(MAX_BODY_BYTES + 1)
        assert raw(shim, "POST", "/api/chat", b"{", **{"Content-Length": too_long})[0] == 413
        assert raw(shim, "POST", "/api/pull", {})[0] == 404
        assert raw(shim, "GET", "/api/ps")[0] == 404


def test_a_client_that_leaves_ends_the_engines_work():
    with shim_over(fake.never_stops) as (shim, behind):
        with pytest.raises(KeyboardInterrupt):
            client_of(shim).chat(
                Ask(messages=(Message(role="user", content="U"),), schema={}, seconds=30.0),
                on_text=_interrupt,
                check=lambda: None,
            )
        assert behind.was_left.wait(30)


def _interrupt(text):
    raise KeyboardInterrupt


def test_without_the_package_the_command_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    model = tmp_path / "tiny.gguf"
    model.write_bytes(b"GGUF")
    with pytest.raises(CommandError, match=r"requirements/llm\.txt"):
        call_command("llm_serve", str(model))


def test_a_missing_model_file_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"no file .*none\.gguf"):
        call_command("llm_serve", str(tmp_path / "none.gguf"))
