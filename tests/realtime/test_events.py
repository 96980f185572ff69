"""Every payload is listed, typed, documented, and the same wherever it is sent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, get_args, get_type_hints

import pytest
from django.conf import settings

from project.jobs.api.payload import JobPayload, job_payload
from project.jobs.api.serializers import JobErrorSerializer, JobSerializer
from project.jobs.hooks import JobChange
from project.jobs.models import Job, JobEvent
from project.realtime import events
from project.realtime.client_messages import parse
from project.uuid7 import uuid7
from tests.factories import JobFactory

DOCUMENT = Path(settings.BASE_DIR, "docs/api/websocket.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^### `(\w+)`\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)


def type_of(message):
    return get_args(get_type_hints(message)["type"])[0]


def cell(section, field):
    return re.search(rf"^\| `{field}` \| (.*) \|$", section, re.MULTILINE)[1]


def test_every_message_is_documented_field_by_field():
    documented = {
        name: re.findall(r"^\| `(\w+)` \|", text, re.M) for name, text in SECTION.findall(DOCUMENT)
    }
    listed = {type_of(message): list(get_type_hints(message)) for message in events.SERVER_MESSAGES}
    assert documented == listed


def test_every_key_of_the_job_object_is_documented():
    section = re.search(r"^## The job object\n(.*?)^## ", DOCUMENT, re.MULTILINE | re.DOTALL)[1]
    keys = [
        key
        for row in re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
        for key in re.findall(r"`(\w+)`", row)
    ]
    assert keys == list(get_type_hints(JobPayload))


def test_every_client_message_is_documented_and_understood():
    documented = re.findall(r'^\| `\{"(\w+)": ', DOCUMENT, re.MULTILINE)
    listed = [next(iter(get_type_hints(message))) for message in events.CLIENT_MESSAGES]
    assert documented == listed
    for text in ('{"resume": {}}', '{"snapshot": true}', '{"pong": true}'):
        parse(text)


@pytest.mark.parametrize(
    ("section", "field", "names"),
    [
        ("job", "event", events.EventName),
        ("job", "state", events.StateName),
        ("error", "code", events.ErrorCode),
    ],
)
def test_every_name_is_documented(section, field, names):
    text = dict(SECTION.findall(DOCUMENT))[section]
    assert re.findall(r"`(\w+)`", cell(text, field)) == list(get_args(names))


def test_every_close_code_is_documented():
    documented = [int(code) for code in re.findall(r"^\| (4\d{3}) \|", DOCUMENT, re.MULTILINE)]
    assert documented == list(get_args(events.CloseCode))


def test_the_names_are_those_of_the_models():
    assert list(get_args(events.EventName)) == JobEvent.Name.values
    assert list(get_args(events.StateName)) == Job.State.values


@pytest.mark.parametrize("message", [*events.SERVER_MESSAGES])
def test_every_message_carries_the_version(message):
    assert get_type_hints(message)["v"] == Literal[1]
    assert f"jobs.v{events.VERSION}" == events.SUBPROTOCOL


def test_a_change_becomes_exactly_a_job_message():
    change = JobChange(
        job=uuid7(), owner_id=1, kind="test.echo", seq=7, event="partial", state="running",
        stage="echo", progress=0.5, done=1, total=2, ephemeral=False, eta_seconds=1.5,
        data={"preview": "/p"},
    )  # fmt: skip
    assert events.job_message(change) == {
        "v": 1, "type": "job", "job": str(change.job), "kind": "test.echo", "seq": 7,
        "from_seq": 7, "event": "partial", "state": "running", "stage": "echo", "progress": 0.5,
        "ephemeral": False, "done": 1, "total": 2, "eta_seconds": 1.5, "data": {"preview": "/p"},
    }  # fmt: skip
    assert set(events.job_message(change)) == set(get_type_hints(events.JobMessage))


@pytest.mark.django_db
def test_the_schema_describes_the_payload(user):
    job = JobFactory(owner=user)
    fields = JobSerializer().fields
    assert set(fields) == set(get_type_hints(JobPayload)) == set(job_payload(job, None))
    assert set(JobErrorSerializer().fields) == {"code", "detail"}


@pytest.mark.django_db
@pytest.mark.parametrize("state", Job.State.values)
def test_every_payload_is_valid_by_its_own_schema(user, state):
    ended = (
        {"finished_at": "2026-01-01T00:00:00Z"}
        if state in ("succeeded", "failed", "cancelled")
        else {}
    )
    leased = (
        {"lease_token": uuid7(), "lease_until": "2026-01-01T00:00:00Z"}
        if state == "running"
        else {}
    )
    job = JobFactory(owner=user, state=state, error_code="internal_error", **ended, **leased)
    job.refresh_from_db()
    checked = JobSerializer(data=job_payload(job, None))
    assert checked.is_valid(), checked.errors
