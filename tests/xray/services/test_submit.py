"""Many uploads at once, the same film at once, and workers that die."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from project.images import storage
from project.jobs.claim import claim_job
from project.jobs.models import Job
from project.jobs.sweep import sweep
from xray.models import AuditEvent, Prediction, Report, Study
from xray.services.audit import verify_chain
from xray.services.submit import submit_study

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def at_once(user, version, private_files):
    """Submit films in eight threads; returns the answers in their order."""

    def submit(films):
        def one(film):
            try:
                return submit_study(owner=user, upload=film)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(max_workers=8) as pool:
            return list(pool.map(one, films))

    return submit


def test_fifty_uploads_at_once_lose_nothing(at_once, film, run_job, settings):
    settings.QUEUE_LIMITS = {**settings.QUEUE_LIMITS, "interactive": 100}
    answers = at_once([film(number) for number in range(50)])
    assert all(answer.created for answer in answers)
    assert len({answer.study.pk for answer in answers}) == 50
    assert Job.objects.filter(kind="xray.study", state="queued").count() == 50
    films = Study.objects.select_related("film")
    assert all(storage.exists(study.film.file) for study in films)
    assert len({study.content_sha256 for study in films}) == 50
    assert AuditEvent.objects.filter(action="study.received").count() == 50
    assert verify_chain() is None
    assert run_job().state == "succeeded"


def test_the_same_film_sent_many_times_at_once_is_one_study(at_once, film, private_files):
    answers = at_once([film(3) for _ in range(8)])
    assert [answer.created for answer in answers].count(True) == 1
    assert len({answer.study.pk for answer in answers}) == 1
    assert Study.objects.count() == Job.objects.count() == 1
    assert len(list(private_files.rglob("*.png"))) == 1


def die(user):
    """A worker that claims the job and is never heard of again; the sweeper finds out."""
    job = claim_job(worker="dead")
    sweep(now=job.lease_until + timedelta(seconds=1))
    Job.objects.filter(pk=job.pk, state="queued").update(not_before=None)
    return Job.objects.get(pk=job.pk)


def test_a_killed_worker_retries_once_then_fails(at_once, film, user):
    at_once([film()])
    assert (die(user).state, Job.objects.get().attempt) == ("queued", 1)
    assert (die(user).state, Job.objects.get().attempt) == ("failed", 2)
    assert not Prediction.objects.exists()
    assert not Report.objects.exists()


def test_after_a_killed_worker_the_next_one_writes_each_result_once(at_once, film, user, run_job):
    at_once([film()])
    die(user)
    assert run_job().state == "succeeded"
    assert Study.objects.get().status == "reported"
    assert Prediction.objects.count() == 2
    assert Report.objects.count() == 1


def test_a_worker_that_lost_its_lease_writes_no_finding(
    at_once, film, user, run_job, runtime, gate, monkeypatch
):
    """It was taken for dead while it scored; another one finished the film meanwhile."""
    at_once([film()])
    scored = []

    def slow(framed):
        if not scored:
            scored.append(1)
            job = Job.objects.get()
            sweep(now=job.lease_until + timedelta(seconds=1))
            Job.objects.update(not_before=None)
            assert run_job().state == "succeeded"
        return 2.3

    runtime._logit = slow
    run_job()
    assert Prediction.objects.count() == 2
    assert Report.objects.count() == 1
    assert Job.objects.get().state == "succeeded"
