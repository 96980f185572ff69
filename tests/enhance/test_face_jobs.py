"""Whole jobs with faces: found, restored in batches, put in; what cannot be done is said."""

import threading

import numpy as np
import pytest

from enhance.models import Enhancement, FaceResult
from enhance.pipeline.faces.align import align_face
from project.errors import ServiceError
from project.images import storage
from project.images.models import ImageRecord
from project.jobs.cancel import cancel_job
from project.jobs.codes import describe_error
from project.jobs.models import Job
from tests.enhance.faces.given import face_at
from tests.enhance.pictures import opened, pixels, upload
from tests.enhance.test_handler import drain_queue
from tests.enhance.tiny import TinyRuntime

pytestmark = pytest.mark.django_db(transaction=True)

PICTURE = pixels(160, 120)
LEFT, RIGHT = face_at(45, 60, 40), face_at(115, 60, 30)


@pytest.fixture
def two_faces(face_detector):
    face_detector.faces = (LEFT, RIGHT)


@pytest.fixture
def enlarge(submit, run_job):
    """One finished enlargement of PICTURE as PNG at scale 1."""

    def run(shared=None, *, photo=PICTURE, **options):
        row = submit(upload(photo), **{"scale": "1", "output_format": "png", **options})
        run_job(shared)
        return Enhancement.objects.with_job().get(pk=row.pk)

    return run


def picture_of(row):
    return np.asarray(opened(storage.read(row.result.file)).convert("RGB")).astype(int)


def differs_near(row, other, face):
    """Whether two results differ in the middle of a face."""
    x, y = (round(value) for value in face.box.centre)
    part = np.s_[y - 4 : y + 4, x - 4 : x + 4]
    return bool(np.abs(picture_of(row)[part] - picture_of(other)[part]).max() > 8)


def statuses(row):
    return [(face.index, face.status, face.reason) for face in row.face_results.all()]


@pytest.mark.usefixtures("two_faces", "restorer")
def test_each_face_is_restored_where_it_is_and_its_parts_are_kept(enlarge):
    plain, row = enlarge(face_restore="off"), enlarge()
    assert (plain.face_restoration, row.face_restoration) == ("off", "applied")
    assert statuses(row) == [(0, "restored", ""), (1, "restored", "")]
    assert differs_near(row, plain, LEFT)
    assert differs_near(row, plain, RIGHT)
    beside = np.abs(picture_of(row) - picture_of(plain))[:, :8]
    assert beside.max() == 0
    assert set(row.timings) >= {"detect", "faces", "paste"}
    assert "gfpgan-1.4" in row.job.model_versions
    assert row.job.done_units == row.job.total_units == row.plan["tiles"] + 2
    for face in row.face_results.all():
        parts = (face.crop, face.restored)
        assert {(part.width, part.height, part.purpose) for part in parts} == {(512, 512, "part")}
        assert {part.owner_id for part in parts} == {row.job.owner_id}
    assert np.array_equal(
        np.asarray(opened(storage.read(row.face_results.first().crop.file))),
        align_face(PICTURE, LEFT).pixels,
    )


@pytest.mark.usefixtures("two_faces")
def test_without_weights_faces_are_found_and_shown_and_the_result_says_why_not(
    enlarge, client, user
):
    row, plain = enlarge(), enlarge(face_restore="off")
    assert row.face_restoration == "unavailable"
    assert statuses(row) == [(n, "unavailable", "face_model_missing") for n in (0, 1)]
    assert row.warnings == ["face_model_missing"]
    assert np.array_equal(picture_of(row), picture_of(plain))
    assert row.background is None
    client.force_login(user)
    body = client.get(f"/api/v1/status/{row.pk}").json()
    assert body["face_restoration"] == "unavailable"
    assert body["face_restoration_command"] == "manage.py models pull gfpgan-1.4"
    assert [face["crop_url"] is not None for face in body["faces"]] == [True, True]
    page = client.get(f"/enhance/{row.pk}/").content.decode()
    assert "manage.py models pull gfpgan-1.4" in page
    assert "not installed" in page


def test_a_picture_without_faces_lacks_nothing_where_the_weights_are_missing(enlarge, client, user):
    row = enlarge()
    assert (row.face_restoration, row.warnings) == ("none_found", [])
    client.force_login(user)
    assert "not installed" not in client.get(f"/enhance/{row.pk}/").content.decode()


def test_a_picture_without_faces_is_no_trouble_unless_they_were_asked_for(enlarge, restorer):
    assert (enlarge().face_restoration, enlarge().warnings) == ("none_found", [])
    assert enlarge(face_restore="required").warnings == ["no_face"]


@pytest.mark.usefixtures("two_faces")
def test_required_faces_without_weights_are_refused_before_there_is_a_job(submit, stored_files):
    with pytest.raises(ServiceError) as caught:
        submit(upload(PICTURE), face_restore="required")
    assert (caught.value.code, caught.value.status) == ("face_model_missing", 409)
    assert caught.value.extra["command"] == "manage.py models pull gfpgan-1.4"
    assert (Job.objects.count(), stored_files()) == (0, [])


@pytest.mark.usefixtures("two_faces")
def test_weights_that_vanish_before_the_run_fail_a_job_that_requires_them(
    submit, run_job, face_networks
):
    face_networks.add("gfpgan-1.4")
    submit(upload(PICTURE), face_restore="required")
    face_networks.discard("gfpgan-1.4")
    job = run_job()
    assert (job.state, job.error_code) == ("failed", "face_model_missing")
    assert "manage.py models pull gfpgan-1.4" in describe_error(job)


