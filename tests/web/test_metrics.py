"""The numbers are right, small in labels, and for this machine or a token only."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from project.jobs.models import Job, Worker
from tests.factories import JobFactory, UserFactory


def scrape(client, **extra):
    text = client.get("/metrics", **extra).content.decode()
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_jobs_are_counted_by_kind_and_state(client, db):
    JobFactory.create_batch(3, kind="enhance.photo")
    JobFactory(kind="enhance.photo", finished=True)
    found = scrape(client)
    assert found["omnilens_jobs", ("kind", "enhance.photo"), ("state", "queued")] == 3
    assert found["omnilens_jobs", ("kind", "enhance.photo"), ("state", "succeeded")] == 1


def test_the_queue_age_is_that_of_the_oldest_waiting_job(client, db):
    assert scrape(client)["omnilens_queue_oldest_seconds",] == 0
    old = JobFactory()
    JobFactory()
    Job.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(minutes=5))
    assert 300 <= scrape(client)["omnilens_queue_oldest_seconds",] < 310


def test_a_silent_worker_is_not_counted(client, db):
    now = timezone.now()
    Worker.objects.create(name="a", last_seen=now, running=2)
    Worker.objects.create(name="b", last_seen=now - timedelta(minutes=5), running=7)
    found = scrape(client)
    assert (found["omnilens_workers",], found["omnilens_jobs_running",]) == (1, 2)


def test_the_queue_is_told_by_lane(client, db):
    JobFactory(lane="batch")
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    found = scrape(client)
    assert found["omnilens_inference_queue_items", ("lane", "batch")] == 1
    assert found["omnilens_inference_queue_items", ("lane", "interactive")] == 0
    assert 300 <= found["omnilens_inference_queue_age_seconds", ("lane", "batch")] < 310


def test_a_worker_tells_its_device_and_its_models_until_it_falls_silent(client, db):
    resident = {"version": "1", "dtype": "float32", "bytes": 5, "pins": 0, "last_used": None}
    row = Worker.objects.create(
        name="a",
        last_seen=timezone.now(),
        ready=True,
        busy_share=0.25,
        memory={"models_bytes": 5, "peak_bytes": None},
        residents=[{"name": "net", **resident}],
    )
    found = scrape(client)
    assert found["omnilens_device_busy_ratio", ("worker", "a")] == 0.25
    assert found["omnilens_device_memory_bytes", ("kind", "models"), ("worker", "a")] == 5
    assert ("omnilens_device_memory_bytes", ("kind", "peak"), ("worker", "a")) not in found
    assert found["omnilens_model_loaded", ("model", "net"), ("worker", "a")] == 1
    assert found["omnilens_workers_by_state", ("state", "ready")] == 1
    Worker.objects.filter(pk=row.pk).update(last_seen=timezone.now() - timedelta(minutes=5))
    silent = scrape(client)
    assert silent["omnilens_workers_by_state", ("state", "silent")] == 1
    assert ("omnilens_device_busy_ratio", ("worker", "a")) not in silent


def test_requests_are_counted_by_route_method_and_status(client, db):
    def count():
        labels = (("method", "GET"), ("route", "jobs/<uuid:job_id>/"), ("status", "302"))
        return scrape(client).get(("omnilens_http_requests_total", *labels), 0)

    before = count()
    for number in range(3):
        client.get(f"/jobs/00000000-0000-7000-8000-00000000000{number}/")
    assert count() == before + 3


def test_an_invented_path_or_method_makes_no_new_series(client, db):
    client.get("/invented-by-a-scanner/")
    client.generic("BREW", "/healthz")
    routes = {dict(labels).get("route") for name, *labels in scrape(client)}
    methods = {dict(labels).get("method") for name, *labels in scrape(client)}
    assert "unmatched" in routes
    assert not any(route and "scanner" in route for route in routes)
    assert "BREW" not in methods


def test_no_label_names_a_person(client, db):
    user = UserFactory(username="somebody-special")
    JobFactory(owner=user)
    client.force_login(user)
    client.get("/")
    text = client.get("/metrics").content.decode()
    assert "somebody-special" not in text
    assert not re.search(r'(user|owner)[a-z_]*="', text)


@pytest.mark.parametrize(
    ("peer", "headers", "token", "status"),
    [
        ("127.0.0.1", {}, "", 200),
        ("10.0.0.9", {}, "", 404),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.9"}, "", 404),
        ("10.0.0.9", {"authorization": "Bearer right-token"}, "right-token", 200),
        ("10.0.0.9", {"authorization": "Bearer wrong-token"}, "right-token", 404),
        ("10.0.0.9", {"authorization": "Bearer "}, "", 404),
    ],
)
def test_the_page_is_for_this_machine_or_a_token(
    client, db, settings, peer, headers, token, status
):
    settings.METRICS_TOKEN = token
    assert client.get("/metrics", headers=headers, REMOTE_ADDR=peer).status_code == status
