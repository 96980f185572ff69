"""`manage.py xray_llm_check` tells an operator which link of the chain is broken."""

from __future__ import annotations

import io

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from project.outbound.allow_list import AllowList
from tests.xray.llm import fake_server as fake
from tests.xray.llm.answers import answer
from tests.xray.llm.fake_server import MODEL, says, serving
from xray.services.llm_backend import save_backend
from xray.services.llm_status import multimodal_available

pytestmark = pytest.mark.django_db
FORCED = says('{"word": "alpha"}')


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


def run(server, settings, *, code, tried=None, **changes):
    """What the command prints for the fake server, and that it ends with `code`."""
    settings.XRAY_LLM_ALLOWED_HOSTS = AllowList.parse([f"127.0.0.1:{server.port}"])
    given = {
        "row": None, "kind": "ollama", "base_url": server.url, "model": MODEL,
        "is_enabled": True, "sends_images": False, **changes,
    }  # fmt: skip
    save_backend(**given)
    out = io.StringIO()
    try:
        call_command("xray_llm_check", stdout=out, name=tried)
    except CommandError as error:
        assert error.returncode == code
    else:
        assert code == 0
    return out.getvalue().splitlines()


def steps(lines):
    """Name and state of each step."""
    return [tuple(line.split()[:2]) for line in lines[1:]]


def test_all_well_is_exit_code_0_and_health_knows(settings):
    with serving(FORCED, says(answer())) as server:
        lines = run(server, settings, code=0)
        assert "images" not in server.chats[-1]["messages"][1]
    assert steps(lines) == [(n, "ok") for n in ("connection", "model", "schema", "report")]
    assert "2 sentences verified" in lines[-1]
    assert multimodal_available() is True


def test_a_server_that_sees_pictures_is_sent_one(settings):
    with serving(FORCED, says(answer())) as server:
        lines = run(server, settings, code=0, sends_images=True)
        assert len(server.chats[-1]["messages"][1]["images"]) == 1
    assert "with a picture" in lines[-1]


def test_a_missing_model_names_the_command(settings):
    with serving(models=["other"]) as server:
        lines = run(server, settings, code=1)
    assert steps(lines) == [("connection", "ok"), ("model", "FAILED")]
    assert f"ollama pull {MODEL}" in lines[-1]


def test_a_server_that_ignores_the_schema_is_found_out(settings):
    with serving(says('{"word": "beta"}')) as server:
        lines = run(server, settings, code=1)
    assert steps(lines)[-1] == ("schema", "FAILED")


def test_a_rejected_report_says_what_was_found(settings):
    wrong = answer(side="left", region="left_lower")
    with serving(FORCED, says(wrong)) as server:
        lines = run(server, settings, code=1)
    assert steps(lines)[-1] == ("report", "FAILED")
    assert "llm_rejected" in lines[-1]
    assert "wrong_side" in lines[-1]


def test_what_the_server_says_of_its_failure_is_shown_to_the_operator(settings):
    with serving(fake.errs_midway) as server:
        lines = run(server, settings, code=1)
    assert "llama runner process has terminated" in lines[-1]


def test_a_server_that_is_down_fails_at_the_connection(settings):
    with serving() as server:
        pass
    lines = run(server, settings, code=1)
    assert steps(lines) == [("connection", "FAILED")]
    assert multimodal_available() is False


def test_a_row_that_is_not_in_use_can_be_tried_by_name(settings):
    with serving(FORCED, says(answer())) as server:
        lines = run(server, settings, code=0, is_enabled=False, tried="default")
    assert steps(lines)[-1] == ("report", "ok")


def test_without_a_server_the_command_says_where_to_add_one():
    with pytest.raises(CommandError, match="PUT /api/v1/xray/llm/") as failure:
        call_command("xray_llm_check")
    assert failure.value.returncode == 2
