"""Batches: each photo stands for itself, and the whole is derived from them."""

import io
import json
import zipfile
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from enhance.batches.erase import delete_batch
from enhance.batches.errors import BatchError
from enhance.batches.names import unique_names
from enhance.batches.submit import IDLE, close_abandoned, close_batch, place_photo
from enhance.models import EnhanceBatch, Enhancement
from project.images.models import ImageRecord
from project.jobs.models import Job
from tests.enhance.pictures import pixels, upload

pytestmark = pytest.mark.django_db(transaction=True)

BASE = "/api/v1"
_seeds = count()
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


def photos(*names):
    return [upload(pixels(24, 18, seed=next(_seeds)), name=name) for name in names]


def post(api, files, path="/enhance/batch", *, headers=None, field="files[]", **fields):
    body = {field: files, "scale": "2", **fields}
    return api.post(f"{BASE}{path}", body, format="multipart", headers=headers)


def status(api, batch):
    return api.get(f"{BASE}/batch/status/{batch}").json()


def run_all(run_job):
    while run_job() is not None:
        pass


def archive(response):
    """The archive as a client reads it, and its manifest."""
    file = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    return file, json.loads(file.read("manifest.json"))


@pytest.fixture
def five(api, run_job):
    """Five photos, the third of which is none; all have ended."""
    files = photos("one.png", "two.png", "three.png", "four.png", "five.png")
    files[2] = upload(content=b"no picture", name="three.png")
    batch = post(api, files).json()["batch_task_id"]
    run_all(run_job)
    return batch


@pytest.mark.parametrize("path", ["/enhance/batch", "/enhance/batch/"])
@pytest.mark.parametrize("field", ["files", "files[]"])
def test_a_batch_answers_with_its_tasks_and_the_place_to_ask(api, path, field):
    response = post(api, photos("a.png", "b.png"), path, field=field)
    body = response.json()
    assert response.status_code == 202
    assert response["Location"] == f"{BASE}/batch/status/{body['batch_task_id']}"
    assert (body["status"], body["total"], body["queued"], body["progress"]) == ("queued", 2, 2, 0)
    assert [item["name"] for item in body["items"]] == ["a.png", "b.png"]
    assert body["task_ids"] == [item["task_id"] for item in body["items"]]
    assert body["download_url"] is None


def test_the_first_photo_is_queued_before_the_last_is_stored(api, monkeypatch):
    from project.images import storage

    seen, put = [], storage.put

    def counted(key, content):
        seen.append(Job.objects.filter(kind="enhance.photo", state="queued").count())
        put(key, content)

    monkeypatch.setattr("project.images.storage.put", counted)
    post(api, photos("a.png", "b.png", "c.png"))
    assert seen == [0, 1, 2]
    lanes = Job.objects.filter(kind="enhance.photo").order_by("pk").values_list("lane", flat=True)
    assert list(lanes) == ["interactive", "batch", "batch"]


def test_one_bad_photo_of_five_is_one_failed_row_and_four_files(api, five):
    body = status(api, five)
    assert (body["status"], body["progress"]) == ("partial_completed", 1.0)
    assert (body["completed"], body["failed"], body["total"]) == (4, 1, 5)
    bad = body["items"][2]
    assert (bad["status"], bad["task_id"], bad["error"]["code"]) == (
        "failed", None, "unsupported_format",
    )  # fmt: skip
    assert bad["message"] == bad["error"]["detail"] != ""
    file, manifest = archive(api.get(f"{BASE}/batch/download/{five}"))
    assert file.testzip() is None
    assert file.namelist() == [
        "one-x2.png", "two-x2.png", "four-x2.png", "five-x2.png", "manifest.json",
    ]  # fmt: skip
    assert [line["status"] for line in manifest["items"]] == [
        "completed", "completed", "failed", "completed", "completed",
    ]  # fmt: skip
    parent = Job.objects.get(pk=five)
    assert (parent.state, parent.error_code, parent.progress) == ("failed", "some_failed", 1.0)


