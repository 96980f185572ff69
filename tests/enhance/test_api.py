"""The enhance API: the paths of the original service, owner-scoped, coded refusals."""

import json

import pytest
from rest_framework.test import APIClient

from enhance.models import Enhancement
from project.images.models import ImageRecord
from project.jobs.models import Job
from tests.enhance.pictures import as_file, pixels, upload

pytestmark = pytest.mark.django_db(transaction=True)

BASE = "/api/v1"
MISSING = "0199c0de-0000-7000-8000-000000000001"


@pytest.fixture
def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def other(stranger):
    client = APIClient()
    client.force_authenticate(stranger)
    return client


@pytest.fixture
def done(submit, run_job):
    """A finished enlargement."""
    row = submit(upload(name="фото.png"), scale="2")
    run_job()
    return Enhancement.objects.with_job().get(pk=row.pk)


def post(api, path="/enhance", *, photo=None, headers=None, **fields):
    return api.post(
        f"{BASE}{path}", {"file": photo or upload(), **fields}, format="multipart", headers=headers
    )


@pytest.mark.parametrize("path", ["/enhance", "/enhance/"])
def test_a_submit_answers_with_the_place_to_ask(api, path):
    response = post(api, path, scale="2")
    body = response.json()
    assert response.status_code == 202
    assert (body["status"], body["state"], body["kind"]) == ("queued", "queued", "enhance.photo")
    assert body["task_id"] == body["job"] == str(Enhancement.objects.get().pk)
    assert response["Location"] == f"{BASE}/status/{body['task_id']}"
    assert {"message", "created_at", "position", "eta_seconds", "plan"} <= set(body)
    assert api.get(response["Location"]).json()["task_id"] == body["task_id"]


def test_form_and_query_options_are_equal_and_the_form_wins(api):
    fields = {"scale": "2.5", "quality_level": "balanced", "output_format": "jpg", "jpeg_quality": "70",
              "tile_size": "128", "tile_pad": "9", "model": "realesrgan-x4plus-anime",
              "keep_metadata": "false", "keep_gps": "true", "alpha": "drop",
              "face_restore": "off", "face_model": "1.3", "faces": "2,0", "min_face": "40",
              "aligned": "true", "fidelity": "0.25", "background": "off"}  # fmt: skip
    query = "&".join(f"{name}={value}" for name, value in fields.items())
    post(api, **fields)
    post(api, f"/enhance?{query}")
    post(api, "/enhance?scale=7&tile_size=64", **fields)
    options = list(Enhancement.objects.values_list("options", flat=True))
    assert options[0] == options[1] == options[2]
    assert options[0] == {"scale": 2.5, "quality_level": "medium", "output_format": "jpg",
                          "target_width": None, "target_height": None, "megapixels": None,
                          "jpeg_quality": 70, "tile_size": 128, "tile_pad": 9, "denoise": None,
                          "model": "realesrgan-x4plus-anime", "keep_metadata": False,
                          "keep_gps": True, "alpha": "drop", "face_restore": "off",
                          "face_model": "1.3", "faces": [0, 2], "min_face": 40, "aligned": True,
                          "fidelity": 0.25, "background": False}  # fmt: skip


