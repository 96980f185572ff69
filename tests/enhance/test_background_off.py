"""A picture whose background passes through no network."""

import numpy as np
import pytest
from PIL import Image

from enhance.models import Enhancement
from enhance.options import EnhanceOptions
from enhance.plan import Limits, make_plan
from project.images import storage
from tests.enhance.faces.given import face_at
from tests.enhance.pictures import opened, pixels, upload
from tests.enhance.test_reblend import NoNetwork

pytestmark = pytest.mark.django_db(transaction=True)

PICTURE = pixels(160, 120)


def plan(**options):
    return make_plan(
        width=160, height=120, source_format="PNG", options=EnhanceOptions(**options),
        limits=Limits(output_pixels=10**9, high_quality_cpu_pixels=1000),
    )  # fmt: skip


def result_of(row):
    return np.asarray(
        opened(storage.read(Enhancement.objects.get(pk=row.pk).result.file)).convert("RGB")
    )


def test_without_the_background_nothing_is_planned_and_no_limit_of_work_applies():
    bare = plan(background=False)
    assert (bare.network, bare.tiles, bare.units, bare.resample) == ("none", 0, 0, "lanczos")
    assert bare.as_json()["passes"] == []
    assert plan(background=False, scale=1.0).resample == "none"


def test_the_picture_is_resampled_without_a_network(submit, run_job):
    row = submit(upload(PICTURE), background="off", scale="2", face_restore="off")
    job = run_job(NoNetwork())
    assert (job.state, job.model_versions) == ("succeeded", {})
    expected = Image.fromarray(PICTURE).resize((320, 240), Image.Resampling.LANCZOS)
    assert np.array_equal(result_of(row), np.asarray(expected))


@pytest.mark.usefixtures("restorer")
@pytest.mark.parametrize("scale", ["1", "2"])
def test_the_faces_alone_are_restored(submit, run_job, face_detector, scale):
    face_detector.faces = (face_at(80, 60, 40),)
    plain = submit(upload(PICTURE), background="off", scale=scale, face_restore="off")
    run_job()
    row = submit(upload(PICTURE), background="off", scale=scale)
    job = run_job()
    assert list(job.model_versions) == ["gfpgan-1.4"]
    assert (job.done_units, job.total_units) == (1, 1)
    difference = np.abs(result_of(row).astype(int) - result_of(plain)).max(axis=2)
    middle = int(60 * int(scale)), int(80 * int(scale))
    assert difference[middle] > 8
    assert difference[:, :8].max() == 0
