"""Every refusal is a problem document, in the language of the caller."""

import json
import logging

import pytest

from project.api.errors import describe
from tests.api.probes import FAILURES

MEMBERS = {"type", "title", "status", "code", "detail", "fields", "request_id"}
EXPECTED = {
    "service": (409, "not_retryable"),
    "validation": (400, "invalid"),
    "django_validation": (400, "invalid"),
    "parse": (400, "malformed"),
    "anonymous": (401, "not_authenticated"),
    "credentials": (401, "authentication_failed"),
    "jwt": (401, "token_not_valid"),
    "forbidden": (403, "permission_denied"),
    "django_forbidden": (403, "permission_denied"),
    "missing": (404, "not_found"),
    "django_missing": (404, "not_found"),
    "method": (405, "method_not_allowed"),
    "accept": (406, "not_acceptable"),
    "media_type": (415, "unsupported"),
    "throttled": (429, "throttled"),
    "too_big": (413, "too_large"),
    "suspicious": (400, "bad_request"),
    "store": (503, "unavailable"),
    "bug": (500, "server_error"),
}


def test_the_list_of_failures_is_whole():
    assert set(EXPECTED) == {*FAILURES, "bug"}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", EXPECTED)
def test_every_failure_of_a_rest_view_is_a_problem(api, name, language):
    answer = api.get(f"/api/probe/fail/{name}/", headers={"accept-language": language})
    status, code = EXPECTED[name]
    body = json.loads(answer.content)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert set(body) >= MEMBERS
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"/docs/errors#{code}"
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == answer["X-Request-Id"]


@pytest.mark.parametrize("name", EXPECTED)
def test_no_answer_shows_what_went_wrong_inside(api, name):
    for path in (f"/api/probe/fail/{name}/", f"/page/{name}/"):
        text = api.get(path).content.decode()
        for secret in ("Traceback", "internal", "secret internals", "10.0.0.7", "RuntimeError"):
            assert secret not in text


def test_a_service_error_keeps_its_fields_and_its_extra_members(api):
    answer = api.get("/api/probe/fail/service/")
    body = answer.json()
    assert body["fields"] == {"file": [{"code": "corrupt_image", "detail": "broken"}]}
    assert body["allowed"] == ["png"]
    assert body["retry_after_seconds"] == 7
    assert answer["Retry-After"] == "7"


def test_a_challenge_comes_with_every_401(api):
    for name in ("anonymous", "credentials", "jwt"):
        assert api.get(f"/api/probe/fail/{name}/")["WWW-Authenticate"]


def test_a_throttled_caller_learns_when_to_come_back(api):
    assert api.get("/api/probe/fail/throttled/")["Retry-After"] == "12"


def test_a_bug_is_logged_under_the_request_id_and_not_shown(api, caplog):
    with caplog.at_level(logging.ERROR):
        answer = api.get("/api/probe/fail/bug/", headers={"x-request-id": "quoted-by-a-user"})
    assert answer.json()["request_id"] == "quoted-by-a-user"
    assert any(
        record.exc_info and "secret internals" in str(record.exc_info[1])
        for record in caplog.records
    )


def test_a_bug_is_not_taken_for_a_refusal():
    assert describe(RuntimeError("x")) is None
    assert describe(KeyError("x")) is None


@pytest.mark.parametrize(
    "name", ["service", "django_missing", "django_forbidden", "suspicious", "store", "bug"]
)
def test_a_failing_page_is_a_page_with_the_same_status(api, name):
    answer = api.get(f"/page/{name}/")
    status, code = EXPECTED[name]
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    assert f"<code>{status} {code}</code>" in answer.content.decode()


def test_an_unknown_path_is_json_under_api_and_a_page_elsewhere(api):
    assert api.get("/api/v1/nothing/").json()["code"] == "not_found"
    assert api.get("/nothing/")["Content-Type"].startswith("text/html")


def test_wrong_fields_are_named_with_their_place(api):
    body = {"name": "too long", "items": [{"size": 1}, {"size": 9}]}
    fields = api.post("/api/probe/echo/", body).json()["fields"]
    assert {name: [item["code"] for item in items] for name, items in fields.items()} == {
        "name": ["max_length"],
        "items.1.size": ["max_value"],
    }


def test_an_error_about_the_whole_body_is_its_detail(api):
    body = api.post("/api/probe/echo/", {"name": "both"}).json()
    assert body["detail"] == "Choose one."
    assert body["fields"] == {"non_field_errors": [{"code": "ambiguous", "detail": "Choose one."}]}


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b'{"name": ', 400, "malformed"),
        (b'{"name": NaN}', 400, "malformed"),
        (b'{"name": "a\\u0000"}', 400, "malformed"),
        (b'{"name": "\\ud800"}', 400, "malformed"),
        (b'\xff\xfe', 400, "malformed"),
        (b'{"n": ' + b"9" * 5000 + b"}", 400, "malformed"),
        (b"[" * 33 + b"]" * 33, 400, "json_too_deep"),
        (b"[" * 200_000, 400, "json_too_deep"),
        (b'"' + b"a" * 1_000_000 + b'"', 413, "too_large"),
    ],
)  # fmt: skip
def test_bad_json_is_refused_with_a_code(api, sent, status, code):
    answer = api.generic("POST", "/api/probe/echo/", sent, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_json_at_the_depth_limit_is_parsed(api):
    sent = b'{"name": "ok", "more": ' + b"[" * 31 + b"]" * 31 + b"}"
    answer = api.generic("POST", "/api/probe/echo/", sent, content_type="application/json")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"]
)
def test_a_foreign_content_type_is_refused(api, content_type):
    answer = api.generic("POST", "/api/probe/echo/", b"name=a", content_type=content_type)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported")


def test_a_given_request_id_is_kept_only_when_it_is_harmless(api):
    kept = api.get("/healthz", headers={"x-request-id": "abc-12345"})
    replaced = api.get("/healthz", headers={"x-request-id": "a\tb <script>"})
    assert kept["X-Request-Id"] == "abc-12345"
    assert replaced["X-Request-Id"].isalnum()


def test_every_log_line_carries_the_request_id(api):
    from project.log_redaction import PlainFormatter

    lines = []

    class Collect(logging.Handler):
        def emit(self, record):
            lines.append(PlainFormatter().format(record))

    handler = Collect()
    logging.getLogger("django.request").addHandler(handler)
    try:
        api.get("/api/probe/fail/bug/", headers={"x-request-id": "followed-through"})
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert lines
    assert all("[followed-through]" in line for line in lines)
