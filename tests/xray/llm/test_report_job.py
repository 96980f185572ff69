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


def test_the_draft_is_on_the_feed_before_it_was_checked(write, reported):
    job = write(says(TRUE))
    drafts = [
        event.data["draft"] for event in JobEvent.objects.filter(job=job) if "draft" in event.data
    ]
    assert drafts, "nothing was shown while it wrote"
    assert all("Pneumonia is likely, with a probability".startswith(one[:30]) for one in drafts)


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


def test_a_report_for_a_deleted_study_says_so(write, reported):
    Report.objects.filter(study=reported).delete()
    Study.objects.filter(pk=reported.pk).delete()
    job = write(says(TRUE))
    assert (job.state, job.error_code) == ("failed", "study_gone")