def test_the_progress_is_the_share_of_every_photo(api, run_job):
    batch = post(api, photos("a.png", "b.png", "c.png", "d.png")).json()["batch_task_id"]
    shown = [status(api, batch)["progress"]]
    run_job()
    half = Job.objects.filter(parent=batch, state="queued").order_by("pk").first()
    Job.objects.filter(pk=half.pk).update(progress=0.5)
    body = status(api, batch)
    shown.append(body["progress"])
    assert body["status"] == "processing"
    run_all(run_job)
    shown.append(status(api, batch)["progress"])
    assert shown == [0, 0.375, 1.0]
    assert status(api, batch)["status"] == "completed"
    assert Job.objects.get(pk=batch).state == "succeeded"


def test_a_photo_may_have_its_own_options(api):
    own = json.dumps([{}, {"scale": 3, "output_format": "jpg"}, {"scale": 99}])
    body = post(api, photos("a.png", "b.png", "c.png"), file_options=own).json()
    rows = [Enhancement.objects.get(pk=task) for task in body["task_ids"]]
    assert [(row.options["scale"], row.options["output_format"]) for row in rows] == [
        (2.0, "same"), (3.0, "jpg"),
    ]  # fmt: skip
    assert body["items"][2]["error"]["code"] == "invalid"
    assert "scale" in body["items"][2]["error"]["detail"]
    named = json.dumps({"b.png": {"scale": 4}})
    by_name = post(api, photos("a.png", "b.png"), file_options=named).json()
    scales = [Enhancement.objects.get(pk=t).options["scale"] for t in by_name["task_ids"]]
    assert scales == [2.0, 4.0]


