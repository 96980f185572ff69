"""Reports on demand, their review, the trail, and a prior beside a study."""

import copy
import json

import pytest

from project.jobs.models import Job
from project.uuid7 import uuid7
from tests.factories import JobFactory
from tests.xray.api.conftest import STUDIES
from tests.xray.factories import make_facts, make_finding, make_study
from xray.models import AuditEvent, LlmBackend, Prediction, Report, ReportReview
from xray.services.audit import verify_chain
from xray.services.report_rows import Written, keep_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(user, private_files):
    return make_study(user)


@pytest.fixture
def url(study):
    return f"{STUDIES}{study.pk}/"


def test_the_structured_report_in_the_other_language_is_there_at_once(api, study, url):
    answer = api.post(f"{url}regenerate/", {"mode": "structured", "language": "zh-hans"})
    report = answer.json()["report"]
    assert (answer.status_code, report["language"], report["number"]) == (200, "zh-hans", 2)
    again = api.post(f"{url}regenerate/", {"use_ollama": "false", "language": "zh-hans"})
    assert again.json()["report"] == report
    figures = {r.language: r.envelope["ai_findings"][0]["probability"] for r in study.reports.all()}
    assert figures == {"en": 0.912, "zh-hans": 0.912}


def test_a_text_by_the_language_model_is_a_job(api, study, url):
    answer = api.post(f"{url}regenerate/", {"mode": "llm"})
    assert (answer.status_code, answer.json()["job"]["kind"]) == (202, "xray.report")
    job = Job.objects.get(kind="xray.report")
    assert job.params == {"study": str(study.pk), "mode": "llm", "language": "en"}
    assert [row["job"] for row in api.get(url).json()["report_jobs"]] == [str(job.pk)]


def review(api, url, digest, action="accept", **fields):
    body = {"action": action, "digest": digest, **fields}
    return api.post(f"{url}review/", body, format="json")


def test_a_signature_makes_a_new_version_and_supersedes_the_one_that_was_read(
    api, study, url, user
):
    read = study.reports.get()
    answer = review(api, url, read.digest, comment="Seen")
    body = answer.json()
    assert answer.status_code == 200
    assert (body["report"]["number"], body["report"]["review"]["status"]) == (2, "accepted")
    assert body["envelope"]["review"]["by"] == user.username
    assert body["envelope"]["ai_findings"] == read.envelope["ai_findings"]
    assert body["envelope"]["report_id"] != read.envelope["report_id"]
    before = dict(read.envelope)
    read.refresh_from_db()
    assert (read.state, read.envelope) == ("superseded", before)
    row = ReportReview.objects.get()
    assert (row.report, row.action, row.comment) == (read, "accept", "Seen")
    assert row.report_digest == read.digest
    event = AuditEvent.objects.get(action="report.accepted")
    assert (event.before, event.after) == (read.digest, body["report"]["digest"])
    assert event.actor_id == user.pk


@pytest.fixture
def signed(api, study, url):
    """A text by the language model, accepted."""
    _write_text(study)
    return review(api, url, study.reports.get(mode="llm").digest).json()["report"]


def _write_text(study, *, params=None, mode="llm"):
    """What the worker does once the model has answered, or has not."""
    envelope = copy.deepcopy(study.reports.get(number=1).envelope)
    envelope["generator"]["mode"] = mode
    envelope["report_id"] = str(uuid7())
    job = JobFactory(owner=study.job.owner, kind="xray.report", params=params or {}, finished=True)
    return keep_report(study=study, job=job, written=Written(envelope=envelope))


def newest_text(study):
    return study.reports.current().get(mode="llm")


def test_a_signed_text_is_replaced_only_after_a_confirmation_that_names_it(
    api, study, url, signed, user
):
    refused = api.post(f"{url}regenerate/", {"mode": "llm"})
    body = refused.json()
    assert (refused.status_code, body["code"]) == (409, "report_signed")
    assert (body["digest"], body["version"]) == (signed["digest"], signed["number"])
    assert user.username in body["detail"]
    other = api.post(f"{url}regenerate/", {"mode": "llm", "replaces": "0" * 64})
    assert other.json()["code"] == "report_signed"
    assert not Job.objects.filter(kind="xray.report", state="queued").exists()
    assert not AuditEvent.objects.filter(action="report.replacement_confirmed").exists()
    sent = {"mode": "llm", "replaces": body["digest"]}
    answer = api.post(f"{url}regenerate/", sent)
    assert answer.status_code == 202, answer.content
    event = AuditEvent.objects.get(action="report.replacement_confirmed")
    assert (event.actor_id, event.before) == (user.pk, signed["digest"])
    job = Job.objects.get(kind="xray.report", state="queued")
    new = _write_text(study, params=job.params)
    assert newest_text(study) == new
    assert AuditEvent.objects.get(after=new.digest).before == signed["digest"]


