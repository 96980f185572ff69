"""Other faces in a finished result: from its stored parts, without any network."""

import numpy as np
import pytest
from rest_framework.test import APIClient

from enhance.models import Enhancement, Reblend
from enhance.services.reblend import reblend_faces
from project.images import storage
from project.images.marking import SourceType, read_marking
from project.images.models import ImageRecord
from project.images.records import delete_image
from project.jobs.models import Job
from tests.enhance.faces.given import face_at
from tests.enhance.pictures import pixels, upload
from tests.enhance.tiny import TinyRuntime
from tests.images.deep_samples import png16

pytestmark = pytest.mark.django_db(transaction=True)

PICTURE = pixels(160, 120)
MISSING = "0199c0de-0000-7000-8000-000000000001"


@pytest.fixture
def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def enlarge(submit, run_job, face_detector, restorer):
    """One finished enlargement with two restored faces."""
    face_detector.faces = (face_at(45, 60, 40), face_at(115, 60, 30))

    def run(photo=None, **options):
        photo = PICTURE if photo is None else photo
        row = submit(
            photo if hasattr(photo, "read") else upload(photo), **{"scale": "2", **options}
        )
        run_job()
        return fresh(row)

    return run


def fresh(row):
    return Enhancement.objects.with_job().get(pk=row.pk)


def content_of(row):
    return storage.read(fresh(row).result.file)


class NoNetwork(TinyRuntime):
    """A worker in which nobody may ask for a model."""

    def __init__(self):
        super().__init__()
        self.host._load = self.refuse

    def refuse(self, spec, store, placement):
        raise AssertionError(f"{spec.name} was asked for")


def patch(api, row, *faces):
    return api.patch(f"/api/v1/enhance/{row.pk}/faces", {"faces": list(faces)}, format="json")


@pytest.mark.usefixtures("unsigned")
@pytest.mark.parametrize("options", [{}, {"output_format": "jpg"}, {"keep_metadata": "false"}])
def test_a_blend_is_what_a_run_with_those_faces_gives_and_no_network_runs(
    enlarge, run_job, api, options
):
    row, wanted = enlarge(**options), enlarge(fidelity="0.25", faces="0", **options)
    answer = patch(api, row, {"index": 0, "fidelity": 0.25}, {"index": 1, "enabled": False})
    assert answer.status_code == 202
    assert answer["Location"] == f"/api/v1/status/{row.pk}"
    assert answer.json()["task_id"] == str(row.pk)
    assert run_job(NoNetwork()).state == "succeeded"
    assert content_of(row) == content_of(wanted)


@pytest.mark.usefixtures("unsigned")
@pytest.mark.parametrize("kind", ["deep", "grey", "transparent"])
def test_depth_grey_and_transparency_survive_a_blend(enlarge, run_job, api, kind):
    photos = {
        "deep": lambda: upload(content=png16(PICTURE.astype(np.uint16) * 257)),
        "grey": lambda: upload(PICTURE[..., 0]),
        "transparent": lambda: upload(np.dstack([PICTURE, PICTURE[..., 1]])),
    }
    row, wanted = enlarge(photos[kind]()), enlarge(photos[kind](), fidelity="0.5")
    patch(api, row, {"index": 0, "fidelity": 0.5}, {"index": 1, "fidelity": 0.5})
    run_job(NoNetwork())
    assert content_of(row) == content_of(wanted)


def test_the_replaced_result_stays_and_the_history_says_what_it_showed(enlarge, run_job, api):
    row = enlarge()
    first = content_of(row)
    patch(api, row, {"index": 1, "enabled": False})
    run_job(NoNetwork())
    body = api.get(f"/api/v1/status/{row.pk}").json()
    assert body["version"] == 2
    assert [(f["enabled"], f["fidelity"]) for f in body["faces"]] == [(True, 1.0), (False, 1.0)]
    (earlier,) = body["earlier_versions"]
    assert earlier["version"] == 1
    assert earlier["faces"] == [
        {"index": 0, "enabled": True, "fidelity": 1.0},
        {"index": 1, "enabled": True, "fidelity": 1.0},
    ]
    record = ImageRecord.objects.get(sha256=earlier["sha256"])
    assert storage.read(record.file) == first
    assert content_of(row) != first
    row = fresh(row)
    assert read_marking(content_of(row)).source_type == SourceType.GENERATIVE_EDIT
    assert row.marking["c2pa"] == Reblend.objects.get().replaced_marking["c2pa"]


