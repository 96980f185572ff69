"""Submitting, listing, reading, correcting and deleting studies."""

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from project.images import storage
from project.images.records import delete_image
from project.jobs.models import Job
from project.webhooks.models import Callback, Delivery
from tests.xray.api.conftest import STUDIES
from tests.xray.factories import make_study
from xray.models import AuditEvent, Prediction, Report, Study
from xray.pages.forms import SendForm

pytestmark = pytest.mark.django_db


def test_a_film_becomes_a_study_with_findings_heat_map_and_report(send, run_job, api):
    answer = send(indication="Cough", language="en")
    sent = answer.json()
    assert answer.status_code == 202
    assert answer["Location"] == sent["url"] == f"{STUDIES}{sent['study_id']}/"
    assert (sent["status"], sent["duplicate"], sent["use_ollama"]) == ("deidentified", False, False)
    waiting = api.get(sent["url"]).json()
    assert (waiting["state"], waiting["predictions"], waiting["report"]) == ("queued", [], None)
    run_job()
    study = api.get(sent["url"]).json()
    assert (study["status"], study["state"], study["refusal"]) == ("reported", "succeeded", None)
    finding = study["predictions"][0]
    assert (finding["label"], finding["band"], finding["probability"]) == (
        "pneumonia",
        "above",
        0.909,
    )
    assert finding["heatmap"]["region"]
    assert [row["research"] for row in study["predictions"]] == [False, True]
    assert study["report"]["ai_findings"][0]["probability"] == finding["probability"]
    assert study["reports"][0]["digest"] == Report.objects.get().digest
    assert {"gate", "infer", "report"} <= set(study["timings"])
    assert study["model"]["version"] == "1.0.0"
    assert study["film"]["width"] == 288


def test_a_refused_film_is_told_with_its_repair_and_without_any_probability(
    send, run_job, api, gate
):
    gate.code, gate.repair = "inverted_or_rotated", "invert"
    sent = send().json()
    run_job()
    answer = api.get(sent["url"])
    study = answer.json()
    assert study["status"] == "refused"
    assert study["refusal"]["code"] == "inverted_or_rotated"
    assert study["refusal"]["repair"] == "invert"
    assert study["refusal"]["advice"]
    assert (study["predictions"], study["report"], study["reports"]) == ([], None, [])
    assert b"probability" not in answer.content
    row = api.get(STUDIES).json()["results"][0]
    assert (row["probability"], row["refusal_code"]) == (None, "inverted_or_rotated")
    assert not Prediction.objects.exists()
    for path in ("regenerate/", f"compare/{sent['study_id']}/"):
        method = api.post if path == "regenerate/" else api.get
        assert method(f"{sent['url']}{path}").status_code == 409


def test_a_refused_film_is_analysed_again_as_its_owner_corrects_it(send, run_job, api, gate):
    gate.code, gate.repair = "inverted_or_rotated", "invert"
    sent = send().json()
    run_job()
    gate.code = gate.repair = ""
    again = api.post(f"{sent['url']}correct/", {"correction": "invert"}, format="json")
    assert again.status_code == 202
    run_job()
    study = api.get(again.json()["url"]).json()
    assert (study["status"], study["correction"]) == ("reported", "invert")
    assert "corrected_invert" in [warning["code"] for warning in study["warnings"]]
    twice = api.post(f"{again.json()['url']}correct/", {"correction": "invert"})
    assert (twice.status_code, twice.json()["code"]) == (409, "not_refused")


def test_the_same_picture_twice_is_one_study_with_one_result(send, run_job, api):
    first = send()
    again = send()
    run_job()
    third = send(key="a-new-key")
    assert [first.status_code, again.status_code, third.status_code] == [202, 200, 200]
    assert again.json()["duplicate"]
    assert {a.json()["study_id"] for a in (first, again, third)} == {first.json()["study_id"]}
    assert (Study.objects.count(), Report.objects.count()) == (1, 1)


