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
