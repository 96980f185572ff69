"""Which faces a picture has, before anything is done to it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from enhance.models import Enhancement, FacesPreview
from enhance.services import faces_preview
from project.images.models import ImageRecord
from project.images.sweep import expire_images
from project.jobs.models import Job
from project.realtime.held_answer import HEADER
from tests.enhance.faces.given import face_at
from tests.enhance.pictures import pixels, upload

pytestmark = pytest.mark.django_db(transaction=True)

PICTURE = pixels(160, 120)


@pytest.fixture
def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture(autouse=True)
def two_faces(face_detector):
    face_detector.faces = (face_at(45, 60, 40), face_at(115, 60, 30))


def post(api, **fields):
    body = {"file": upload(PICTURE), "wait": "false", **fields}
    return api.post("/api/v1/enhance/faces", body, format="multipart")


def test_boxes_points_and_thumbnails_come_before_the_run(api, run_job):
    accepted = post(api, faces="largest")
    assert (accepted.status_code, accepted.json()["faces"]) == (202, [])
    run_job()
    body = api.get(accepted["Location"]).json()
    assert (body["width"], body["height"]) == (160, 120)
    assert [face["box"] for face in body["faces"]] == [
        [25.0, 40.0, 40.0, 40.0], [100.0, 45.0, 30.0, 30.0]
    ]  # fmt: skip
    assert [(f["chosen"], f["reason"]) for f in body["faces"]] == [
        (True, ""),
        (False, "not_chosen"),
    ]
    assert [len(face["points"]) for face in body["faces"]] == [5, 5]
    for face in body["faces"]:
        picture = api.get(face["thumbnail"])
        assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    assert Enhancement.objects.count() == 0


def test_it_says_whether_the_faces_could_be_restored(api, run_job, face_networks):
    body = post(api).json()
    assert body["face_restoration"] == "unavailable"
    assert body["face_restoration_command"] == "manage.py models pull gfpgan-1.4"
    face_networks.add("gfpgan-1.4")
    body = post(api).json()
    assert (body["face_restoration"], body["face_restoration_command"]) == ("available", None)


def test_the_answer_waits_for_the_search_without_a_thread_unless_nobody_wants_that(api):
    answer = post(api, wait="true")
    assert answer[HEADER] == f"{answer.json()['job']} {answer['Location']}"
    assert HEADER not in post(api, wait="false")


def test_without_a_detector_it_says_so(api, run_job, face_networks):
    face_networks.clear()
    accepted = post(api)
    run_job()
    answer = api.get(accepted["Location"])
    assert (answer.status_code, answer.json()["code"]) == (503, "model_unavailable")
    assert "manage.py models pull" in answer.json()["detail"]


@pytest.mark.parametrize("fields", [{"faces": "every"}, {"wait": "perhaps"}, {"min_face": "3"}])
def test_a_wrong_option_leaves_nothing(api, fields, stored_files):
    assert post(api, **fields).status_code == 400
    assert (Job.objects.count(), stored_files()) == (0, [])


def test_a_strangers_preview_is_absent(api, stranger):
    accepted = post(api)
    other = APIClient()
    other.force_authenticate(stranger)
    assert other.get(accepted["Location"]).status_code == 404


def test_after_an_hour_nothing_of_it_is_left(api, run_job, stored_files):
    post(api)
    run_job()
    later = timezone.now() + timedelta(minutes=61)
    assert ImageRecord.objects.count() == 3
    expire_images(now=later)
    faces_preview.expire_previews(now=later)
    counts = (Job.objects.count(), FacesPreview.objects.count(), ImageRecord.objects.count())
    assert (counts, stored_files()) == ((0, 0, 0), [])
