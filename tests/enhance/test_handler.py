"""Whole jobs: claimed, run by the real handler on tiny networks, finished under the fence."""

import hashlib
import threading

import numpy as np
import pytest
from PIL import Image

from enhance.models import Enhancement
from enhance.services.erase import delete_enhancement, is_source_in_use
from enhance.services.retry import retry_enhancement
from project.errors import ServiceError
from project.images import storage
from project.images.errors import ImageInUse
from project.images.marking import SourceType, read_marking
from project.images.models import ImageRecord
from project.images.records import delete_image
from project.jobs.cancel import cancel_job
from project.jobs.models import Job, JobEvent
from tests.enhance.pictures import as_file, opened, pixels, upload
from tests.enhance.tiny import SHA256, TinyRuntime

pytestmark = pytest.mark.django_db(transaction=True)


def finished(row):
    """The row again, with its result."""
    return Enhancement.objects.with_job().get(pk=row.pk)


def content_of(row):
    return storage.read(row.result.file)


def test_a_photo_becomes_a_marked_result_with_its_history(submit, run_job):
    row = submit(upload(name="photo.png"), scale="2")
    job = run_job()
    row = finished(row)
    assert (job.state, job.progress) == ("succeeded", 1.0)
    assert row.result.owner == row.job.owner
    assert row.result.purpose == ImageRecord.Purpose.RESULT
    assert (row.result.width, row.result.height, row.result.format) == (48, 36, "PNG")
    assert row.result.original_name == "photo-x2.png"
    assert row.result.sha256 == hashlib.sha256(content_of(row)).hexdigest()
    assert row.dtype == "float32"
    assert job.model_versions == {"realesr-animevideov3": f"0.2.5.0 sha256:{SHA256}"}
    assert set(row.timings) == {
        "decode", "detect", "load", "background", "resample", "faces", "paste", "encode",
    }  # fmt: skip
    names = list(job.events.order_by("seq").values_list("name", flat=True))
    assert (names[0], names[-1]) == (JobEvent.Name.QUEUED, JobEvent.Name.SUCCEEDED)


@pytest.mark.parametrize(
    ("format", "wanted", "extension", "magic"),
    [
        ("PNG", "same", "png", b"\x89PNG"), ("JPEG", "same", "jpg", b"\xff\xd8\xff"),
        ("WEBP", "same", "webp", b"RIFF"), ("PNG", "jpg", "jpg", b"\xff\xd8\xff"),
        ("JPEG", "png", "png", b"\x89PNG"), ("PNG", "webp", "webp", b"RIFF"),
        ("TIFF", "same", "tif", b"II*\x00"), ("PNG", "tiff", "tif", b"II*\x00"),
    ],
)  # fmt: skip
def test_type_extension_and_magic_agree_and_every_output_is_marked(
    submit, run_job, client, format, wanted, extension, magic
):
    row = submit(upload(name=f"p.{format.lower()}", format=format), output_format=wanted, scale="1")
    run_job()
    row = finished(row)
    content = content_of(row)
    assert content.startswith(magic)
    assert row.result.file.endswith(f".{extension}")
    assert read_marking(content).source_type == SourceType.GENERATIVE_EDIT
    client.force_login(row.job.owner)
    response = client.get(f"/api/v1/download/{row.pk}")
    types = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "tif": "image/tiff"}
    assert response["Content-Type"] == types[extension]
    assert response["Content-Disposition"] == f'attachment; filename="p-x1.{extension}"'
    assert b"".join(response.streaming_content) == content


@pytest.mark.parametrize("format", ["jpg", "webp"])
def test_the_jpeg_quality_changes_the_file(submit, run_job, format):
    sizes = []
    for quality in ("20", "95"):
        row = submit(output_format=format, jpeg_quality=quality)
        run_job()
        sizes.append(finished(row).result.size_bytes)
    assert sizes[0] < sizes[1]


def test_alpha_is_kept_in_png_and_put_on_white_in_jpeg_with_a_warning(submit, run_job):
    picture = np.dstack([pixels(20, 16), np.zeros((16, 20), np.uint8)])
    picture[:, 10:, 3] = 255
    kept = submit(upload(picture), scale="2")
    run_job()
    flattened = submit(upload(picture), scale="2", output_format="jpg")
    run_job()
    kept, flattened = finished(kept), finished(flattened)
    assert opened(content_of(kept)).getchannel("A").getextrema() == (0, 255)
    assert kept.warnings == []
    image = opened(content_of(flattened))
    assert (image.mode, min(image.getpixel((2, 8)))) == ("RGB", 255)
    assert flattened.warnings == ["alpha_flattened"]