@pytest.mark.parametrize(
    ("files", "fields", "code", "number"),
    [
        ((), {}, "file_missing", 400),
        (("a.png", "b.png"), {"scale": "17"}, "invalid", 400),
        (("a.png",), {"colour": "red"}, "invalid", 400),
        (("a.png",), {"file_options": "{"}, "invalid", 400),
        (("a.png",), {"file_options": "[{}, {}]"}, "invalid", 400),
        (("a.png",), {"file_options": '{"x.png": {}}'}, "invalid", 400),
        (("a.png", "b.png", "c.png"), {}, "too_many_files", 422),
        (("a.png",), {"file_options": "[" * 50_000}, "invalid", 400),
        (("a.png",), {"file_options": '[{"model": "\\ud800"}]'}, "invalid", 400),
        (("a.png",), {"file_options": '[{"model": "\\u0000"}]'}, "invalid", 400),
        ((), {"photos": "0"}, "invalid", 400),
        (("a.png",), {"sync": "true"}, "invalid", 400),
    ],
)
def test_a_refused_batch_leaves_nothing(api, settings, stored_files, files, fields, code, number):
    settings.ENHANCE_BATCH_FILES = 2
    response = post(api, photos(*files), **fields)
    assert (response.status_code, response.json()["code"]) == (number, code)
    assert (Job.objects.count(), EnhanceBatch.objects.count(), stored_files()) == (0, 0, [])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('"photos"', "invalid"),
        ("[1]", "invalid"),
        ('{"photos": 1e400}', "invalid"),
        ('{"photos": 1.9}', "invalid"),
        ('{"photos": true}', "invalid"),
        ('{"photos": 2, "callback_url": 5}', "callback_url_refused"),
        ('{"photos": 2, "callback_url": ["https://example.org/"]}', "callback_url_refused"),
    ],
)
def test_json_of_the_wrong_type_is_refused_by_name(api, body, code):
    response = api.post(f"{BASE}/enhance/batch", body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert not Job.objects.exists()


def test_a_refusal_is_stored_without_what_a_database_refuses(api):
    batch = post(api, [], photos="1").json()["batch_task_id"]
    body = {"file": upload(), "model": "a\x00b"}
    refused = api.post(f"{BASE}/batch/{batch}/files", body, format="multipart")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    (item,) = status(api, batch)["items"]
    assert "ab" in item["error"]["detail"]


def test_a_batch_of_nothing_but_bad_photos_has_failed(api):
    files = [upload(content=b"", name="a.png"), upload(content=b"x", name="b.png")]
    body = post(api, files).json()
    assert (body["status"], body["failed"]) == ("failed", 2)
    assert Job.objects.get(pk=body["batch_task_id"]).state == "failed"
    early = api.get(f"{BASE}/batch/download/{body['batch_task_id']}")
    assert (early.status_code, early.json()["code"]) == (400, "task_not_completed")


def test_a_repeated_request_is_the_same_batch(api, stored_files):
    def again(*names):
        files = [upload(name=name) for name in names]
        return post(api, files, headers={"Idempotency-Key": "k"})

    first, second = again("a.png", "b.png"), again("a.png", "b.png")
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["task_ids"] == second.json()["task_ids"]
    assert second["Idempotent-Replay"] == "true"
    assert (Enhancement.objects.count(), len(stored_files())) == (2, 2)
    conflict = again("a.png", "b.png", "c.png")
    assert (conflict.status_code, conflict.json()["code"]) == (409, "idempotency_conflict")


def test_a_request_that_was_cut_off_goes_on_where_it_stopped(api, monkeypatch, stored_files):
    from enhance.batches import submit

    real, calls = submit.add_photo, []

    def dies_at_the_second(**given):
        calls.append(given["index"])
        if len(calls) == 2:
            raise OSError("the process is gone")
        return real(**given)

    def send():
        files = [upload(name=name) for name in ("a.png", "b.png", "c.png")]
        return post(api, files, headers={"Idempotency-Key": "k"})

    monkeypatch.setattr(submit, "add_photo", dies_at_the_second)
    with pytest.raises(OSError, match="gone"):
        send()
    body = send().json()
    assert [item["name"] for item in body["items"]] == ["a.png", "b.png", "c.png"]
    assert (Enhancement.objects.count(), len(stored_files())) == (3, 3)


@pytest.mark.parametrize("second", ["good", "bad"])
def test_the_same_request_twice_at_the_same_time_is_one_batch(
    api, monkeypatch, stored_files, second
):
    """The other one overtakes between the look for the item and its place."""
    from enhance.batches import submit

    real, calls, faster = submit.submit_enhancement, [], []

    def send():
        last = upload(name="b.png") if second == "good" else upload(content=b"", name="b.png")
        return post(api, [upload(name="a.png"), last], headers={"Idempotency-Key": "k"})

    def overtaken(**given):
        calls.append(given)
        if len(calls) == 2:
            faster.append(send().json())
        return real(**given)

    monkeypatch.setattr(submit, "submit_enhancement", overtaken)
    slower = send()
    assert slower.status_code in (200, 202)
    assert slower.json()["batch_task_id"] == faster[0]["batch_task_id"]
    assert [item["name"] for item in slower.json()["items"]] == ["a.png", "b.png"]
    assert len(stored_files()) == (2 if second == "good" else 1)


def test_names_in_an_archive_are_safe_and_different():
    wanted = ["photo.png", "PHOTO.png", "photo.png", "photo-2.png", "Фото.png", "ｐhoto.png",
              "../../etc/passwd", "..\\evil.png", "nul.png", "manifest.json", "", "a:b?.png",
              "cafe\u0301.png", "caf\u00e9.png", "x" * 300 + ".png"]  # fmt: skip
    names = unique_names(wanted, taken=("manifest.json",))
    assert names[:4] == ["photo.png", "PHOTO-2.png", "photo-3.png", "photo-2-2.png"]
    assert (names[4], names[6], names[7]) == ("Фото.png", "passwd", "evil.png")
    assert (names[8], names[9]) == ("nul_.png", "manifest-2.json")
    folded = [name.casefold() for name in names]
    assert len(set(folded)) == len(names)
    assert not [name for name in names if "/" in name or "\\" in name or len(name.encode()) > 200]


def test_photos_of_one_name_do_not_replace_each_other_in_the_archive(api, run_job):
    names = ["photo.png", "photo.png", "../photo.png", "Фото.png"]
    batch = post(api, photos(*names)).json()["batch_task_id"]
    run_all(run_job)
    file, manifest = archive(api.get(f"{BASE}/batch/download/{batch}/"))
    assert file.namelist() == [
        "photo-x2.png", "photo-x2-2.png", "photo-x2-3.png", "Фото-x2.png", "manifest.json",
    ]  # fmt: skip
    for line in manifest["items"]:
        record = Enhancement.objects.get(pk=line["task_id"]).result
        assert (line["sha256"], line["size_bytes"]) == (record.sha256, record.size_bytes)
        assert line["options"]["scale"] == 2.0
        info = file.getinfo(line["file"])
        assert (info.compress_type, info.file_size) == (zipfile.ZIP_STORED, record.size_bytes)


def test_a_result_that_is_gone_is_named_and_the_others_are_sent(api, five, private_files):
    lost = Enhancement.objects.get(source_name="two.png").result
    (private_files / lost.file).unlink()
    file, manifest = archive(api.get(f"{BASE}/batch/download/{five}"))
    assert file.namelist() == ["one-x2.png", "four-x2.png", "five-x2.png", "manifest.json"]
    assert (manifest["items"][1]["file"], manifest["items"][1]["note"]) == (None, "missing")


def test_the_archive_holds_one_block_at_a_time_and_closes_its_file_when_the_client_goes(
    api, five, monkeypatch
):
    from enhance.batches import archive as zipped
    from enhance.batches.state import standing_of
    from project.images import storage

    opened, real = [], storage.open_file

    def watched(key):
        opened.append(real(key))
        return opened[-1]

    monkeypatch.setattr(zipped, "BLOCK_BYTES", 64)
    monkeypatch.setattr("project.images.storage.open_file", watched)
    batch = EnhanceBatch.objects.get(pk=five)
    blocks = zipped.stream_archive(*zipped.archive_of(batch, standing_of(batch)))
    sizes = [len(next(blocks)) for _ in range(5)]
    assert max(sizes[1:]) == 64
    assert [file.closed for file in opened] == [False]
    blocks.close()
    assert [file.closed for file in opened] == [True]


def test_a_strangers_batch_is_as_absent_as_one_that_never_was(api, other):
    batch = post(api, photos("a.png")).json()["batch_task_id"]
    for method, path in (
        ("get", "batch/status/{id}"), ("get", "batch/download/{id}"), ("delete", "batch/{id}"),
        ("post", "batch/{id}/cancel"), ("post", "batch/{id}/retry"), ("post", "batch/{id}/close"),
        ("post", "batch/{id}/files"),
    ):  # fmt: skip
        for slash in ("", "/"):
            foreign = getattr(other, method)(f"{BASE}/{path.format(id=batch)}{slash}")
            absent = getattr(api, method)(f"{BASE}/{path.format(id=MISSING)}{slash}")
            bodies = [response.json() for response in (foreign, absent)]
            assert [response.status_code for response in (foreign, absent)] == [404, 404], path
            assert {**bodies[0], "request_id": ""} == {**bodies[1], "request_id": ""}
    assert status(api, batch)["status"] == "queued"


def test_a_cancelled_batch_keeps_what_was_finished(api, run_job):
    batch = post(api, photos("a.png", "b.png", "c.png")).json()["batch_task_id"]
    run_job()
    body = api.post(f"{BASE}/batch/{batch}/cancel").json()
    assert (body["status"], body["completed"], body["cancelled"]) == ("partial_completed", 1, 2)
    assert run_job() is None
    assert Job.objects.get(pk=batch).state == "cancelled"
    none = post(api, photos("d.png", "e.png")).json()["batch_task_id"]
    assert api.post(f"{BASE}/batch/{none}/cancel").json()["status"] == "cancelled"


def test_a_stopped_batch_is_not_called_failed_for_a_photo_refused_before(api):
    files = [*photos("a.png"), upload(content=b"no picture", name="b.png")]
    batch = post(api, files).json()["batch_task_id"]
    body = api.post(f"{BASE}/batch/{batch}/cancel").json()
    assert (body["status"], body["failed"], body["cancelled"]) == ("cancelled", 1, 1)
    assert Job.objects.get(pk=batch).state == "cancelled"


def test_what_failed_is_run_again_as_a_new_batch(api, run_job):
    batch = post(api, photos("a.png", "b.png", "c.png")).json()["batch_task_id"]
    early = api.post(f"{BASE}/batch/{batch}/retry")
    assert (early.status_code, early.json()["code"]) == (409, "not_retryable")
    run_job()
    api.post(f"{BASE}/batch/{batch}/cancel")
    again = api.post(f"{BASE}/batch/{batch}/retry")
    body = again.json()
    assert (again.status_code, body["total"], body["status"]) == (202, 2, "queued")
    assert [item["name"] for item in body["items"]] == ["b.png", "c.png"]
    run_all(run_job)
    assert status(api, body["batch_task_id"])["status"] == "completed"
    nothing = api.post(f"{BASE}/batch/{body['batch_task_id']}/retry")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_retry")
    by_job = api.post(f"{BASE}/jobs/{batch}/retry/")
    assert by_job.status_code == 202
    assert status(api, by_job.json()["job"])["total"] == 2


def test_a_delete_removes_rows_and_files(api, five, stored_files):
    assert api.delete(f"{BASE}/batch/{five}").status_code == 204
    counts = (Job.objects.count(), Enhancement.objects.count(), ImageRecord.objects.count())
    assert (counts, EnhanceBatch.objects.count(), stored_files()) == ((0, 0, 0), 0, [])


def test_a_photo_that_is_deleted_is_no_longer_waited_for(api, run_job):
    batch = post(api, photos("a.png", "b.png", "c.png")).json()
    api.delete(f"{BASE}/tasks/{batch['task_ids'][1]}")
    run_all(run_job)
    body = status(api, batch["batch_task_id"])
    assert (body["status"], body["total"]) == ("completed", 2)
    assert Job.objects.get(pk=batch["batch_task_id"]).state == "succeeded"


def test_photos_may_follow_one_by_one(api, run_job):
    opened = post(api, [], photos="3").json()
    batch = opened["batch_task_id"]
    assert (opened["status"], opened["total"], opened["is_open"]) == ("queued", 3, True)

    def add(photo, **fields):
        body = {"file": photo, **fields}
        return api.post(f"{BASE}/batch/{batch}/files", body, format="multipart")

    assert add("no file").json()["fields"]["file"][0]["code"] == "required"
    assert add(upload(name="a.png")).status_code == 202
    run_all(run_job)
    assert status(api, batch)["status"] == "processing"
    refused = add(upload(content=b"", name="b.png"))
    assert (refused.status_code, refused.json()["code"]) == (422, "empty_file")
    assert add(upload(name="c.png"), scale="3").json()["plan"]["output_width"] == 72
    closed = api.post(f"{BASE}/batch/{batch}/close").json()
    assert (closed["total"], closed["is_open"]) == (3, False)
    late = add(upload(name="d.png"))
    assert (late.status_code, late.json()["code"]) == (409, "batch_closed")
    run_all(run_job)
    body = status(api, batch)
    assert [item["status"] for item in body["items"]] == ["completed", "failed", "completed"]
    assert body["status"] == "partial_completed"


def test_a_busy_server_makes_no_failed_item_of_a_photo_that_comes_again(api, settings):
    batch = post(api, [], photos="2").json()["batch_task_id"]
    settings.QUEUE_LIMITS = {**settings.QUEUE_LIMITS, "interactive": 0}
    body = {"file": upload(name="a.png")}
    response = api.post(f"{BASE}/batch/{batch}/files", body, format="multipart")
    assert (response.status_code, response.json()["code"]) == (429, "queue_limit")
    assert status(api, batch)["items"] == []


def test_a_key_of_another_photo_is_a_conflict_and_no_failed_item(api):
    batch = post(api, [], photos="2").json()["batch_task_id"]
    key = {"Idempotency-Key": "k"}
    single = {"file": upload(), "scale": "2"}
    assert api.post(f"{BASE}/enhance", single, format="multipart", headers=key).status_code == 202
    body = {"file": upload()}
    response = api.post(f"{BASE}/batch/{batch}/files", body, format="multipart", headers=key)
    assert (response.status_code, response.json()["code"]) == (409, "idempotency_conflict")
    assert status(api, batch)["items"] == []


def test_a_batch_that_is_deleted_while_photos_still_come_takes_no_more(api, user, stored_files):
    key = post(api, [], photos="2").json()["batch_task_id"]
    batch = EnhanceBatch.objects.select_related("job__owner").get(pk=key)
    delete_batch(batch=EnhanceBatch.objects.get(pk=batch.pk))
    for late in (
        lambda: place_photo(batch=batch, upload=upload(), options={"scale": "2"}),
        lambda: place_photo(batch=batch, upload=upload(content=b""), options={"scale": "2"}),
        lambda: close_batch(batch=batch),
    ):
        with pytest.raises(BatchError) as caught:
            late()
        assert caught.value.code == "batch_closed"
    assert (Job.objects.count(), stored_files()) == (0, [])


def test_an_export_holds_every_batch_with_what_was_refused(api, user):
    from enhance.privacy import export

    bad = upload(content=b"", name="b.png")
    batch = post(api, [*photos("a.png"), bad]).json()
    (found,) = dict(export(user))["enhance/batches.json"]
    assert (found["id"], found["options"]) == (batch["batch_task_id"], {"scale": "2"})
    first, second = found["items"]
    assert (first["name"], first["enlargement"]) == ("a.png", batch["task_ids"][0])
    assert (second["name"], second["refusal"]["code"]) == ("b.png", "empty_file")


def test_a_batch_whose_client_is_gone_ends_with_what_it_has(api, run_job):
    batch = post(api, [], photos="5").json()["batch_task_id"]
    api.post(f"{BASE}/batch/{batch}/files", {"file": upload()}, format="multipart")
    run_all(run_job)
    now = timezone.now()
    assert close_abandoned(now=now) == 0
    assert close_abandoned(now=now + IDLE + timedelta(seconds=1)) == 1
    body = status(api, batch)
    assert (body["status"], body["total"]) == ("completed", 1)
    assert Job.objects.get(pk=batch).state == "succeeded"
    empty = post(api, [], photos="5").json()["batch_task_id"]
    close_abandoned(now=now + 2 * IDLE)
    assert status(api, empty)["status"] == "cancelled"
    assert Job.objects.get(pk=empty).state == "cancelled"


def test_the_parent_of_a_batch_takes_no_place_in_the_queue(api, settings):
    settings.QUEUE_LIMITS = {**settings.QUEUE_LIMITS, "interactive": 1, "batch": 1}
    body = post(api, photos("a.png", "b.png", "c.png")).json()
    assert [item["status"] for item in body["items"]] == ["queued", "queued", "failed"]
    assert body["items"][2]["error"]["code"] == "queue_limit"


def test_a_batch_costs_the_same_number_of_queries_for_any_length(api):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for names in (("a.png",), ("a.png", "b.png", "c.png", "d.png")):
        batch = post(api, photos(*names)).json()["batch_task_id"]
        with CaptureQueriesContext(connection) as queries:
            status(api, batch)
        counts.append(len(queries))
    assert counts[0] == counts[1]
