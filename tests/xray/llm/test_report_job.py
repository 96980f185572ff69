"""The job `xray.report`: a verified text, or the structured report with the reason."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from project.jobs.models import Job, JobEvent
from tests.xray.llm.answers import answer
from tests.xray.llm.fake_server import refuses, says, serving
from tests.xray.llm.servers import server_for
from xray.choices import Mode
from xray.models import AuditEvent, Report, Study
from xray.reports.envelope import digest
from xray.services.submit import Wish, submit_study

pytestmark = pytest.mark.django_db(transaction=True)

TRUE = answer(
    probability=0.909,
    sentence="Pneumonia is likely, with a probability of 0.909, in the right lower zone.",
)
FALSE = answer(
    probability=0.909,
    side="left",
    region="left_lower",
    sentence="Pneumonia in the left lower zone, probability 0.909.",
    impression="Pneumonia of the left lower zone.",
)


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def reported(user, film, run_job):
    """A study whose sender asked for a text by the language model; its own job has ended."""
    study = submit_study(owner=user, upload=film(), wish=Wish(mode=Mode.LLM)).study
    assert run_job().state == "succeeded"
    return Study.objects.get(pk=study.pk)


@pytest.fixture
def write(reported, run_job, monkeypatch):
    """Run the queued report against a server that keeps to a script."""

    def run(*script):
        with serving(*script) as fake:
            server = server_for(fake) if script else None
            monkeypatch.setattr("xray.report_handler.current_server", lambda: server)
            job = run_job()
        assert job.kind == "xray.report"
        return job

    return run


def newest(study):
    return study.reports.order_by("-number").first()


def test_the_structured_report_is_there_before_the_model_is_asked(reported):
    report = newest(reported)
    assert (report.mode, report.number) == ("structured", 1)
    assert Job.objects.get(kind="xray.report").state == "queued"


def test_a_true_text_becomes_a_report_of_its_own(write, reported):
    job = write(says(TRUE))
    assert job.state == "succeeded"
    report = newest(reported)
    assert (report.mode, report.number) == ("llm", 2)
    assert report.envelope["narrative"][0]["finding_ids"] == ["F1"]
    assert report.envelope["generator"]["backend"] == "ollama"
    assert report.digest == digest(report.envelope)
    first = reported.reports.get(number=1)
    assert first.state == "final", "the structured report stays beside it"
    assert report.envelope["ai_findings"] == first.envelope["ai_findings"]


def test_the_draft_is_on_the_feed_before_it_was_checked(write, reported, monkeypatch):
    told = []
    monkeypatch.setattr("project.jobs.hooks._publisher", told.append)
    write(says(TRUE))
    drafts = [change.data["draft"] for change in told if "draft" in change.data]
    assert drafts, "nothing was shown while it wrote"
    assert all("Pneumonia is likely, with a probability".startswith(one[:30]) for one in drafts)


@pytest.mark.parametrize("text", [TRUE, FALSE], ids=["accepted", "rejected"])
def test_no_draft_outlives_its_job(write, reported, text):
    job = write(says(text))
    events = JobEvent.objects.filter(job=job)
    assert events.filter(name="partial").exists(), "nothing was shown while it wrote"
    assert not [event for event in events if "draft" in event.data]


def test_a_draft_is_forgotten_when_its_job_is_cancelled_in_the_middle(write, reported, monkeypatch):
    from project.jobs.cancel import cancel_job

    def cancel(change):
        if "draft" in change.data:
            cancel_job(job=Job.objects.get(pk=change.job))

    monkeypatch.setattr("project.jobs.hooks._publisher", cancel)
    job = write(says(TRUE))
    assert job.state == "cancelled"
    assert not [event for event in JobEvent.objects.filter(job=job) if "draft" in event.data]


def test_a_film_with_letters_at_its_border_never_goes_to_a_language_model(reported, monkeypatch):
    from types import SimpleNamespace

    from xray.report_handler import _picture

    sees = SimpleNamespace(sends_images=True)
    assert _picture(sees, reported) is not None
    assert _picture(SimpleNamespace(sends_images=False), reported) is None
    reported.warnings = ["burned_in_annotation"]
    assert _picture(sees, reported) is None


def test_the_text_of_the_language_model_names_the_same_prior_as_the_first_report(write, reported):
    first = reported.reports.get()
    comparison = {"prior_report_id": "r-1", "text": "Prior report r-1 is on file."}
    first.envelope = {**first.envelope, "comparison": comparison}
    first.save()
    write(says(TRUE))
    assert newest(reported).envelope["comparison"]["prior_report_id"] == "r-1"


def test_a_false_text_never_gets_into_a_report(write, reported):
    job = write(says(FALSE))
    assert job.state == "succeeded"
    report = newest(reported)
    assert report.mode == "llm_rejected"
    assert report.envelope["narrative"] == []
    assert "left lower" not in str(report.envelope)
    event = AuditEvent.objects.get(action="report.fallback")
    assert event.details["reason"] == "llm_rejected"
    assert event.details["errors"]
    assert "left lower" not in str(event.details)


@pytest.mark.parametrize(
    ("script", "reason"),
    [((refuses(500),), "llm_unavailable"), ((), "llm_unavailable")],
    ids=["broken", "none set up"],
)
def test_without_a_working_server_the_report_says_why(write, reported, script, reason):
    job = write(*script) if script else write()
    assert job.state == "succeeded"
    report = newest(reported)
    assert report.mode == "llm_rejected"
    assert report.envelope["generator"]["verification"]["outcome"] == reason
    assert AuditEvent.objects.get(action="report.fallback").details["reason"] == reason


def test_a_film_that_expired_is_written_about_without_its_picture(write, reported, monkeypatch):
    from project.images import storage

    storage.delete(reported.film.file)
    asked = {}
    real = server_for

    def sending(fake, **more):
        asked["fake"] = fake
        return real(fake, sends_images=True, **more)

    monkeypatch.setattr("tests.xray.llm.test_report_job.server_for", sending)
    assert write(says(TRUE)).state == "succeeded"
    assert newest(reported).mode == "llm"
    assert "images" not in str(asked["fake"].chats[0]["messages"])


def test_a_report_for_a_deleted_study_says_so(write, reported):
    Report.objects.filter(study=reported).delete()
    Study.objects.filter(pk=reported.pk).delete()
    job = write(says(TRUE))
    assert (job.state, job.error_code) == ("failed", "study_gone")