def test_nothing_to_change_is_answered_at_once_without_a_job(enlarge, api):
    row = enlarge()
    answer = patch(api, row, {"index": 0, "enabled": True, "fidelity": 1})
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("faces", "status", "code"),
    [
        ([{"index": 5}], 400, "unknown_face"),
        ([{"index": 0, "fidelity": 1.5}], 400, "invalid"),
        ([{"index": 0, "fidelity": "nan"}], 400, "invalid"),
        ([], 400, "invalid"),
    ],
)
def test_a_wrong_face_is_refused_with_its_code(enlarge, api, faces, status, code):
    answer = patch(api, enlarge(), *faces)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Reblend.objects.count() == 0


def test_a_face_that_was_not_restored_cannot_be_blended(enlarge, api):
    row = enlarge(faces="0")
    answer = patch(api, row, {"index": 1, "enabled": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "face_not_restored")


def test_parts_that_have_expired_need_a_new_run(enlarge, api):
    row = enlarge()
    delete_image(row.background)
    answer = patch(api, row, {"index": 0, "enabled": False})
    assert (answer.status_code, answer.json()["code"]) == (409, "parts_gone")


def test_two_blends_at_once_are_one_too_many(enlarge, api):
    row = enlarge()
    assert patch(api, row, {"index": 0, "enabled": False}).status_code == 202
    answer = patch(api, row, {"index": 0, "fidelity": 0.5})
    assert (answer.status_code, answer.json()["code"]) == (409, "reblend_in_progress")


def test_parts_are_in_use_until_the_blend_has_ended(enlarge, api, run_job):
    from project.images.errors import ImageInUse

    row = enlarge()
    reblend_faces(enhancement=row, changes=[{"index": 0, "enabled": False}])
    with pytest.raises(ImageInUse):
        delete_image(row.background)
    run_job(NoNetwork())
    delete_image(fresh(row).background)


def test_a_strangers_faces_are_as_absent_as_ones_that_never_were(enlarge, stranger):
    row = enlarge()
    other = APIClient()
    other.force_authenticate(stranger)
    foreign = patch(other, row, {"index": 0, "enabled": False})
    missing = other.patch(f"/api/v1/enhance/{MISSING}/faces", {"faces": []}, format="json")
    assert (foreign.status_code, foreign.json()["code"]) == (404, missing.json()["code"])
    assert Reblend.objects.count() == 0


def test_the_page_blends_without_javascript(enlarge, run_job, client, user):
    row = enlarge()
    client.force_login(user)
    page = client.get(f"/enhance/{row.pk}/").content.decode()
    assert page.count('name="enabled"') == 2
    fields = {"enabled": ["0"], "fidelity-0": "50", "fidelity-1": "100"}
    answer = client.post(f"/enhance/{row.pk}/faces/", fields)
    assert answer["Location"] == f"/enhance/{row.pk}/"
    assert "put in again" in client.get(f"/enhance/{row.pk}/").content.decode()
    run_job(NoNetwork())
    shown = [(face.enabled, face.fidelity) for face in fresh(row).face_results.all()]
    assert shown == [(True, 0.5), (False, 1.0)]
    page = client.get(f"/enhance/{row.pk}/").content.decode()
    assert "version 2" in page
    assert "Version 1, with faces 1, 2" in page


def test_deleting_forgets_the_blends_and_every_version(enlarge, run_job, api, stored_files):
    from enhance.services.erase import delete_enhancement

    row = enlarge()
    patch(api, row, {"index": 0, "enabled": False})
    run_job(NoNetwork())
    delete_enhancement(enhancement=fresh(row))
    left = (Job.objects.count(), Reblend.objects.count(), ImageRecord.objects.count())
    assert (left, stored_files()) == ((0, 0, 0), [])
