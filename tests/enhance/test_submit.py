"""A submit stores everything or nothing."""

import pytest
from rest_framework.exceptions import ValidationError

from enhance.models import Enhancement
from enhance.services.device import current_device, default_quality
from enhance.services.submit import submit_enhancement
from project.errors import ServiceError
from project.images.models import ImageRecord
from project.jobs.models import Job, RunRate, Worker
from tests.enhance.pictures import as_file, pixels, upload

pytestmark = pytest.mark.django_db(transaction=True)


def rows():
    return Enhancement.objects.count(), Job.objects.count(), ImageRecord.objects.count()


def test_the_row_is_there_with_its_job_before_anything_runs(submit, user, stored_files):
    row = submit(upload(name="../holiday photo.jpg", format="JPEG"), scale="2")
    assert row.pk == row.job_id
    assert (row.job.owner, row.job.kind, row.job.state) == (user, "enhance.photo", "queued")
    assert row.source_name == "holiday photo.jpg"
    assert row.options["scale"] == 2.0
    assert (row.plan["output_width"], row.plan["output_height"]) == (48, 36)
    assert row.plan["output_format"] == "JPEG"
    assert row.job.total_units == row.plan["tiles"] == 1
    assert stored_files() == [row.source.file]
    assert rows() == (1, 1, 1)


@pytest.mark.parametrize(
    ("photo", "options", "code", "status"),
    [
        ({"content": b""}, {}, "empty_file", 422),
        ({"content": b"<html></html>", "name": "x.jpg"}, {}, "unsupported_format", 415),
        ({"name": "x.jpg", "format": "PNG"}, {}, "format_mismatch", 422),
        ({"name": "x.psd", "format": "GIF"}, {}, "unsupported_format", 415),
        ({"content": as_file(pixels(24, 18))[:-30]}, {}, "corrupt_image", 422),
        ({}, {"scale": "16"}, "output_too_large", 422),
    ],
)
def test_a_bad_upload_or_plan_leaves_no_row_no_file_and_no_job(
    submit, settings, stored_files, photo, options, code, status
):
    settings.ENHANCE_OUTPUT_MEGAPIXELS = 0.01
    with pytest.raises(ServiceError) as caught:
        submit(upload(**photo), **options)
    assert (caught.value.code, caught.value.status) == (code, status)
    assert rows() == (0, 0, 0)
    assert stored_files() == []


def test_what_cannot_be_planned_is_refused_before_it_is_decoded(submit, settings, monkeypatch):
    def decode(*given):
        raise AssertionError("the picture was decoded")

    monkeypatch.setattr("project.images.intake._prepare", decode)
    settings.ENHANCE_OUTPUT_MEGAPIXELS = 0.01
    with pytest.raises(ServiceError) as caught:
        submit(upload(), scale="16")
    assert caught.value.code == "output_too_large"


def test_a_wrong_option_is_refused_before_the_upload_is_read(submit, stored_files):
    with pytest.raises(ValidationError):
        submit(upload(content=b"no picture"), scale="17")
    assert rows() == (0, 0, 0)
    assert stored_files() == []


def test_a_full_queue_leaves_nothing_behind(submit, settings, stored_files):
    settings.QUEUE_LIMITS = {**settings.QUEUE_LIMITS, "interactive": 1}
    submit()
    files = stored_files()
    with pytest.raises(ServiceError) as caught:
        submit()
    assert caught.value.code == "queue_limit"
    assert rows() == (1, 1, 1)
    assert stored_files() == files


def test_a_repeated_request_is_the_same_task_and_its_second_upload_is_deleted(user, stored_files):
    first, second = (
        submit_enhancement(
            owner=user, upload=upload(), options={"scale": "2"}, idempotency_key="k1"
        )
        for _ in range(2)
    )
    assert (first.created, second.created) == (True, False)
    assert first.enhancement == second.enhancement
    assert rows() == (1, 1, 1)
    assert stored_files() == [first.enhancement.source.file]


def test_a_request_repeated_after_the_gpu_went_away_is_still_the_same(user, settings):
    def again(**options):
        return submit_enhancement(
            owner=user, upload=upload(), options=options, idempotency_key="k1"
        )

    settings.DEVICE = "cuda:0"
    first = again(scale="2")
    settings.DEVICE = "cpu"
    second = again(scale="2.0")
    assert (second.created, second.enhancement) == (False, first.enhancement)
    with pytest.raises(ServiceError) as caught:
        again(scale="2", quality_level="fast")
    assert caught.value.code == "idempotency_conflict"


@pytest.mark.parametrize("change", ["photo", "options"])
def test_the_same_key_for_another_request_is_refused(submit, stored_files, change):
    submit(key="k1", scale="2")
    files = stored_files()
    other = upload(pixels(24, 18, seed=5)) if change == "photo" else upload()
    with pytest.raises(ServiceError) as caught:
        submit(other, key="k1", scale="3" if change == "options" else "2")
    assert (caught.value.code, caught.value.status) == ("idempotency_conflict", 409)
    assert rows() == (1, 1, 1)
    assert stored_files() == files


def test_the_default_quality_is_fast_without_and_high_with_a_gpu(submit, settings):
    settings.DEVICE = "cpu"
    assert submit().options["quality_level"] == "fast"
    settings.DEVICE = "cuda:0"
    assert submit().options["quality_level"] == "high"
    assert [default_quality(device) for device in ("cpu", "cuda")] == ["fast", "high"]


def test_a_living_gpu_worker_makes_the_device_a_gpu(settings):
    from django.utils import timezone

    settings.DEVICE = "auto"
    now = timezone.now()
    assert current_device(now=now) == "cpu"
    worker = Worker.objects.create(name="w", device="cuda:0", last_seen=now)
    assert current_device(now=now) == "cuda"
    worker.last_seen = now - timezone.timedelta(hours=1)
    worker.save()
    assert current_device(now=now) == "cpu"


def test_the_seconds_of_a_plan_come_from_the_measured_rate(submit):
    first = submit(scale="2")
    assert first.plan["seconds"] is None
    from enhance.kind import plan_of

    RunRate.objects.create(
        kind="enhance.photo",
        bucket=plan_of(first.job.params).rate_bucket,
        samples=2,
        seconds_per_unit=1.5,
    )
    assert submit(scale="2").plan["seconds"] == 1.5