def test_another_language_and_a_rejected_text_ask_for_no_confirmation(api, study, url, signed):
    assert api.post(f"{url}regenerate/", {"mode": "llm", "language": "zh-hans"}).status_code == 202
    assert review(api, url, signed["digest"], "reject", comment="Wrong").status_code == 200
    assert api.post(f"{url}regenerate/", {"mode": "llm"}).status_code == 202


@pytest.mark.parametrize("mode", ["llm", "llm_rejected"])
def test_a_job_that_nobody_asked_to_replace_a_signed_text_leaves_it_in_place(study, signed, mode):
    """It was queued before the signature, or somebody retried it."""
    late = _write_text(study, mode=mode)
    assert late.state == "superseded"
    assert newest_text(study).digest == signed["digest"]
    assert AuditEvent.objects.get(after=late.digest).details["signed_stays"] is True


def test_a_model_that_brings_no_text_replaces_no_signed_one(study, signed):
    _write_text(study, params={"replaces": signed["digest"]}, mode="llm_rejected")
    assert study.reports.current().filter(mode="llm_rejected").count() == 0
    assert newest_text(study).digest == signed["digest"]


def test_the_page_asks_before_a_signed_report_is_replaced(client, api, study, url, user):
    _write_text(study, mode="llm_rejected")
    signed = review(api, url, study.reports.get(mode="llm_rejected").digest).json()["report"]
    client.force_login(user)
    LlmBackend.objects.create(
        name="a", kind="ollama", base_url="http://a.example", model="m", is_enabled=True
    )
    page = client.get(f"{study.get_absolute_url()}?mode=llm").content.decode()
    assert f'name="replaces" value="{signed["digest"]}" required' in page
    plain = {"language": "en", "mode": "llm"}
    answer = client.post(f"{study.get_absolute_url()}report/", plain, follow=True)
    assert "was signed by" in answer.content.decode()
    assert not Job.objects.filter(kind="xray.report", state="queued").exists()
    client.post(f"{study.get_absolute_url()}report/", {**plain, "replaces": signed["digest"]})
    assert Job.objects.filter(kind="xray.report", state="queued").count() == 1


def test_nobody_signs_a_version_that_is_no_longer_the_newest(api, study, url):
    read = study.reports.get()
    assert review(api, url, read.digest).status_code == 200
    late = review(api, url, read.digest, "reject")
    assert (late.status_code, late.json()["code"]) == (409, "report_superseded")
    assert Report.objects.count() == 2
    assert review(api, url, "0" * 64).json()["fields"]["digest"]


def test_an_edited_sentence_is_the_reviewers_and_an_untouched_one_is_not(api, study, url):
    read = study.reports.get()
    kept = read.envelope["impression"]
    added = "Follow-up film in 2 weeks, opacity of 0.5 cm."
    text = "\n".join([*(sentence["text"] for sentence in kept), added])
    answer = review(api, url, read.digest, "edit", edits={"impression": text})
    envelope = answer.json()["envelope"]
    assert answer.status_code == 200, answer.content
    assert envelope["impression"] == [
        *kept,
        {"text": added, "finding_ids": [], "author": "reviewer"},
    ]
    assert envelope["review"]["status"] == "edited"
    edits = [{"section": "impression", "before": "", "after": added}]
    assert envelope["review"]["edits"] == ReportReview.objects.get().diff["edits"] == edits
    second = review(api, url, answer.json()["report"]["digest"], "accept").json()
    assert second["envelope"]["review"]["status"] == "accepted"
    assert second["envelope"]["review"]["edits"] == edits


def test_a_replaced_sentence_keeps_its_findings_and_both_texts(api, study, url):
    read = study.reports.get()
    old = read.envelope["impression"][0]
    rest = [sentence["text"] for sentence in read.envelope["impression"][1:]]
    new = "Pneumonia likely at 91 %, right lower zone."
    text = "\n".join([new, *rest])
    envelope = review(api, url, read.digest, "edit", edits={"impression": text}).json()["envelope"]
    assert envelope["impression"][0] == {
        "text": new,
        "finding_ids": old["finding_ids"],
        "author": "reviewer",
    }
    assert envelope["review"]["edits"] == [
        {"section": "impression", "before": old["text"], "after": new}
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Pneumonia: probability 0.812.",
        "Pneumonia: probability 82 %.",
        "Pneumonia: probability .82",
        "肺炎概率 ０．８２。",
        "肺炎概率百分之82。",
    ],
)
def test_an_edit_cannot_change_a_figure_of_the_classifier(api, study, url, text):
    read = study.reports.get()
    answer = review(api, url, read.digest, "edit", edits={"impression": text})
    assert (answer.status_code, answer.json()["code"]) == (422, "figures_changed")
    assert Report.objects.count() == 1
    assert not ReportReview.objects.exists()