HOOK, OTHER = "https://hooks.example.org/in", "https://hooks.example.org/other"


def test_the_callback_of_a_film_that_is_known_and_finished_is_called_at_once(send, run_job):
    first = send()
    run_job()
    assert not Delivery.objects.exists()
    again = send(callback_url=HOOK)
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    told = Delivery.objects.get()
    assert (told.url, told.type, told.is_pending) == (HOOK, "job.succeeded", True)
    assert told.data["job"] == first.json()["job"]


def test_the_callback_of_a_film_that_is_still_analysed_is_called_at_its_end(send, run_job):
    send()
    assert send(callback_url=HOOK).status_code == 200
    assert not Delivery.objects.exists()
    run_job()
    assert Delivery.objects.get().url == HOOK


def test_a_callback_that_was_called_is_called_again_for_the_same_film(send, run_job):
    send(callback_url=HOOK)
    run_job()
    Delivery.objects.update(state="delivered", finished_at=timezone.now())
    assert send(callback_url=HOOK).status_code == 200
    assert Delivery.objects.get().is_pending


@pytest.mark.parametrize("is_over", [False, True])
def test_a_known_film_takes_no_callback_from_another_address(send, run_job, is_over):
    send(callback_url=HOOK)
    if is_over:
        run_job()
    refused = send(callback_url=OTHER)
    assert (refused.status_code, refused.json()["code"]) == (409, "callback_taken")
    assert refused.json()["job"] == str(Job.objects.get().pk)
    assert Callback.objects.get().url == HOOK


@pytest.mark.parametrize(("length", "is_taken"), [(200, True), (201, False)])
def test_page_and_api_take_the_same_keys_of_patients(send, user, length, is_taken):
    key = "P" * length
    form = SendForm({"language": "en", "patient_key": key}, user=user)
    assert ("patient_key" not in form.errors) == is_taken
    assert send(patient_key=key).status_code == (202 if is_taken else 400)


def test_one_key_names_one_callback(send):
    assert send(key="one", callback_url=HOOK).status_code == 202
    assert send(key="one", callback_url=HOOK).status_code == 200
    conflict = send(key="one", callback_url=OTHER)
    assert (conflict.status_code, conflict.json()["code"]) == (409, "idempotency_conflict")


def test_the_same_picture_for_another_patient_is_another_study(send):
    ids = {send(patient_key=key).json()["study_id"] for key in ("A", "B", "A")}
    assert len(ids) == 2


def test_one_key_names_one_request(send):
    first = send(key="one", patient_key="A")
    repeated = send(key="one", patient_key="A")
    assert (first.status_code, repeated.status_code) == (202, 200)
    assert repeated["Idempotent-Replay"] == "true"
    for other in ({"patient_key": "B"}, {"patient_key": "A", "language": "zh-hans"}):
        conflict = send(key="one", **other)
        assert (conflict.status_code, conflict.json()["code"]) == (409, "idempotency_conflict")
    assert Study.objects.count() == 1


def test_the_rate_of_submitting_counts_films_and_not_requests(
    api, film, version, private_files, settings
):
    cache.clear()
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "submit": "3/day"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    films = [film(number) for number in range(4)]
    answer = api.post(STUDIES, {"files[]": films}, format="multipart")
    errors = [item["error"] and item["error"]["code"] for item in answer.json()["studies"]]
    assert (answer.status_code, errors) == (202, [None, None, None, "throttled"])
    assert int(answer["Retry-After"]) > 0 and answer["RateLimit-Remaining"] == "0"
    assert Study.objects.count() == 3
    assert api.post(STUDIES, {"file": film(9)}, format="multipart").status_code == 429


