"""A real photo through a whole job with the real weights."""

import io

import numpy as np
import pytest
from PIL import Image

from enhance.models import Enhancement
from enhance.nets.catalogue import NETWORKS
from project.images import storage
from project.inference.device_lease import DeviceLease
from project.inference.devices import Format, Placement
from project.inference.memory_budget import MemoryBudget
from project.inference.micro_batcher import MicroBatcher
from project.inference.model_host import ModelHost
from project.inference.weight_store import configured_store
from tests.enhance.pictures import upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.weights]


class RealRuntime:
    """The weights of this machine in float32, whatever the probe would choose."""

    def __init__(self, store):
        self.lease = DeviceLease()
        self.host = ModelHost(
            store=store,
            place=lambda spec: Placement(device="cpu", format=Format(channels_last=True)),
            budget=MemoryBudget(1 << 30),
        )
        self.batcher = MicroBatcher.beside(self.lease, self.host)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_a_real_photo_is_four_times_larger_and_still_the_same_photo(submit, run_job, name):
    import torch
    from skimage import data

    torch.set_num_threads(1)
    store = configured_store()
    if not store.status(name).present:
        pytest.skip(f"no weights of {name}: run 'manage.py models pull --embedded'")
    photo = data.astronaut()[100:140, 200:248]
    row = submit(upload(photo), model=name)
    job = run_job(RealRuntime(store))
    row = Enhancement.objects.with_job().get(pk=row.pk)
    assert job.state == "succeeded"
    large = Image.open(io.BytesIO(storage.read(row.result.file)))
    assert large.size == (192, 160)
    assert store.require(name).sha256 in job.model_versions[name]
    small = np.asarray(large.convert("RGB").reduce(4)).astype(float)
    error = ((small - photo) ** 2).mean()
    assert 10 * np.log10(255**2 / error) > 22
    nearest = np.asarray(Image.fromarray(photo).resize((192, 160), Image.Resampling.NEAREST))
    assert not np.array_equal(np.asarray(large.convert("RGB")), nearest)


@pytest.mark.parametrize("name", ["realesr-animevideov3", "realesrgan-x4plus-anime"])
def test_a_soft_ramp_of_sixteen_bits_stays_soft_through_the_real_network(submit, run_job, name):
    """16 levels of eight bits hold 256 of sixteen: the result must not fall back to steps."""
    import torch
    from django.core.files.uploadedfile import SimpleUploadedFile

    from project.images.decode import decode
    from tests.images.deep_samples import png16

    torch.set_num_threads(1)
    store = configured_store()
    if not store.status(name).present:
        pytest.skip(f"no weights of {name}: run 'manage.py models pull --embedded'")
    ramp = np.linspace(20_000, 24_000, 128)[None, :, None].repeat(24, 0).repeat(3, 2)
    content = png16(np.rint(ramp).astype(np.uint16))
    row = submit(SimpleUploadedFile("ramp.png", content), model=name)
    assert run_job(RealRuntime(store)).state == "succeeded"
    row = Enhancement.objects.with_job().get(pk=row.pk)
    found = decode(storage.read(row.result.file)).array
    assert found.dtype == np.uint16
    assert len(np.unique(found[..., 0])) > 256
    expected = np.linspace(20_000, 24_000, 512)
    assert np.abs(found[:, 16:-16, :].mean(axis=(0, 2)) - expected[16:-16]).max() < 4 * 257
