"""Process managers, balancers and people learn the truth about this machine."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from project.jobs.models import Worker
from project.web.health import checks, registry
from project.web.health.registry import AppHealth

SECRET_WORDS = ("omni-", "/tmp", "unix://", "redis://", "SECRET", "sqlite")


@pytest.fixture
def worker(db):
    """A worker that beats and is ready."""
    return Worker.objects.create(name="gpu@test", ready=True, last_seen=timezone.now())


def ready(client):
    answer = client.get("/readyz")
    return answer.status_code, answer.json()["checks"]


def test_the_original_name_of_readiness_is_kept(client, worker):
    assert client.get("/health/ready").json() == client.get("/readyz").json()


def test_a_live_process_says_so_without_asking_anybody(client, monkeypatch):
    monkeypatch.setattr(checks, "check_database", lambda: pytest.fail("asked"))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_everything_in_place_is_ready(client, worker):
    names = ("database", "broker", "worker", "weights", "children")
    assert ready(client) == (200, dict.fromkeys(names, "ok"))


def test_a_silent_worker_is_not_ready(client, worker):
    Worker.objects.update(last_seen=timezone.now() - timedelta(seconds=61))
    status, found = ready(client)
    assert status == 503
    assert (found["worker"], found["weights"]) == ("no_worker", "no_worker_ready")


def test_a_worker_without_its_weights_is_not_ready(client, worker):
    Worker.objects.update(ready=False)
    status, found = ready(client)
    assert status == 503
    assert (found["worker"], found["weights"]) == ("ok", "no_worker_ready")


def test_a_broker_that_is_gone_is_not_ready(client, worker, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    status, found = ready(client)
    assert (status, found["broker"]) == (503, "broker_down")


def test_a_child_that_was_given_up_is_not_ready(client, worker, monkeypatch):
    monkeypatch.setattr(checks, "failed_children", lambda var: ["gpu-worker"])
    status, found = ready(client)
    assert (status, found["children"]) == (503, "failed: gpu-worker")


def test_a_database_that_is_gone_is_said_and_not_thrown(client, worker, monkeypatch):
    def gone():
        raise OperationalError("host 10.0.0.7 refused")

    with monkeypatch.context() as patch:
        patch.setattr(checks.connection, "cursor", gone)
        status, found = ready(client)
    assert status == 503
    assert (found["database"], found["worker"]) == ("database_down", "database_down")


@pytest.fixture
def one_app(monkeypatch):
    """Let one optional app speak; what it says is in the dict."""
    said = {"health": AppHealth(status="healthy")}
    monkeypatch.setattr(registry, "_apps", {"xray": lambda: said["health"]})
    monkeypatch.setattr(registry, "_ai_systems", {"basic_predictor_available": lambda: True})
    return said


def test_the_summary_of_a_healthy_site(client, worker, one_app, settings):
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "healthy",
        "version": settings.VERSION,
        "database": "ok",
        "worker": "ok",
        "apps": {"xray": {"status": "healthy"}},
        "queue": {"queued": 0, "running": 0},
        "devices": answer.json()["devices"],  # test_health_tells_devices_queue_and_memory
        "ai_systems": {
            "initialization_status": "success",
            "multimodal_available": False,
            "basic_predictor_available": True,
        },
    }


def test_a_missing_optional_model_degrades_and_keeps_the_site_in_the_balancer(
    client, worker, one_app
):
    one_app["health"] = AppHealth(status="unhealthy", reason="model_unavailable")
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["apps"]["xray"] == {"status": "unhealthy", "reason": "model_unavailable"}


def test_a_worker_that_is_gone_is_unhealthy(client, db, one_app):
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
    assert answer.json()["ai_systems"]["initialization_status"] == "failed"


@pytest.mark.parametrize("path", ["/health", "/readyz", "/healthz"])
def test_the_answers_hold_no_secret_and_no_path(client, worker, path, settings):
    text = client.get(path).content.decode()
    assert not [word for word in (*SECRET_WORDS, settings.SECRET_KEY) if word in text]
    assert "no-store" in client.get(path)["Cache-Control"]


@pytest.mark.parametrize("path", ["/health", "/health/"])
def test_health_tells_devices_queue_and_memory(client, worker, path):
    memory = {"device_total_bytes": 16, "device_free_bytes": 9, "secret": "omni-x"}
    Worker.objects.update(device="cuda:0", memory=memory, residents=[{"name": "n", "version": "1"}])
    body = client.get(path).json()
    assert body["queue"] == {"queued": 0, "running": 0}
    (device,) = body["devices"]
    assert (device["device"], device["models"]) == ("cuda:0", ["n@1"])
    assert (device["memory"]["device_free_bytes"], device["memory"]["budget_bytes"]) == (9, None)
    assert "secret" not in device["memory"]


@pytest.mark.parametrize("path", ["/readyz", "/health/ready", "/health/ready/"])
def test_ready_has_the_path_of_the_original_service(client, worker, path):
    assert client.get(path).json()["status"] == "ready"