@pytest.mark.parametrize(
    ("photo", "fields", "status", "code"),
    [
        ({"content": b""}, {}, 422, "empty_file"),
        ({"content": b"<svg/>", "name": "a.svg"}, {}, 415, "unsupported_format"),
        ({"content": as_file(pixels(9, 9))[:40]}, {}, 422, "corrupt_image"),
        ({"name": "x.jpg"}, {}, 422, "format_mismatch"),
        ({}, {"scale": "17"}, 400, "invalid"),
        ({}, {"quality_level": "best"}, 400, "invalid"),
        ({}, {"scale": "2", "megapixels": "1"}, 400, "invalid"),
        ({}, {"target_width": "10"}, 422, "target_out_of_range"),
        ({}, {"model": "realesrgan-x2plus"}, 422, "model_missing"),
        ({}, {"denoise": "0.5"}, 422, "denoise_unavailable"),
        ({}, {"denoise": "0.5", "model": "realesrgan-x4plus"}, 422, "denoise_unavailable"),
        ({}, {"colour": "red"}, 400, "invalid"),
    ],
)
def test_a_refusal_is_coded_and_leaves_nothing(api, stored_files, photo, fields, status, code):
    response = post(api, photo=upload(**photo), **fields)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert (Enhancement.objects.count(), Job.objects.count(), ImageRecord.objects.count()) == (
        0,
        0,
        0,
    )
    assert stored_files() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"target_width": "60"}, {"target_height": "45", "target_width": "1000"},
        {"megapixels": "0.0027", "alpha": "model"}, {"quality_level": "max", "strip_gps": "false"},
    ],
)  # fmt: skip
def test_each_target_and_level_is_the_same_as_field_and_in_the_query(api, fields):
    query = "&".join(f"{name}={value}" for name, value in fields.items())
    post(api, **fields)
    post(api, f"/enhance?{query}")
    one, other = Enhancement.objects.all()
    assert (one.options, one.plan) == (other.options, other.plan)
    if "quality_level" not in fields:
        assert (one.plan["output_width"], one.plan["output_height"]) == (60, 45)
        assert one.plan["scale"] == 2.5


def test_what_is_missing_is_named_with_the_command_before_a_job_exists(api):
    body = post(api, denoise="0.5").json()
    assert body["command"] == (
        "manage.py models pull realesr-general-x4v3 realesr-general-wdn-x4v3"
    )
    assert body["command"] in body["detail"]
    assert post(api, model="realesrgan-x2plus").json()["command"].endswith("realesrgan-x2plus")


def test_an_output_over_the_limit_names_the_largest_scale(api, settings):
    settings.ENHANCE_OUTPUT_MEGAPIXELS = 0.01
    body = post(api, scale="16").json()
    assert (body["code"], body["largest_scale"]) == ("output_too_large", 4.8)


def test_a_submit_without_a_file_says_so(api):
    response = api.post(f"{BASE}/enhance", {"scale": "2"}, format="multipart")
    assert (response.status_code, response.json()["code"]) == (400, "file_missing")
    text = api.post(f"{BASE}/enhance", {"file": "just text"}, format="multipart")
    assert text.json()["code"] == "file_missing"
    assert api.post(f"{BASE}/enhance", {"scale": 2}, format="json").status_code == 415