@pytest.mark.parametrize(("mode", "format"), [("L", "PNG"), ("LA", "PNG"), ("L", "JPEG")])
def test_grey_stays_grey(submit, run_job, mode, format):
    array = np.asarray(Image.fromarray(pixels(20, 16)).convert(mode))
    row = submit(upload(array, name=f"g.{format.lower()}", format=format), scale="2")
    run_job()
    assert opened(content_of(finished(row))).mode == mode


@pytest.mark.parametrize("quality", ["fast", "high"])
def test_the_same_photo_and_options_give_byte_identical_files_before_signing(
    submit, run_job, runtime, unsigned, quality
):
    contents = []
    for shared in (runtime, TinyRuntime()):
        row = submit(quality_level=quality, scale="3")
        run_job(shared)
        contents.append(content_of(finished(row)))
    assert contents[0] == contents[1]


@pytest.mark.usefixtures("unsigned")
def test_ten_photos_at_once_never_mix(submit, run_job, django_db_blocker):
    """One host, one lease, four threads: each output is what its own photo gives alone."""
    photos = [
        np.full((8 + n, 9 + n, 3), (20 + 20 * n, 230 - 20 * n, 10 * n), np.uint8) for n in range(10)
    ]
    alone = []
    for number, photo in enumerate(photos):
        row = submit(upload(photo, name=f"{number}.png"))
        run_job()
        alone.append(content_of(finished(row)))
    together = [submit(upload(photo, name=f"{n}.png")) for n, photo in enumerate(photos)]
    workers = [
        threading.Thread(target=drain_queue, args=(run_job, django_db_blocker)) for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [content_of(finished(row)) for row in together] == alone
    assert len(set(alone)) == 10


def drain_queue(run_job, django_db_blocker):
    from django.db import connection

    with django_db_blocker.unblock():
        try:
            while run_job() is not None:
                pass
        finally:
            connection.close()


def test_a_cancelled_job_leaves_no_result_and_no_file(submit, runtime, stored_files):
    from project.jobs.run import run_next

    row = submit(upload(pixels(150, 150)), tile_size="64")
    before = stored_files()

    def cancel_in_the_first_tile(network):
        class Cancelling:
            parameters = staticmethod(network.parameters)

            def __call__(self, batch, **options):
                cancel_job(job=Job.objects.get(pk=row.pk))
                return network(batch, **options)

        return Cancelling()

    job = run_next(worker="w", runtime=TinyRuntime(wrap=cancel_in_the_first_tile))
    assert job.state == "cancelled"
    assert finished(row).result is None
    assert stored_files() == before


def test_a_missing_original_fails_with_a_code_instead_of_an_empty_result(submit, run_job):
    row = submit()
    storage.delete(row.source.file)
    job = run_job()
    assert (job.state, job.error_code) == ("failed", "invalid_input")


def test_missing_weights_fail_with_the_remedy(submit, run_job, settings):
    from project.inference.errors import ModelUnavailable
    from project.jobs.codes import describe_error

    class NoWeights(TinyRuntime):
        def __init__(self):
            super().__init__()
            self.host._load = self.refuse

        def refuse(self, spec, store, placement):
            raise ModelUnavailable(f"weights {spec.name} are missing")

    submit()
    job = run_job(NoWeights())
    assert (job.state, job.error_code) == ("failed", "model_unavailable")
    assert "manage.py models pull --embedded" in describe_error(job)


@pytest.mark.usefixtures("unsigned")
def test_a_retry_copies_the_row_and_shares_the_original(submit, run_job):
    row = submit(scale="2")
    run_job()
    again = retry_enhancement(enhancement=finished(row))
    assert again.pk != row.pk
    assert (again.source, again.source_name) == (row.source, row.source_name)
    assert (again.options, again.plan) == (row.options, row.plan)
    assert again.job.retry_of_id == row.pk
    assert again.result is None
    run_job()
    assert content_of(finished(again)) == content_of(finished(row))


def test_a_retry_may_change_single_options(submit, run_job):
    row = submit(scale="2", output_format="jpg")
    run_job()
    again = retry_enhancement(enhancement=finished(row), changes={"scale": "3"})
    assert again.options == {**row.options, "scale": 3.0}
    run_job()
    assert (finished(again).result.width, finished(again).result.format) == (72, "JPEG")


def test_a_retry_without_the_original_is_refused(submit, run_job):
    row = submit()
    run_job()
    delete_image(finished(row).source)
    with pytest.raises(ServiceError) as caught:
        retry_enhancement(enhancement=finished(row))
    assert (caught.value.code, caught.value.status) == ("source_gone", 409)
    assert Enhancement.objects.count() == Job.objects.count() == 1


def test_the_original_is_in_use_until_the_job_ends(submit, run_job):
    row = submit()
    assert is_source_in_use(row.source)
    with pytest.raises(ImageInUse):
        delete_image(row.source)
    run_job()
    assert not is_source_in_use(row.source)


def test_delete_removes_rows_and_files(submit, run_job, stored_files):
    row = submit()
    run_job()
    delete_enhancement(enhancement=finished(row))
    assert stored_files() == []
    assert (Enhancement.objects.count(), Job.objects.count(), ImageRecord.objects.count()) == (
        0,
        0,
        0,
    )
    assert JobEvent.objects.count() == 0


def test_delete_keeps_an_original_that_a_retry_uses(submit, run_job):
    row = submit()
    run_job()
    again = retry_enhancement(enhancement=finished(row))
    delete_enhancement(enhancement=finished(row))
    run_job()
    assert finished(again).job.state == "succeeded"


def test_delete_while_the_job_runs_leaves_no_row_and_no_result(submit, stored_files):
    from project.jobs.run import run_next

    row = submit(upload(pixels(150, 150)), tile_size="64")

    def delete_in_the_first_tile(network):
        class Deleting:
            parameters = staticmethod(network.parameters)

            def __call__(self, batch, **options):
                found = Enhancement.objects.with_job().filter(pk=row.pk).first()
                if found:
                    delete_enhancement(enhancement=found)
                return network(batch, **options)

        return Deleting()

    ran = run_next(worker="w", runtime=TinyRuntime(wrap=delete_in_the_first_tile))
    assert ran is not None, "the thread must look for the next job, as after any other run"
    assert (Enhancement.objects.count(), Job.objects.count(), ImageRecord.objects.count()) == (
        0,
        0,
        0,
    )
    assert stored_files() == []


def test_export_and_erasure_cover_the_enlargements(submit, run_job, user):
    from enhance.models import Preset
    from enhance.privacy import erase, export

    row = submit()
    run_job()
    Preset.objects.create(owner=user, name="Family", options={"scale": 2})
    (path, items), previews, batches, presets = list(export(user))
    assert (path, previews) == ("enhance/enlargements.json", ("enhance/faces_previews.json", []))
    assert batches == ("enhance/batches.json", [])
    assert presets == ("enhance/presets.json", [{"name": "Family", "options": {"scale": 2}}])
    assert [item["id"] for item in items] == [str(row.pk)]
    assert erase(user) == {"enlargements": 1, "batches": 0, "presets": 1}
    assert list(export(user)) == [(path, []), previews, batches, ("enhance/presets.json", [])]


def test_a_stored_picture_that_no_longer_decodes_is_an_invalid_input(
    submit, run_job, private_files
):
    row = submit()
    (private_files / row.source.file).write_bytes(as_file(pixels(24, 18))[:-40])
    job = run_job()
    assert (job.state, job.error_code) == ("failed", "invalid_input")


def test_a_job_from_before_webp_results_keeps_the_format_it_was_planned_with(submit, run_job):
    row = submit(upload(name="p.webp", format="WEBP"), scale="2")
    assert row.plan["output_format"] == "WEBP"
    old = {name: value for name, value in row.job.params.items() if name != "bit_depth"}
    Job.objects.filter(pk=row.pk).update(params=old)
    assert run_job().state == "succeeded"
    assert finished(row).result.format == "PNG"


def test_an_old_job_can_be_repeated_through_the_general_address_of_jobs(submit, run_job, client):
    row = submit(scale="2")
    young = {"model", "bit_depth", "keep_metadata", "keep_gps", "alpha", "has_alpha", "tile",
             "network", "denoise", "target_width", "target_height", "megapixels"}  # fmt: skip
    old = {name: value for name, value in row.job.params.items() if name not in young}
    Job.objects.filter(pk=row.pk).update(params=old)
    run_job()
    client.force_login(row.job.owner)
    assert client.post(f"/api/v1/jobs/{row.pk}/retry/").status_code == 202
    assert run_job().state == "succeeded"
    assert Enhancement.objects.exclude(pk=row.pk).get().options == row.options


def test_a_job_that_was_queued_before_an_option_existed_still_runs(submit, run_job):
    row = submit(scale="2")
    young = {"model", "bit_depth", "keep_metadata", "keep_gps", "alpha"}
    old = {name: value for name, value in row.job.params.items() if name not in young}
    assert set(old) != set(row.job.params)
    Job.objects.filter(pk=row.pk).update(params=old)
    assert run_job().state == "succeeded"
    again = retry_enhancement(enhancement=finished(row))
    assert again.options == row.options


def test_memory_that_never_suffices_fails_with_the_sizes_that_were_tried(submit, run_job):
    def no_room(network):
        def run(batch, **options):
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate")

        network.forward = run
        return network

    submit(upload(pixels(300, 200)), tile_size="200")
    job = run_job(TinyRuntime(wrap=no_room))
    assert (job.state, job.error_code) == ("failed", "out_of_memory")
    assert job.error_detail == (
        "tried tile 164, batch 1, float32; tile 82, batch 1, float32; tile 64, batch 1, float32"
    )
