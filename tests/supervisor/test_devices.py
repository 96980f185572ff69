"""One device worker for each device that OMNILENS_DEVICE names."""

import pytest

from project.settings import parsers
from project.supervisor.devices import NoDevice, one_worker_each
from project.supervisor.stack import _workers


@pytest.mark.parametrize(
    ("wanted", "gpus", "workers"),
    [
        ("auto", 2, [""]),
        ("cpu", 2, [""]),
        ("cuda:1", 2, [""]),
        ("cuda:0,cuda:2", 3, ["cuda:0", "cuda:2"]),
        ("cuda:all", 2, ["cuda:0", "cuda:1"]),
        ("cuda:all", 1, ["cuda:0"]),
    ],
)
def test_each_device_has_its_worker(wanted, gpus, workers):
    assert one_worker_each(wanted, count=lambda: gpus) == workers


def test_every_gpu_of_a_machine_without_one_is_refused():
    with pytest.raises(NoDevice, match="no CUDA device"):
        one_worker_each("cuda:all", count=lambda: 0)


def test_workers_of_several_devices_have_names_and_devices_of_their_own(settings):
    settings.DEVICE = "cuda:0,cuda:1"
    specs = {spec.name: spec for spec in _workers("INFO")}
    assert list(specs) == ["gpu-worker-cuda0", "gpu-worker-cuda1", "default-worker", "scheduler"]
    devices = [specs[f"gpu-worker-cuda{n}"].environment["OMNILENS_DEVICE"] for n in (0, 1)]
    assert devices == ["cuda:0", "cuda:1"]
    assert [spec.argv[spec.argv.index("-n") + 1] for spec in list(specs.values())[:2]] == [
        "gpu-cuda0@%h",
        "gpu-cuda1@%h",
    ]


def test_one_device_keeps_the_plain_name(settings):
    settings.DEVICE = "cuda:1"
    first = next(iter(_workers("INFO")))
    assert first.name == "gpu-worker"
    assert "OMNILENS_DEVICE" not in first.environment


@pytest.mark.parametrize(
    "text", ["gpu", "cuda:x", "cuda:0,cuda:0", "cuda:0,cpu", "cuda:all,cpu", ""]
)
def test_a_device_that_cannot_be_is_refused(text):
    with pytest.raises(ValueError, match="expected auto"):
        parsers.device(text)


def test_spaces_between_devices_do_not_matter():
    assert parsers.device("cuda:0, cuda:1") == "cuda:0,cuda:1"
