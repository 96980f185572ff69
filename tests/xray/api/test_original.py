"""`POST /upload` and `/health` as the clients of the original service know them."""

import asyncio
import json
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application
from django.utils import timezone

from project.jobs.models import Job, Worker
from project.realtime.held_answer import HEADER, HeldAnswer
from tests.xray.factories import make_envelope
from xray import health
from xray.models import Study
from xray.services.llm_status import LlmStatus
from xray.services.report_rows import Written, keep_report

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 30.0


@pytest.fixture
def session(client, user):
    client.force_login(user)
    return client.cookies["sessionid"].value


@pytest.fixture
def ask(session, film, version, private_files):
    """`(status, headers, body)` of one upload through the whole application."""

    def upload(*, work, path="/upload", **fields):
        edge = "edge"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = 'Content-Disposition: form-data; name="file"; filename="doe^jane.png"\r\n'
        file = f"--{edge}\r\n{head}Content-Type: image/png\r\n\r\n".encode() + film().read()
        body = b"".join([*parts, file, f"\r\n--{edge}--\r\n".encode()])
        cookie = f"sessionid={session}; csrftoken={'c' * 32}".encode()
        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": b"",
            "server": ("testserver", 80), "client": ("127.0.0.1", 1), "root_path": "",
            "headers": [
                (b"host", b"testserver"), (b"cookie", cookie), (b"x-csrftoken", b"c" * 32),
                (b"content-type", f"multipart/form-data; boundary={edge}".encode()),
                (b"content-length", str(len(body)).encode()),
            ],
        }  # fmt: skip
        sent, told = [], [{"type": "http.request", "body": body, "more_body": False}]

        async def receive():
            if told:
                return told.pop()
            return await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        async def serve():
            application = HeldAnswer(get_asgi_application(), seconds=SECONDS, sleep=work)
            await application(scope, receive, send)

        asyncio.run(serve())
        headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        assert HEADER.lower() not in headers
        return (
            sent[0]["status"],
            headers,
            json.loads(b"".join(m.get("body", b"") for m in sent[1:])),
        )

    return upload


async def nothing(seconds):
    """Nobody works."""


@pytest.mark.parametrize("path", ["/upload", "/upload/"])
def test_upload_answers_with_the_report_when_it_is_ready_in_time(ask, run_job, path):
    async def work(seconds):
        await sync_to_async(run_job)()

    status, _, report = ask(work=work, path=path)
    assert status == 200
    assert report == Study.objects.get().reports.get().envelope
    assert ask(work=nothing)[2] == report  # known: at once


def test_upload_that_takes_longer_is_a_job_to_ask_for(ask):
    status, headers, body = ask(work=nothing)
    assert (status, body["state"]) == (202, "queued")
    assert headers["location"] == body["url"] == f"/api/v1/xray/studies/{body['study_id']}/"


@pytest.mark.parametrize(
    ("state", "error_code", "status", "code"),
    [
        ("failed", "worker_lost", 500, "analysis_failed"),
        ("failed", "model_unavailable", 503, "analysis_failed"),
        ("failed", "deadline_exceeded", 504, "analysis_failed"),
        ("failed", "invalid_input", 422, "analysis_failed"),
        ("cancelled", "cancelled", 409, "analysis_cancelled"),
    ],
)
def test_upload_of_an_analysis_that_failed_is_an_error_with_its_code(
    ask, state, error_code, status, code
):
    async def work(seconds):
        await sync_to_async(_end)(state, error_code)

    answered, headers, body = ask(work=work)
    assert (answered, body["code"], body["error_code"]) == (status, code, error_code)
    assert headers["content-type"] == "application/problem+json"
    assert body["detail"] and body["study_id"] == str(Study.objects.get().pk)


def test_a_synchronous_study_that_failed_says_so(ask):
    async def work(seconds):
        await sync_to_async(_end)("failed", "worker_lost")

    status, _, body = ask(work=work, path="/api/v1/xray/studies/", sync="true")
    assert (status, body["status"], body["error"]["code"]) == (200, "failed", "worker_lost")


def _end(state, error_code):
    Job.objects.update(state=state, error_code=error_code, finished_at=timezone.now())


def test_upload_of_what_is_no_chest_film_is_422_with_the_code(ask, run_job, gate):
    gate.code, gate.repair = "inverted_or_rotated", "rotate_180"

    async def work(seconds):
        await sync_to_async(run_job)()

    status, headers, body = ask(work=work)
    assert (status, body["code"], body["repair"]) == (422, "inverted_or_rotated", "rotate_180")
    assert headers["content-type"] == "application/problem+json"
    assert "probability" not in json.dumps(body)


