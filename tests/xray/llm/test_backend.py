"""The row of the server: who changes it, what leaves of its secret, what it says of itself."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Role
from project.errors import ServiceError
from project.outbound.allow_list import AllowList
from project.sealing import CannotUnseal
from tests.factories import UserFactory
from tests.xray.llm.fake_server import MODEL, serving
from xray.models import AuditEvent, LlmBackend
from xray.reports.llm.breaker import Breaker
from xray.reports.llm.errors import LlmError
from xray.services import llm_status
from xray.services.llm_backend import current_server, fingerprint, save_backend
from xray.services.llm_breaker import CacheBreakerStore
from xray.services.llm_words import explain

URL = "/api/v1/xray/llm/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def administrator():
    client = APIClient()
    client.force_authenticate(UserFactory(role=Role.ADMINISTRATOR))
    return client


def allow(settings, *entries):
    settings.XRAY_LLM_ALLOWED_HOSTS = AllowList.parse(entries)


def saved(**changes):
    given = {
        "row": None, "kind": "ollama", "base_url": "http://127.0.0.1:11434", "model": MODEL,
        "is_enabled": True, "sends_images": False, **changes,
    }  # fmt: skip
    return save_backend(**given)


def test_the_first_enabled_row_by_order_is_used():
    saved(name="off", is_enabled=False, order=0)
    saved(name="second", model="two", order=2)
    saved(name="first", model="one", order=1)
    assert current_server().model == "one"


def test_the_limits_are_those_of_the_settings(settings):
    settings.XRAY_LLM_FIRST_WORD = timedelta(seconds=45)
    settings.XRAY_LLM_TIMEOUT = timedelta(minutes=3)
    saved()
    limits = current_server().limits
    assert (limits.connect_seconds, limits.first_seconds, limits.seconds) == (2.0, 45.0, 180.0)


def test_who_sends_films_where_is_in_the_trail_without_the_address(settings):
    allow(settings, "10.0.0.5:11434")
    actor = UserFactory(role=Role.ADMINISTRATOR)
    saved(actor=actor, sends_images=True, base_url="http://10.0.0.5:11434")
    event = AuditEvent.objects.get(action="llm.changed")
    assert (event.actor_id, event.details["sends_images"]) == (actor.pk, True)
    assert "10.0.0.5" not in str(event.details)


def test_two_that_add_the_first_server_at_once_make_one_row():
    saved(row=None, model="one")
    saved(row=None, model="two")
    assert LlmBackend.objects.get().model == "two"


def test_without_an_enabled_row_there_is_no_server():
    saved(is_enabled=False)
    assert current_server() is None


def test_a_secret_is_sealed_in_the_database_and_open_in_the_server():
    saved(secret="tell-nobody")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM xray_llmbackend")
        assert "tell-nobody" not in str(cursor.fetchall())
    server = current_server()
    assert server.secret == "tell-nobody"
    assert "tell-nobody" not in repr(server)


def test_a_secret_of_another_key_is_an_error_and_not_an_empty_secret(settings):
    row = saved(secret="tell-nobody")
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(CannotUnseal):
        current_server()
    assert llm_status.check_backend(row).code == "llm_secret_unreadable"


def test_a_stored_secret_does_not_follow_to_another_address(settings):
    allow(settings, "127.0.0.1:11434", "10.0.0.5:11434")
    row = saved(secret="tell-nobody")
    for url in ("http://10.0.0.5:11434", "https://127.0.0.1:11434"):
        with pytest.raises(ServiceError) as refusal:
            saved(row=row, base_url=url)
        assert refusal.value.code == "llm_secret_needed"
    assert LlmBackend.objects.get().base_url == "http://127.0.0.1:11434"
    saved(row=row, base_url="http://127.0.0.1:11434/", model="other")
    assert current_server().secret == "tell-nobody"
    saved(row=row, base_url="http://10.0.0.5:11434", secret="")
    assert current_server().secret == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:6379", "http://10.0.0.5:11434", "http://169.254.169.254",
        "https://api.example.org", "ftp://127.0.0.1:11434", "127.0.0.1:11434", "",
        "http://user:word@127.0.0.1:11434", "http://127.0.0.1:11434/?x=", "http://127.0.0.1:11434#",
    ],
)  # fmt: skip
def test_an_address_that_is_not_listed_is_not_stored(url, settings):
    allow(settings, "127.0.0.1:11434")
    with pytest.raises(ServiceError) as refusal:
        saved(base_url=url)
    assert refusal.value.code == "llm_host_refused"
    assert not LlmBackend.objects.exists()


def test_a_secret_that_would_break_a_header_is_refused():
    for secret in ("a\r\nX-Evil: 1", "s€cret"):
        with pytest.raises(ServiceError) as refusal:
            saved(secret=secret)
        assert list(refusal.value.fields) == ["secret"]


class TestApi:
    def test_put_stores_asks_at_once_and_never_shows_the_secret(self, administrator, settings):
        with serving() as server:
            allow(settings, f"127.0.0.1:{server.port}")
            given = {"base_url": server.url, "model": MODEL, "secret": "tell-nobody"}
            answer = administrator.put(URL, given, format="json")
            assert {path for path, *_ in server.asked} == {"/api/version", "/api/tags"}
            assert server.asked[0][1]["Authorization"] == "Bearer tell-nobody"
        assert answer.status_code == 200
        body = answer.json()
        observed = body["status"].pop("observed_at")
        assert body == {
            "name": "default", "kind": "ollama", "base_url": server.url, "model": MODEL,
            "enabled": True, "sends_images": False, "has_secret": True,
            "status": {"state": "available", "code": "", "detail": ""},
        }  # fmt: skip
        assert observed.endswith("Z")
        shown = administrator.get(URL)
        assert shown.json()["status"]["state"] == "available"
        assert "tell-nobody" not in shown.content.decode()

    def test_put_without_a_secret_keeps_it_and_changes_one_row(self, administrator, settings):
        allow(settings, "127.0.0.1:11434")
        saved(secret="tell-nobody")
        given = {"base_url": "http://127.0.0.1:11434", "model": "other", "enabled": False}
        assert administrator.put(URL, given, format="json").json()["has_secret"] is True
        row = LlmBackend.objects.get()
        assert (row.model, row.is_enabled) == ("other", False)

    def test_without_a_server_the_answer_says_off(self, administrator):
        body = administrator.get(URL).json()
        assert (body["status"]["state"], body["model"], body["has_secret"]) == ("off", "", False)

    def test_a_host_that_is_not_listed_is_422_with_the_setting_to_change(self, administrator):
        given = {"base_url": "http://10.1.2.3:11434", "model": MODEL}
        answer = administrator.put(URL, given, format="json")
        assert answer.status_code == 422
        assert answer.json()["code"] == "llm_host_refused"
        assert answer.json()["setting"] == "OMNILENS_XRAY_LLM_ALLOWED_HOSTS"

    def test_others_may_neither_read_nor_write(self):
        for role in (None, Role.USER, Role.OPERATOR):
            client = APIClient()
            client.force_authenticate(UserFactory(role=role))
            given = {"base_url": "http://127.0.0.1:11434", "model": MODEL}
            assert client.get(URL).status_code == 403
            assert client.put(URL, given, format="json").status_code == 403
        assert not LlmBackend.objects.exists()


class TestAdmin:
    @pytest.fixture
    def site(self, client, settings):
        allow(settings, "127.0.0.1:11434")
        client.force_login(UserFactory(role=Role.ADMINISTRATOR, is_staff=True))
        return client

    FORM = {
        "name": "ours", "kind": "ollama", "base_url": "http://127.0.0.1:11434", "model": MODEL,
        "is_enabled": "on", "order": "0",
    }  # fmt: skip

    def test_the_secret_goes_in_and_never_comes_out(self, site):
        site.post("/admin/xray/llmbackend/add/", {**self.FORM, "secret": "tell-nobody"})
        row = LlmBackend.objects.get()
        assert current_server().secret == "tell-nobody"
        page = site.get(f"/admin/xray/llmbackend/{row.pk}/change/").content.decode()
        assert "tell-nobody" not in page
        assert row.sealed_secret not in page

    def test_an_empty_secret_keeps_and_the_box_removes(self, site):
        row = saved(name="ours", secret="tell-nobody")
        url = f"/admin/xray/llmbackend/{row.pk}/change/"
        site.post(url, {**self.FORM, "model": "other", "secret": ""})
        assert (current_server().model, current_server().secret) == ("other", "tell-nobody")
        site.post(url, {**self.FORM, "remove_secret": "on"})
        assert current_server().secret == ""

    def test_a_refused_address_stands_beside_the_form(self, site):
        answer = site.post(
            "/admin/xray/llmbackend/add/", {**self.FORM, "base_url": "http://10.1.2.3:11434"}
        )
        assert "OMNILENS_XRAY_LLM_ALLOWED_HOSTS" in answer.content.decode()
        assert not LlmBackend.objects.exists()

    def test_the_list_says_what_was_seen_and_the_action_looks(self, site, settings):
        with serving() as server:
            allow(settings, f"127.0.0.1:{server.port}")
            row = saved(base_url=server.url)
            page = site.get("/admin/xray/llmbackend/").content.decode()
            assert (server.asked, "Not checked yet" in page) == ([], True)
            site.post(
                "/admin/xray/llmbackend/",
                {"action": "check_now", "_selected_action": [row.pk]},
            )
            assert len(server.asked) == 2
        assert "Available" in site.get("/admin/xray/llmbackend/").content.decode()


class TestStatus:
    NOW = 2_000_000_000.0

    @pytest.fixture
    def row(self):
        return saved()

    def note(self, row, what, code, ago):
        CacheBreakerStore(fingerprint(row)).note(what, code, self.NOW - ago)

    def state(self, row):
        return llm_status.llm_status(row, now=self.NOW).state

    def test_nothing_seen_is_unknown_and_not_available(self, row):
        assert self.state(row) == "unknown"
        assert llm_status.multimodal_available() is False

    def test_a_good_look_counts_for_five_minutes(self, row):
        self.note(row, "check", "", 299)
        assert self.state(row) == "available"
        self.note(row, "check", "", 301)
        assert self.state(row) == "unknown"

    def test_the_newest_of_look_and_call_decides(self, row):
        self.note(row, "check", "", 60)
        self.note(row, "call", "llm_timeout", 30)
        assert self.state(row) == "failing"
        self.note(row, "check", "", 10)
        assert self.state(row) == "available"

    def test_a_rejected_text_says_nothing_against_the_server(self, row):
        self.note(row, "call", "llm_rejected", 1)
        assert self.state(row) == "available"

    def test_an_open_breaker_is_failing_whatever_the_last_look_said(self, row):
        breaker = Breaker(CacheBreakerStore(fingerprint(row)), clock=lambda: self.NOW)
        for _ in range(3):
            with pytest.raises(LlmError), breaker.guard():
                raise LlmError("llm_timeout")
        self.note(row, "check", "", 0)
        assert self.state(row) == "failing"

    def test_a_disabled_row_is_off(self, row):
        self.note(row, "check", "", 1)
        row.is_enabled = False
        assert self.state(row) == "off"

    def test_health_says_what_was_observed(self, client, settings):
        """Nobody asked: false. Asked and well: true. Gone: false again."""

        def available():
            return client.get("/health").json()["ai_systems"]["multimodal_available"]

        with serving() as server:
            allow(settings, f"127.0.0.1:{server.port}")
            saved(base_url=server.url)
            assert available() is False
            llm_status.check_current_backend()
            assert available() is True
        llm_status.check_current_backend()
        assert available() is False

    def test_the_log_tells_a_change_once(self, settings, caplog):
        caplog.set_level(logging.INFO)
        with serving() as server:
            allow(settings, f"127.0.0.1:{server.port}")
            row = saved(base_url=server.url)
            for _ in range(3):
                llm_status.check_backend(row)
        for _ in range(3):
            llm_status.check_backend(row)
        told = [r.getMessage() for r in caplog.records if "language model server" in r.message]
        assert [line.rpartition(" ")[2] for line in told] == ["available", "llm_unavailable"]

    @pytest.mark.parametrize("models", [["other:1b"], []])
    def test_a_server_without_the_model_is_failing(self, models, settings):
        with serving(models=models) as server:
            allow(settings, f"127.0.0.1:{server.port}")
            status = llm_status.check_backend(saved(base_url=server.url))
        assert (status.state, status.code) == ("failing", "llm_model_missing")

    def test_another_model_starts_with_nothing_seen(self, row):
        self.note(row, "check", "", 1)
        row.model = "other"
        assert self.state(row) == "unknown"


def test_every_code_has_words_with_a_next_step():
    from typing import get_args

    from xray.reports.llm.errors import Code

    for code in (*get_args(Code), llm_status.SECRET_UNREADABLE):
        assert len(explain(code)) > 40
    assert explain("") == ""


def test_without_redis_the_breaker_lets_through_and_says_so(monkeypatch, caplog):
    from redis.exceptions import ConnectionError as RedisGone

    def gone(*args, **kwargs):
        raise RedisGone

    for verb in ("get", "set", "add", "incr", "delete", "delete_many"):
        monkeypatch.setattr(type(cache._connections[cache._alias]), verb, gone)
    breaker = Breaker(CacheBreakerStore("x"))
    for _ in range(4):
        with pytest.raises(LlmError, match="llm_timeout"), breaker.guard():
            raise LlmError("llm_timeout")
    assert not breaker.is_open
    assert "no cache" in caplog.text