@pytest.mark.parametrize(
    ("action", "edits", "status", "code"),
    [
        ("edit", None, 400, "invalid"),
        ("accept", {"impression": "Other."}, 400, "invalid"),
        ("edit", {"ai_findings": "0.1"}, 400, "invalid"),
        ("edit", {"impression": "same"}, 422, "nothing_edited"),
        ("edit", {"impression": " \n "}, 422, "impression_needed"),
        ("sign", None, 400, "invalid"),
    ],
)
def test_a_review_that_makes_no_sense_changes_nothing(api, study, url, action, edits, status, code):
    read = study.reports.get()
    if edits == {"impression": "same"}:
        edits = {"impression": "\n".join(s["text"] for s in read.envelope["impression"])}
    fields = {} if edits is None else {"edits": edits}
    answer = review(api, url, read.digest, action, **fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Report.objects.count() == 1
    assert not AuditEvent.objects.filter(action__startswith="report.").exists()


def test_the_result_is_the_report_and_of_a_refused_film_its_refusal(api, user, study, url):
    answer = api.get(f"{url}result/")
    assert answer.json() == study.reports.get().envelope
    refused = make_study(user, status="refused", refusal_code="not_chest_xray")
    answer = api.get(f"{STUDIES}{refused.pk}/result/")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_chest_xray")
    waiting = make_study(user, status="deidentified")
    answer = api.get(f"{STUDIES}{waiting.pk}/result/")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_reported")


def test_two_films_of_one_patient_stand_side_by_side_without_a_claim(api, user, study, url):
    facts = make_facts(findings=(make_finding(probability=0.2),))
    prior = make_study(user, facts=facts)
    found = api.get(f"{url}compare/{prior.pk}/").json()
    assert found["figures"] == [
        {
            "label": "pneumonia",
            "probability": [0.912, 0.2],
            "operating_point": [0.437, 0.437],
            "band": ["above", "below"],
        }
    ]
    assert found["same_model"] is True
    assert found["study"]["report"]["study_id"] == str(study.pk)
    assert found["prior"]["report"]["study_id"] == str(prior.pk)
    assert list(found["study"]["heatmaps"]) == ["pneumonia"]
    assert found["prior"]["heatmaps"] == {}
    told = json.dumps({**found, "note": ""}).lower()
    assert not any(word in told for word in ("increase", "decrease", "worse", "better", "progress"))
    viewed = AuditEvent.objects.filter(action="study.viewed").values_list("study", flat=True)
    assert set(viewed) == {study.pk, prior.pk}


@pytest.mark.parametrize(("mine", "theirs"), [("p-1", "p-2"), ("", ""), ("p-1", "")])
def test_films_that_are_not_surely_of_one_patient_are_never_compared(
    api, user, private_files, mine, theirs
):
    one, other = (make_study(user, facts=make_facts(pseudonym=key)) for key in (mine, theirs))
    answer = api.get(f"{STUDIES}{one.pk}/compare/{other.pk}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_same_patient")


def test_a_strangers_film_of_the_same_patient_does_not_exist(api, study, url, stranger):
    theirs = make_study(stranger)
    assert theirs.patient_key == study.patient_key
    assert api.get(f"{url}compare/{theirs.pk}/").status_code == 404


def test_the_trail_of_a_study_tells_who_did_what_and_its_chain_is_whole(api, study, url, user):
    api.get(url)
    review(api, url, study.reports.get().digest)
    events = api.get(f"{url}audit/").json()["results"]
    assert [event["action"] for event in events] == [
        "study.viewed",
        "report.final",
        "report.accepted",
    ]
    assert {event["actor"] for event in events} == {user.username}
    assert len(events[0]["origin"]) == 16
    assert "127.0.0.1" not in str(events)
    assert verify_chain() is None
    first = api.get(f"{url}audit/?page_size=1").json()
    assert len(first["results"]) == 1
    assert first["next"]


def test_the_report_in_the_other_language_names_the_same_prior(api, study, url):
    first = study.reports.get()
    first.envelope["comparison"]["prior_report_id"] = "r-1"
    first.save()
    api.post(f"{url}regenerate/", {"mode": "structured", "language": "zh-hans"})
    second = study.reports.get(language="zh-hans")
    assert second.envelope["comparison"]["prior_report_id"] == "r-1"
    assert "r-1" in second.envelope["comparison"]["text"]


@pytest.mark.parametrize(("probability", "labels"), [(0.912, 2), (0.1, 1)])
def test_a_research_output_is_a_bare_share_and_only_beside_a_reported_finding(
    api, user, private_files, probability, labels
):
    low, high = max(0.0, probability - 0.05), min(1.0, probability + 0.05)
    found = make_finding(probability=probability, interval=(low, high))
    study = make_study(user, facts=make_facts(findings=(found,)))
    Prediction.objects.create(
        study=study, model_version=study.model_version, label="viral_share", logit=0.4,
        probability=0.613, interval_low=0.613, interval_high=0.613, operating_point=0.5,
        point_name="screening", band="above", is_research=True,
    )  # fmt: skip
    told = api.get(f"{STUDIES}{study.pk}/").json()["predictions"]
    assert len(told) == labels
    for row in told[1:]:
        assert (row["probability"], row["research"]) == (0.613, True)
        assert not any(row[name] for name in ("interval", "operating_point", "point_name", "band"))