def test_the_same_key_answers_with_the_same_task(api, stored_files):
    first, second = (post(api, headers={"Idempotency-Key": "a-key"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["task_id"] == second.json()["task_id"]
    assert second["Idempotent-Replay"] == "true"
    assert len(stored_files()) == 1
    conflict = post(api, scale="2", headers={"Idempotency-Key": "a-key"})
    assert (conflict.status_code, conflict.json()["code"]) == (409, "idempotency_conflict")
    assert len(stored_files()) == 1


def test_the_status_shows_the_result_when_it_is_there(api, done):
    body = api.get(f"{BASE}/status/{done.pk}").json()
    assert (body["status"], body["state"], body["progress"]) == ("completed", "succeeded", 1.0)
    assert body["result"]["url"] == body["result_url"] == f"{BASE}/download/{done.pk}"
    assert (body["result"]["width"], body["result"]["height"]) == (48, 36)
    assert body["result"]["digital_source_type"].endswith("compositeWithTrainedAlgorithmicMedia")
    assert body["source"] == {"name": "фото.png", "width": 24, "height": 18, "bit_depth": 8}
    assert body["result"]["bit_depth"] == 8
    assert body["warnings"] == []
    marking = body["result"]["marking"]
    assert marking["iptc"] == body["result"]["digital_source_type"]
    assert (marking["c2pa"], marking["reason"], marking["detail"]) == ("signed", "", "")
    assert marking["signer"]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("queued", "queued"),
        ("running", "processing"),
        ("failed", "failed"),
        ("cancelled", "cancelled"),
    ],
)
def test_states_have_the_words_of_the_original_service(api, submit, state, status):
    from uuid import uuid4

    from django.utils import timezone

    row = submit()
    now = timezone.now()
    Job.objects.filter(pk=row.pk).update(
        state=state,
        lease_token=uuid4(),
        lease_until=now,
        finished_at=now,
        error_code={"failed": "out_of_memory", "cancelled": "cancelled"}.get(state, ""),
    )
    body = api.get(f"{BASE}/status/{row.pk}").json()
    assert body["status"] == status
    assert (body["error"] is not None) is (state in ("failed", "cancelled"))


def test_a_download_has_type_name_and_etag(api, done):
    response = api.get(f"{BASE}/download/{done.pk}")
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\x89PNG")
    assert response["Content-Type"] == "image/png"
    assert (
        response["Content-Disposition"]
        == "attachment; filename*=utf-8''%D1%84%D0%BE%D1%82%D0%BE-x2.png"
    )
    assert response["Cache-Control"].startswith("private")
    again = api.get(f"{BASE}/download/{done.pk}", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304


def test_a_download_before_the_end_is_task_not_completed(api, submit):
    response = api.get(f"{BASE}/download/{submit().pk}")
    assert (response.status_code, response.json()["code"]) == (400, "task_not_completed")


def test_a_result_that_expired_is_absent(api, done):
    from project.images.records import delete_image

    delete_image(done.result)
    assert api.get(f"{BASE}/download/{done.pk}").status_code == 404
    assert api.get(f"{BASE}/status/{done.pk}").json()["result"] is None


def test_the_list_holds_exactly_the_own_tasks_newest_first(api, submit, stranger):
    rows = [submit() for _ in range(3)]
    submit(owner=stranger)
    page = api.get(f"{BASE}/tasks?page_size=2").json()
    rest = api.get(page["next"]).json()
    found = [task["task_id"] for task in page["results"] + rest["results"]]
    assert found == [str(row.pk) for row in reversed(rows)]
    assert rest["next"] is None


def test_the_list_may_be_narrowed(api, submit, done):
    waiting = submit(upload(name="waiting.png"))

    def listed(query):
        return [task["task_id"] for task in api.get(f"{BASE}/tasks?{query}").json()["results"]]

    assert listed("status=completed") == [str(done.pk)]
    assert listed("status=queued") == listed("name=WAIT") == [str(waiting.pk)]
    assert listed(f"batch={MISSING}") == listed("status=failed") == []
    assert api.get(f"{BASE}/tasks?status=happy").status_code == 400


def test_the_list_costs_the_same_number_of_queries_for_any_length(api, submit):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for _ in range(2):
        for _ in range(3):
            submit()
        with CaptureQueriesContext(connection) as queries:
            api.get(f"{BASE}/tasks")
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "status/{id}"), ("get", "download/{id}"), ("delete", "tasks/{id}"),
     ("post", "tasks/{id}/cancel"), ("post", "tasks/{id}/retry")],
)  # fmt: skip
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_strangers_task_is_as_absent_as_one_that_never_was(api, other, done, method, path, slash):
    foreign = getattr(other, method)(f"{BASE}/{path.format(id=done.pk)}{slash}")
    absent = getattr(api, method)(f"{BASE}/{path.format(id=MISSING)}{slash}")
    bodies = [json.loads(response.content) for response in (foreign, absent)]
    assert [response.status_code for response in (foreign, absent)] == [404, 404]
    assert {**bodies[0], "request_id": ""} == {**bodies[1], "request_id": ""}
    assert Enhancement.objects.filter(pk=done.pk).exists()