def test_use_ollama_waits_for_the_text_and_falls_back_to_the_structured_report(
    ask, run_job, monkeypatch
):
    """The same upload twice: the model is too slow the first time, ready the second time."""

    async def study_only(seconds):
        if await _waiting("xray.study"):
            await sync_to_async(run_job)()

    status, _, report = ask(work=study_only, use_ollama="true")
    assert (status, report["generator"]["mode"]) == (200, "structured")
    assert Job.objects.get(kind="xray.report").params["mode"] == "llm"

    async def text_too(seconds):
        await sync_to_async(_write_text)()

    status, _, report = ask(work=text_too, use_ollama="true")
    assert (status, report["generator"]["mode"]) == (200, "llm")


@sync_to_async
def _waiting(kind):
    return Job.objects.filter(kind=kind, state="queued").exists()


def _write_text():
    """What the worker does once the model has answered."""
    study = Study.objects.get()
    envelope = make_envelope()
    envelope["generator"]["mode"] = "llm"
    envelope["study_id"] = str(study.pk)
    keep_report(study=study, job=None, written=Written(envelope=envelope))
    job = Job.objects.get(kind="xray.report")
    Job.objects.filter(pk=job.pk).update(
        state="succeeded", finished_at=timezone.now(), progress=1.0
    )


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [({}, 400, "file_missing"), ({"use_ollama": "maybe"}, 400, "invalid")],
)
def test_upload_says_what_is_wrong_with_a_request(
    client, user, film, version, private_files, fields, status, code
):
    client.force_login(user)
    body = {**fields, **({"file": film()} if fields else {})}
    answer = client.post("/upload", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_upload_is_for_people_with_an_account(client, film, version, private_files, db):
    assert client.post("/upload", {"file": film()}).status_code == 401
    assert not Job.objects.exists()


@pytest.fixture
def networks(monkeypatch, tmp_path, version):
    """Both files are there."""
    gate = tmp_path / "gate.safetensors"
    gate.write_bytes(b"x")
    monkeypatch.setattr(health, "shipped_gate", lambda: gate)
    monkeypatch.setattr(health, "is_file_present", lambda version: True)
    return gate


def predictor(client):
    return client.get("/health").json()["ai_systems"]["basic_predictor_available"]


def test_health_keeps_the_original_contract_with_observed_values(client, networks, version):
    body = client.get("/health").json()
    assert set(body["ai_systems"]) == {
        "initialization_status",
        "multimodal_available",
        "basic_predictor_available",
    }
    assert body["ai_systems"]["basic_predictor_available"] is False  # no worker yet
    Worker.objects.create(name="w", last_seen=timezone.now(), ready=True)
    assert predictor(client) is True
    assert client.get("/health").json()["apps"]["xray"]["status"] == "healthy"
    type(version).objects.update(status="retired")
    assert predictor(client) is False
    found = client.get("/health").json()["apps"]["xray"]
    assert (found["status"], found["reason"]) == ("degraded", "no_active_model")


def test_health_turns_unhealthy_when_the_worker_dies(client, networks):
    worker = Worker.objects.create(name="w", last_seen=timezone.now(), ready=True)
    assert client.get("/health").status_code == 200
    Worker.objects.filter(pk=worker.pk).update(last_seen=timezone.now() - timedelta(minutes=10))
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
    assert answer.json()["ai_systems"]["basic_predictor_available"] is False


def test_health_is_degraded_but_served_when_a_network_is_missing(client, networks):
    Worker.objects.create(name="w", last_seen=timezone.now(), ready=True)
    networks.unlink()
    answer = client.get("/health")
    found = answer.json()
    assert (answer.status_code, found["status"]) == (200, "degraded")
    assert found["apps"]["xray"]["reason"] == "weights_missing"
    assert found["ai_systems"]["basic_predictor_available"] is False


def test_a_language_model_that_fails_degrades_and_one_that_is_not_wanted_does_not(
    client, networks, monkeypatch
):
    Worker.objects.create(name="w", last_seen=timezone.now(), ready=True)
    found = client.get("/health").json()["apps"]["xray"]
    assert (found["status"], found["language_model"]) == ("healthy", "off")
    failing = LlmStatus(state="failing", code="llm_unavailable")
    monkeypatch.setattr(health, "llm_status", lambda row: failing)
    answer = client.get("/health")
    found = answer.json()["apps"]["xray"]
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert found["reason"] == "llm_unavailable"
    assert answer.json()["ai_systems"]["basic_predictor_available"] is True


def test_health_names_the_classifier_but_tells_strangers_no_hash(client, networks, version):
    body = client.get("/health")
    assert body.json()["apps"]["xray"]["model"] == {"name": "cxr-resnet50", "version": "1.0.0"}
    assert version.sha256 not in body.content.decode()
