"""What the model host is told of a version: only formats that were verified for it."""

from __future__ import annotations

import pytest

from project.inference import registry
from project.inference.devices import Format, Probe
from project.inference.registry import FLOAT32
from project.jobs.preload import AUTO, wanted_models
from tests.xray.registry.versions import figures, stored_version
from xray.networks import GATE
from xray.pipeline.form import BFLOAT16_FORM
from xray.services.activate import activate_version
from xray.services.preload import default_models
from xray.services.shipped import shipped_gate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]

FAST_BFLOAT16 = {"float32": 6.0, "float32_channels_last": 5.0, "bfloat16_channels_last": 1.0}


def placed(version, device="cpu"):
    probe = Probe(
        device=device, processor="test", torch_version="2", capability="", seconds=FAST_BFLOAT16
    )
    return probe.place(registry.get(version.host_name)).format


def formats(**found):
    return figures(
        formats={
            name: {"probability_difference": difference, "form": BFLOAT16_FORM}
            for name, difference in found.items()
        }
    )


def test_a_verified_format_is_used_where_it_pays():
    assert placed(stored_version("1")) == Format(dtype="bfloat16", channels_last=True)


@pytest.mark.parametrize(
    "metrics", [{}, figures(formats=None), formats(float32=0.0), formats(bfloat16=0.0101)]
)
def test_a_format_that_was_not_verified_is_never_used(metrics):
    assert placed(stored_version("1", metrics=metrics)).dtype == "float32"


@pytest.mark.parametrize("form", [None, "all layers"])
def test_what_was_verified_of_another_form_is_never_used(form):
    found = {"bfloat16": {"probability_difference": 0.001, "form": form}}
    version = stored_version("1", metrics=figures(formats=found))
    assert placed(version).dtype == "float32"


def test_what_was_verified_on_a_processor_says_nothing_of_a_gpu():
    version = stored_version("1")
    assert placed(version, device="cuda:0").dtype == "float32"
    assert registry.get(version.host_name).allowed("cuda:0") == (FLOAT32,)


def test_the_first_film_finds_a_warm_network():
    version = stored_version("1", px=96)
    assert registry.get(version.host_name).warmup == ((1, 3, 96, 96),)


def test_a_worker_preloads_what_serves_and_nothing_that_is_not_there():
    assert default_models("cpu") == []
    version = stored_version("1")
    assert version.host_name not in wanted_models([AUTO], device="cpu")
    activate_version(version=version, actor=None)
    gate = [GATE] if shipped_gate().is_file() else []
    assert default_models("cpu") == [*gate, version.host_name]
    assert version.host_name in wanted_models([AUTO], device="cuda:0")
    from project.images import storage

    storage.delete(version.file)
    assert default_models("cpu") == []