def test_several_films_are_several_studies_and_a_bad_one_stops_none(
    api, film, version, private_files
):
    bad = film(name="smith^john.png")
    bad.file.seek(0)
    bad.file.truncate()
    bad.file.write(b"no picture at all, certainly not")
    bad.size = bad.file.tell()
    bad.file.seek(0)
    answer = api.post(STUDIES, {"files[]": [film(1), bad, film(2)]}, format="multipart")
    body = answer.json()
    assert answer.status_code == 202
    assert (body["accepted"], body["refused"]) == (2, 1)
    assert [item["index"] for item in body["studies"]] == [0, 1, 2]
    assert body["studies"][1]["error"]["code"] == "not_an_image"
    assert Study.objects.count() == 2
    assert b"smith" not in answer.content


def test_more_than_twenty_films_are_refused_as_a_whole(api, film, version, private_files):
    answer = api.post(STUDIES, {"files[]": [film(n) for n in range(21)]}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_files")
    assert not Study.objects.exists()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"mode": "structured", "use_ollama": "true"}, "mode"),
        ({"language": "fr"}, "language"),
        ({"threshold": "0.1"}, "threshold"),
        ({"prior": "0199c0de-0000-7000-8000-000000000099"}, "prior"),
        ({"indication": "x" * 501}, "indication"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_refused_by_name(send, fields, name):
    answer = send(**fields)
    assert answer.status_code == 400
    assert name in answer.json()["fields"]
    assert not Job.objects.exists()


def test_a_prior_must_be_of_the_same_patient(send, run_job):
    first = send(patient_key="A").json()["study_id"]
    run_job()
    other = send(patient_key="B", prior=first)
    assert (other.status_code, other.json()["code"]) == (409, "not_same_patient")
    assert send(patient_key="A", prior=first).status_code == 202


def test_use_ollama_is_the_mode_of_the_language_model(send):
    assert send(use_ollama="true").json()["mode"] == "llm"


def test_without_a_classifier_nothing_is_accepted_and_the_answer_says_so(send, version):
    version.status = "retired"
    version.save()
    answer = send()
    assert (answer.status_code, answer.json()["code"]) == (503, "model_unavailable")
    assert not Study.objects.exists()


def test_the_worklist_is_narrowed_and_ordered_by_probability(api, user, stranger, private_files):
    from tests.xray.factories import make_facts, make_finding

    def study(probability, **changes):
        facts = make_facts(findings=(make_finding(probability=probability),), **changes)
        return str(make_study(user, facts=facts).pk)

    low, high, middle = study(0.1), study(0.95, pseudonym="p-other"), study(0.6)
    refused = str(make_study(user, status="refused", refusal_code="low_quality").pk)
    make_study(stranger)

    def ids(query=""):
        return [row["study_id"] for row in api.get(f"{STUDIES}{query}").json()["results"]]

    assert ids() == [refused, middle, high, low]
    assert ids("?ordering=-probability") == [high, middle, low]
    assert ids("?ordering=probability&min_prob=0.5") == [middle, high]
    assert ids("?label=pneumonia&min_prob=0.9") == [high]
    assert ids("?status=refused") == [refused]
    assert ids("?q=other") == [high]
    assert ids("?from=2001-01-01&to=2001-12-31") == []
    assert api.get(f"{STUDIES}?label=cat").status_code == 400


def test_the_pages_of_the_worklist_by_probability_hold_each_study_once(api, user, private_files):
    from tests.xray.factories import make_facts, make_finding

    made = set()
    for probability in (0.9, 0.5, 0.5, 0.5, 0.2):
        facts = make_facts(findings=(make_finding(probability=probability),))
        made.add(str(make_study(user, facts=facts).pk))
    seen, url = [], f"{STUDIES}?ordering=-probability&page_size=2"
    while url:
        page = api.get(url).json()
        seen += [row["study_id"] for row in page["results"]]
        url = page["next"]
    assert sorted(seen) == sorted(made)


ARTIFACTS = [
    ("get", ""),
    ("delete", ""),
    ("get", "result/"),
    ("get", "audit/"),
    ("post", "correct/"),
    ("post", "regenerate/"),
    ("post", "review/"),
    ("get", "compare/{id}/"),
]


def test_a_correction_asked_for_twice_is_one_study_and_says_only_what_was_done(
    send, run_job, api, gate
):
    gate.code, gate.repair = "inverted_or_rotated", "invert"
    first = send().json()
    run_job()
    asked = [api.post(f"{first['url']}correct/", {"correction": "invert"}).json() for _ in range(2)]
    assert asked[0]["study_id"] == asked[1]["study_id"]
    run_job()
    gate.code = ""
    turned = api.post(f"{asked[0]['url']}correct/", {"correction": "rotate_180"}).json()
    run_job()
    study = api.get(turned["url"]).json()
    codes = [warning["code"] for warning in study["warnings"]]
    assert [code for code in codes if code.startswith("corrected")] == ["corrected_rotate_180"]
    assert Study.objects.count() == 3


@pytest.mark.parametrize(("method", "path"), ARTIFACTS)
def test_user_a_gets_404_for_every_artifact_of_user_b(user, stranger, private_files, method, path):
    study = make_study(user)
    client = APIClient()
    client.force_authenticate(stranger)
    url = f"{STUDIES}{study.pk}/{path.format(id=study.pk)}"
    answer = getattr(client, method)(url, {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert Study.objects.filter(pk=study.pk).exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_deleted_study_is_gone_with_its_files_and_leaves_its_trail(reported, api, private_files):
    study = reported()
    assert [path for path in private_files.rglob("*") if path.is_file()]
    url = f"{STUDIES}{study['study_id']}/"
    assert api.delete(url).status_code == 204
    assert api.get(url).status_code == 404
    assert not Study.objects.exists()
    assert not Job.objects.exists()
    assert not [path for path in private_files.rglob("*") if path.is_file()]
    assert "study.erased" in AuditEvent.objects.values_list("action", flat=True)


def test_a_study_outlives_its_film(reported, api, private_files):
    study = reported()
    row = Study.objects.get()
    storage.delete(row.film.file)
    for record in [row.film, row.predictions.first().heatmap.map]:
        delete_image(record, even_in_use=True)
    url = f"{STUDIES}{study['study_id']}/"
    kept = api.get(url).json()
    assert (kept["film"], kept["film_url"]) == (None, None)
    assert kept["predictions"][0]["heatmap"]["url"] is None
    assert kept["report"] == study["report"]
    assert api.get(STUDIES).json()["results"][0]["film_url"] is None
    assert api.get(f"{url}result/").json() == study["report"]


def test_a_refused_study_whose_film_expired_offers_no_repair(send, run_job, api, gate):
    gate.code, gate.repair = "inverted_or_rotated", "invert"
    sent = send().json()
    run_job()
    delete_image(Study.objects.get().film, even_in_use=True)
    assert api.get(sent["url"]).json()["refusal"]["repair"] == ""
    answer = api.post(f"{sent['url']}correct/", {"correction": "invert"})
    assert (answer.status_code, answer.json()["code"]) == (409, "source_gone")


def test_reports_name_the_model_version_used_during_a_switch(send, run_job, api, film, version):
    from tests.xray.factories import make_version
    from tests.xray.tiny import CALIBRATION

    before = send(film(1)).json()
    other = make_version(version="2.0.0", calibration=CALIBRATION)
    type(version).objects.filter(pk=version.pk).update(status="retired")
    type(version).objects.filter(pk=other.pk).update(status="active")
    after = send(film(2)).json()
    run_job()
    run_job()
    used = [api.get(sent["url"]).json() for sent in (before, after)]
    assert [study["report"]["model"]["version"] for study in used] == ["1.0.0", "2.0.0"]
    assert [study["model"]["version"] for study in used] == ["1.0.0", "2.0.0"]


def test_a_page_that_asks_again_is_one_reading_in_the_trail(reported, api):
    study = reported()
    url = f"{STUDIES}{study['study_id']}/"
    for _ in range(3):
        api.get(url)
    actions = [event["action"] for event in api.get(f"{url}audit/").json()["results"]]
    assert actions == ["study.received", "report.final", "study.viewed"]