@pytest.mark.usefixtures("two_faces", "restorer")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"faces": "largest"}, [("restored", ""), ("skipped", "not_chosen")]),
        ({"faces": "1"}, [("skipped", "not_chosen"), ("restored", "")]),
        ({"faces": "none"}, [("skipped", "not_chosen"), ("skipped", "not_chosen")]),
        ({"min_face": "35"}, [("restored", ""), ("skipped", "too_small")]),
    ],
)
def test_only_the_chosen_faces_are_restored(enlarge, options, expected):
    row = enlarge(**options)
    assert [(face.status, face.reason) for face in row.face_results.all()] == expected
    assert row.face_restoration == ("off" if options.get("faces") == "none" else "applied")


@pytest.mark.usefixtures("two_faces", "restorer")
def test_the_strength_mixes_the_face_with_what_is_behind_it(enlarge):
    nothing, half, all_of_it = (picture_of(enlarge(fidelity=f)) for f in ("0", "0.5", "1"))
    assert np.array_equal(nothing, picture_of(enlarge(face_restore="off")))
    centre = np.s_[55:65, 40:50]
    middle = (nothing[centre] + all_of_it[centre]) / 2
    assert np.abs(half[centre] - middle).max() <= 1
    assert np.abs(all_of_it[centre] - nothing[centre]).max() > 8


@pytest.mark.usefixtures("restorer")
def test_an_aligned_picture_is_its_own_face_and_nothing_is_searched(enlarge, face_detector):
    row = enlarge(aligned="true", faces="all")
    (face,) = row.face_results.all()
    assert (face.box, face.status, face_detector.seen) == ([0.0, 0.0, 160.0, 120.0], "restored", [])
    assert differs_near(row, enlarge(face_restore="off"), face_at(10, 10, 20))


@pytest.mark.usefixtures("two_faces", "restorer")
def test_a_face_that_fails_is_left_as_it_was_and_the_owner_is_warned(enlarge):
    import torch

    def break_the_first(network):
        if isinstance(network, torch.nn.Module) and hasattr(network, "strength"):
            return BreaksFirst(network)
        return network

    class BreaksFirst:
        calls = 0

        def __init__(self, network):
            self.network = network
            self.parameters = network.parameters

        def __call__(self, faces, **options):
            self.calls += 1
            answer = self.network(faces, **options)[0]
            return (answer * float("nan") if self.calls == 1 else answer, None)

    row = enlarge(TinyRuntime(wrap=break_the_first))
    plain = enlarge(face_restore="off")
    assert statuses(row) == [(0, "failed", "face_failed"), (1, "restored", "")]
    assert (row.face_restoration, row.warnings) == ("applied", ["face_failed"])
    assert not differs_near(row, plain, LEFT)
    assert differs_near(row, plain, RIGHT)


@pytest.mark.usefixtures("two_faces", "restorer")
def test_a_cancel_is_heard_between_two_faces_and_leaves_no_file(submit, run_job, stored_files):
    row = submit(upload(PICTURE))
    before = stored_files()
    seen = []

    class Cancelling:
        def __init__(self, network):
            self.network = network
            self.parameters = network.parameters

        def __call__(self, batch, **options):
            if hasattr(self.network, "strength"):
                seen.append(len(batch))
                cancel_job(job=Job.objects.get(pk=row.pk))
            return self.network(batch, **options)

    assert run_job(TinyRuntime(wrap=Cancelling)).state == "cancelled"
    assert seen
    assert (FaceResult.objects.count(), stored_files()) == (0, before)


@pytest.mark.usefixtures("unsigned", "restorer")
def test_the_faces_of_ten_pictures_at_once_never_mix(
    submit, run_job, face_detector, django_db_blocker
):
    """One host, one batcher, four threads: each file is byte by byte what its photo gives alone."""
    face_detector.faces = (face_at(48, 48, 40),)
    photos = [
        np.full((96 + n, 97 + n, 3), (20 + 20 * n, 230 - 20 * n, 10 * n), np.uint8)
        for n in range(10)
    ]
    options = {"scale": "1", "output_format": "png"}
    alone = []
    for photo in photos:
        row = submit(upload(photo), **options)
        run_job()
        alone.append(content_of(row))
    together = [submit(upload(photo), **options) for photo in photos]
    workers = [
        threading.Thread(target=drain_queue, args=(run_job, django_db_blocker)) for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [content_of(row) for row in together] == alone
    assert len(set(alone)) == 10
    assert {row.face_restoration for row in Enhancement.objects.all()} == {"applied"}


def content_of(row):
    return storage.read(Enhancement.objects.select_related("result").get(pk=row.pk).result.file)


@pytest.mark.usefixtures("two_faces", "restorer")
def test_grey_stays_grey_around_a_face(enlarge):
    grey = np.repeat(PICTURE[..., :1], 3, axis=2)[..., 0]
    row = enlarge(photo=grey)
    assert opened(storage.read(row.result.file)).mode == "L"
    assert row.face_restoration == "applied"


@pytest.mark.usefixtures("two_faces", "restorer")
def test_deleting_an_enlargement_leaves_no_part_behind(enlarge, stored_files):
    from enhance.services.erase import delete_enhancement

    row = enlarge()
    assert ImageRecord.objects.filter(purpose="part").count() == 5
    delete_enhancement(enhancement=row)
    assert (ImageRecord.objects.count(), stored_files()) == (0, [])
