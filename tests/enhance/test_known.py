"""The result cache: what was enlarged before is the answer, to its owner alone, and honestly."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from enhance.models import Enhancement, EnhanceModel
from enhance.names import name_of_result
from enhance.services.erase import delete_enhancement
from enhance.services.known import _installed
from project.images.errors import UploadRefused
from project.images.models import ImageRecord
from project.images.records import delete_image
from project.jobs.models import Job
from tests.enhance.faces.given import face_at
from tests.enhance.pictures import as_file, pixels, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def again(submit):
    """The same photo in the same way, as often as it is called."""

    def send(**changes):
        return submit(upload(name="again.png"), cache=True, **{"scale": "2", **changes})

    return send


@pytest.fixture
def done(submit, run_job):
    row = submit(upload(name="first.png"), scale="2")
    run_job()
    return Enhancement.objects.with_job().get(pk=row.pk)


def test_the_same_photo_and_options_are_answered_at_once_and_no_network_runs(
    done, again, run_job, stored_files
):
    files = stored_files()
    row = again()
    assert (row.job.state, row.is_cached, row.result) == ("succeeded", True, done.result)
    assert name_of_result(row) == "again-x2.png"
    assert (row.source, row.source_name, row.timings) == (done.source, "again.png", {})
    assert (row.marking, row.job.model_versions) == (done.marking, done.job.model_versions)
    assert run_job() is None
    assert stored_files() == files
    events = list(row.job.events.order_by("seq").values_list("seq", "name"))
    assert events == [(1, "queued"), (2, "succeeded")]
    assert row.job.device_seconds == 0


@pytest.mark.parametrize(
    "change",
    [{"scale": "3"}, {"output_format": "jpg"}, {"keep_gps": "true"}, {"tile_size": "64"}],
)
def test_any_other_option_is_another_request(done, again, change):
    assert again(**change).job.state == "queued"


def test_another_photo_another_name_of_the_format_or_another_owner_is_another_request(
    done, submit, stranger
):
    photo = upload(pixels(24, 18, seed=9))
    assert submit(photo, cache=True, scale="2").job.state == "queued"
    assert submit(upload(), owner=stranger, cache=True, scale="2").job.state == "queued"
    assert submit(upload(), cache=False, scale="2").job.state == "queued"
    with pytest.raises(UploadRefused) as caught:
        submit(upload(name="photo.jpg"), cache=True, scale="2")
    assert caught.value.code == "format_mismatch"


def test_another_set_of_installed_networks_or_another_release_runs_again(
    done, again, settings, monkeypatch
):
    settings.VERSION = "99.0"
    assert again().job.state == "queued"
    settings.VERSION = "98.0"
    before = _installed()
    EnhanceModel.objects.create(name="own-network", licence="MIT", commercial=True, sha256="5" * 64)
    assert _installed() == sorted([*before, f"own-network {'5' * 64}"])
    monkeypatch.setattr("enhance.services.known._installed", lambda: ["new-network 1 present"])
    assert again().job.state == "queued"


def test_what_was_deleted_is_no_answer_any_more(done, again, private_files):
    path = private_files / done.result.file
    content = path.read_bytes()
    path.unlink()
    assert again().job.state == "queued"
    path.write_bytes(content)
    kept = again()
    delete_enhancement(enhancement=done)
    kept.refresh_from_db()
    assert kept.result is not None
    assert again().is_cached
    delete_image(kept.result)
    assert again().job.state == "queued"


def test_a_shared_picture_goes_with_the_last_that_uses_it(done, again, stored_files):
    rows = [done, again(), again()]
    for row in rows:
        assert stored_files() != []
        delete_enhancement(enhancement=Enhancement.objects.with_job().get(pk=row.pk))
    assert (stored_files(), Job.objects.count(), ImageRecord.objects.count()) == ([], 0, 0)


@pytest.mark.services
def test_two_deletions_at_the_same_time_leave_no_picture_to_nobody(done, again, stored_files):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one transaction write at a time; make test-services runs this")
    other = Enhancement.objects.with_job().get(pk=again().pk)

    def delete_other():
        try:
            delete_enhancement(enhancement=other)
        finally:
            connections.close_all()

    second = threading.Thread(target=delete_other)
    with transaction.atomic():
        delete_enhancement(enhancement=done)
        second.start()
        while second.is_alive() and not _somebody_waits():
            pass
    second.join()
    assert (stored_files(), Job.objects.count(), ImageRecord.objects.count()) == ([], 0, 0)


def _somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def test_a_known_result_needs_no_place_in_the_queue_and_may_be_run_again(
    done, again, settings, run_job
):
    settings.QUEUE_LIMITS = {**settings.QUEUE_LIMITS, "interactive": 0}
    row = again()
    assert row.is_cached
    settings.QUEUE_LIMITS = {**settings.QUEUE_LIMITS, "interactive": 5}
    from enhance.services.retry import retry_enhancement

    rerun = retry_enhancement(enhancement=row)
    assert (rerun.job.state, rerun.is_cached) == ("queued", False)
    assert run_job().state == "succeeded"


def test_the_api_and_the_page_say_that_it_was_known(done, user, client):
    api = APIClient()
    api.force_authenticate(user)

    def post(**fields):
        body = {"file": upload(name="again.png"), "scale": "2", **fields}
        return api.post("/api/v1/enhance", body, format="multipart").json()

    body = post()
    assert (body["status"], body["cached"]) == ("completed", True)
    assert api.get(f"/api/v1/status/{body['task_id']}").json()["cached"] is True
    assert api.get(f"/api/v1/download/{body['task_id']}").status_code == 200
    assert post(cache="false")["cached"] is False
    assert api.get(f"/api/v1/status/{done.pk}").json()["cached"] is False
    client.force_login(user)
    words = "Answered with your earlier result"
    assert words in client.get(f"/enhance/{body['task_id']}/").content.decode()
    assert words not in client.get(f"/enhance/{done.pk}/").content.decode()


def test_a_ttl_ends_original_and_result_and_the_longer_one_wins(user, run_job):
    from project.images.sweep import expire_images

    api = APIClient()
    api.force_authenticate(user)
    content = as_file(pixels(24, 18))

    def post(**fields):
        body = {"file": upload(content=content), "scale": "2", **fields}
        return api.post("/api/v1/enhance", body, format="multipart").json()["task_id"]

    def pictures():
        return [record.expires_at for record in ImageRecord.objects.order_by("pk")]

    now = timezone.now()
    first = post(ttl=3600)
    run_job()
    assert len(pictures()) == 2
    assert all(now < moment <= now + timedelta(hours=2) for moment in pictures())
    assert api.get(f"/api/v1/status/{first}").json()["expires_at"] is not None
    post(ttl=7200)
    assert all(moment > now + timedelta(hours=1.5) for moment in pictures())
    post(ttl=600)
    assert all(moment > now + timedelta(hours=1.5) for moment in pictures())
    assert expire_images(now + timedelta(hours=3)) == 2
    assert api.get(f"/api/v1/status/{first}").json()["result"] is None
    for wrong in ("59", "-1", "soon", str(10**9)):
        body = {"file": upload(), "ttl": wrong}
        answer = api.post("/api/v1/enhance", body, format="multipart")
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["ttl"])


@pytest.mark.usefixtures("restorer")
def test_a_known_answer_has_the_faces_too_and_a_changed_one_is_known_no_more(
    submit, run_job, face_detector
):
    from enhance.services.reblend import reblend_faces

    face_detector.faces = (face_at(80, 60, 40),)
    first = submit(upload(pixels(160, 120)))
    run_job()
    known = submit(upload(pixels(160, 120)), cache=True)
    assert known.is_cached
    assert (known.face_restoration, known.face_results.get().status) == ("applied", "restored")
    assert reblend_faces(enhancement=known, changes=[{"index": 0, "fidelity": 0.5}])
    run_job()
    again = submit(upload(pixels(160, 120)), cache=True)
    assert again.result_id == Enhancement.objects.get(pk=first.pk).result_id
    assert again.face_results.get().fidelity == 1.0
    assert Enhancement.objects.get(pk=known.pk).version == 2
