"""A web process killed in the middle of an upload: everything of the request is there or nothing,
and the client that repeats it gets one job."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from project.images.models import ImageRecord
from project.images.sweep import sweep_orphans
from project.jobs.models import Job
from project.jobs.sweep import sweep
from tests.enhance.pictures import upload
from tests.realtime.tokens import api_token
from tests.resilience.auditor import audit, audit_answers, audit_uploads
from tests.resilience.processes import ROOT, child_environment
from tests.xray.factories import film_upload, make_version
from tests.xray.tiny import CALIBRATION
from xray.models import AuditEvent, Study

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

# Where the process dies, and how many rows and orphan files it leaves.
POINTS = {
    "upload.after_file_write": (0, 1),
    "upload.before_commit": (0, 1),
    "job.before_dispatch": (1, 0),
}
KILLED = -9


@pytest.fixture
def doomed():
    """`doomed(failpoint, token)` performs an upload in a process that dies there; its status."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.resilience.upload_children"],
        cwd=ROOT,
        env=child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def send(failpoint, token, room="enhance"):
        order = {"failpoint": failpoint, "token": token, "key": failpoint, "room": room}
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    yield send
    process.kill()
    process.communicate()


def test_killing_web_mid_upload_of_a_film_leaves_no_study_and_the_next_try_is_one(
    doomed, user, client
):
    version = make_version(calibration=CALIBRATION)
    type(version).objects.update(status="active")
    token = api_token(user, "jobs:write")
    for orphans, point in enumerate(("xray.after_film_write", "xray.before_commit"), start=1):
        assert doomed(point, token, "xray") == KILLED, point
        assert (Job.objects.count(), Study.objects.count()) == (0, 0), point
        assert len(audit()) == orphans, point
    answer = client.post(
        "/api/v1/xray/studies/",
        {"file": film_upload()},
        headers={"Authorization": token, "Idempotency-Key": "xray.before_commit"},
    )
    assert answer.status_code == 202
    assert Study.objects.count() == AuditEvent.objects.count() == 1
    sweep_orphans(now=timezone.now() + timedelta(hours=2))
    assert audit() == []


def test_killing_web_mid_upload_leaves_no_row_without_file_and_no_file_without_row(
    doomed, user, client
):
    token = api_token(user, "jobs:write")
    rows = orphans = 0
    for point, (new_rows, new_orphans) in POINTS.items():
        assert doomed(point, token) == KILLED, point
        rows, orphans = rows + new_rows, orphans + new_orphans
        assert (Job.objects.count(), ImageRecord.objects.count()) == (rows, rows), point
        assert len(audit()) == orphans, point
        assert audit_uploads() == []

    answers = []
    for point in POINTS:
        response = client.post(
            "/api/v1/enhance",
            {"file": upload(), "scale": "2"},
            headers={"Authorization": token, "Idempotency-Key": point},
        )
        answers.append((response.status_code, response.json()["task_id"]))
    assert [status for status, _ in answers] == [202, 202, 200]
    told = [(user.pk, key, job) for key, (_, job) in zip(POINTS, answers, strict=True)]
    assert audit_answers(told) == []
    assert (Job.objects.count(), ImageRecord.objects.count()) == (3, 3)
    # The one whose bell died with its process is found by the sweeper.
    assert Job.objects.filter(dispatched_at=None).count() == 1
    assert sweep(now=timezone.now() + timedelta(seconds=10)).rung == 1

    assert sweep_orphans() == 0  # too young: an upload on its way looks the same
    assert sweep_orphans(now=timezone.now() + timedelta(hours=2)) == orphans
    assert [*audit(), *audit_uploads()] == []