@pytest.mark.parametrize(
    ("method", "path"),
    [("post", "enhance"), ("post", "enhance/estimate"), ("get", "enhance/models"), ("get", "tasks"),
     ("get", f"status/{MISSING}"), ("get", f"download/{MISSING}"), ("delete", f"tasks/{MISSING}"),
     ("post", f"tasks/{MISSING}/cancel"), ("post", f"tasks/{MISSING}/retry")],
)  # fmt: skip
def test_nobody_gets_in_without_signing_in(method, path):
    assert getattr(APIClient(), method)(f"{BASE}/{path}").status_code == 401


def test_a_queued_task_is_cancelled_at_once(api, submit, run_job):
    row = submit()
    assert api.post(f"{BASE}/tasks/{row.pk}/cancel").json()["status"] == "cancelled"
    assert run_job() is None


def test_a_retry_is_a_new_task_and_may_change_options(api, done):
    response = api.post(f"{BASE}/tasks/{done.pk}/retry", {"scale": 3}, format="json")
    body = response.json()
    assert response.status_code == 202
    assert body["task_id"] != str(done.pk)
    new = Enhancement.objects.with_job().get(pk=body["task_id"])
    assert (new.options["scale"], new.source) == (3.0, done.source)
    assert new.job.retry_of_id == done.pk


def test_a_retry_of_a_waiting_task_is_refused(api, submit):
    response = api.post(f"{BASE}/tasks/{submit().pk}/retry")
    assert (response.status_code, response.json()["code"]) == (409, "not_retryable")


def test_a_delete_removes_rows_and_files(api, done, stored_files):
    assert api.delete(f"{BASE}/tasks/{done.pk}").status_code == 204
    assert (Enhancement.objects.count(), Job.objects.count(), ImageRecord.objects.count()) == (
        0,
        0,
        0,
    )
    assert stored_files() == []
    assert api.get(f"{BASE}/status/{done.pk}").status_code == 404


def test_an_estimate_is_the_plan_of_the_submit(api):
    estimate = api.post(
        f"{BASE}/enhance/estimate", {"width": 24, "height": 18, "scale": 2}, format="json"
    ).json()
    plan = post(api, scale="2").json()["plan"]
    assert {name: estimate[name] for name in plan} == plan
    assert estimate["options"]["quality_level"] == "fast"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"width": 2048, "height": 2048, "scale": 16}, 422, "output_too_large"),
        ({"width": 20_000, "height": 20_000, "scale": 1}, 422, "too_many_pixels"),
        ({"width": 0, "height": 5}, 400, "invalid"),
        ({"height": 5}, 400, "invalid"),
        ([1, 2], 400, "invalid"),
        ({"width": 2000, "height": 2000, "quality_level": "high"}, 422, "too_large_for_device"),
    ],
)
def test_an_estimate_refuses_what_a_submit_would(api, settings, body, status, code):
    settings.DEVICE = "cpu"
    response = api.post(f"{BASE}/enhance/estimate", body, format="json")
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_the_models_say_what_is_missing_and_the_command(api, tmp_path, monkeypatch):
    from project.inference import config

    monkeypatch.setattr(config, "_config", config.InferenceConfig(model_root=tmp_path / "models"))
    models = api.get(f"{BASE}/enhance/models").json()
    of_faces = {model["name"]: model["task"] for model in models if model["task"] != "background"}
    assert of_faces == {
        "gfpgan-1.4": "face", "gfpgan-1.3": "face", "gfpgan-1.2": "face",
        "mtcnn": "detector", "retinaface-r50": "detector", "parsenet": "mask",
    }  # fmt: skip
    models = [model for model in models if model["task"] == "background"]
    assert {model["name"]: (model["state"], model["quality_levels"]) for model in models} == {
        "realesrgan-x4plus": ("missing", ["medium", "high", "max"]),
        "realesrgan-x4plus-anime": ("missing", []),
        "realesr-animevideov3": ("missing", ["fast"]),
        "realesr-general-x4v3": ("missing", ["fast"]),
        "realesrgan-x2plus": ("missing", []),
    }
    assert {model["command"] for model in models} == {
        f"manage.py models pull {model['name']}" for model in models
    }
    assert {model["licence"] for model in models} == {"BSD-3-Clause"}
