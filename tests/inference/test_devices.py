"""Devices: found or refused, probed once, a precision only where it pays and is allowed."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys

import pytest
import torch

from project.inference import devices
from project.inference.devices import Format, Probe, discover, probe, time_convolution
from project.inference.errors import DeviceUnavailable
from project.inference.registry import (
    FLOAT32,
    MAX_PROBABILITY_DIFFERENCE,
    MIN_PSNR_DB,
    Precision,
    all_specs,
)
from tests.inference.fakes import spec_of

LAYOUT, BFLOAT16 = Format(channels_last=True), Format(dtype="bfloat16", channels_last=True)
BF16_ALLOWED = (Precision(dtype="bfloat16", psnr_db=50.1),)


def probe_of(float32, layout, bfloat16, device="cpu"):
    seconds = {str(Format()): float32, str(LAYOUT): layout, str(BFLOAT16): bfloat16}
    return Probe(
        device=device, processor="test", torch_version="2", capability="AVX512", seconds=seconds
    )


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ((6.0, 5.0, 1.0), BFLOAT16),
        ((6.0, 1.0, 2.0), LAYOUT),
        ((6.0, 5.9, 5.0), Format()),
        ((6.0, 5.0, 9.0), LAYOUT),
        ((6.0, 7.0, 4.7), Format()),
        ((6.0, 7.0, 4.6), BFLOAT16),
    ],
)
def test_the_fastest_format_that_pays_wins(seconds, expected):
    assert probe_of(*seconds).place(spec_of(precisions=BF16_ALLOWED)).format == expected


def test_the_probe_falls_back_to_fp32_when_nothing_pays():
    placement = probe_of(1.0, 1.0, 1.0).place(spec_of(precisions=BF16_ALLOWED))
    assert (placement.device, placement.format) == ("cpu", Format())


def test_the_probe_falls_back_to_fp32_for_a_model_that_lists_nothing_else():
    assert probe_of(6.0, 7.0, 1.0).place(spec_of()).format == Format()
    assert probe_of(6.0, 5.0, 1.0).place(spec_of()).format == LAYOUT


def test_a_precision_counts_only_on_the_devices_it_names():
    spec = spec_of(
        precisions=(Precision(dtype="bfloat16", psnr_db=50, devices=frozenset({"cuda"})),)
    )
    assert probe_of(6.0, 7.0, 1.0).place(spec).format == Format()
    on_cuda = probe_of(6.0, 7.0, 1.0, device="cuda:1").place(spec)
    assert (on_cuda.device, on_cuda.format) == ("cuda:1", BFLOAT16)


def test_a_model_may_refuse_the_layout():
    spec = spec_of(precisions=BF16_ALLOWED, channels_last=False)
    assert probe_of(6.0, 1.0, 1.0).place(spec).format == Format()


@pytest.mark.parametrize("psnr", [44.9, float("nan"), -1.0])
def test_a_precision_below_its_psnr_gate_cannot_be_registered(psnr):
    with pytest.raises(ValueError, match="below 45"):
        Precision(dtype="bfloat16", psnr_db=psnr)


def test_an_unknown_number_format_is_refused():
    with pytest.raises(ValueError, match="int4"):
        Precision(dtype="int4", psnr_db=60)


@pytest.mark.parametrize("difference", [0.0101, float("nan"), -0.001])
def test_a_precision_that_moves_probabilities_too_far_cannot_be_registered(difference):
    with pytest.raises(ValueError, match="probabilities differ"):
        Precision(dtype="bfloat16", probability_difference=difference)


@pytest.mark.parametrize("measures", [{}, {"psnr_db": 50.0, "probability_difference": 0.001}])
def test_a_precision_is_judged_by_exactly_one_measure(measures):
    with pytest.raises(ValueError, match="one measure"):
        Precision(dtype="bfloat16", **measures)


def is_within_its_gate(precision):
    if precision.psnr_db is None:
        return precision.probability_difference <= MAX_PROBABILITY_DIFFERENCE
    return precision.psnr_db >= MIN_PSNR_DB


def test_precision_choice_is_within_its_gate():
    every_outcome = [probe_of(*order) for order in itertools.permutations((1.0, 2.0, 3.0))]
    verified = (Precision(dtype="bfloat16", probability_difference=0.004),)
    specs = [
        *all_specs(), spec_of(precisions=BF16_ALLOWED), spec_of(precisions=verified),
    ]  # fmt: skip
    assert every_outcome[-1].place(specs[-1]).format == BFLOAT16
    for spec, outcome in itertools.product(specs, every_outcome):
        chosen = outcome.place(spec).format.dtype
        gates = {p.dtype: p for p in spec.allowed(outcome.device)}
        assert is_within_its_gate(gates[chosen])
        assert spec.allowed(outcome.device)[-1] is FLOAT32


def test_the_probe_measures_once_per_processor_and_torch(tmp_path, monkeypatch):
    asked = []

    def measure(device, candidate):
        asked.append(str(candidate))
        return 1.0

    first = probe("cpu", cache=tmp_path, measure=measure)
    assert probe("cpu", cache=tmp_path, measure=measure) == first
    assert asked == ["float32", "float32_channels_last", "bfloat16_channels_last"]
    monkeypatch.setattr(devices, "processor_name", lambda: "another processor")
    probe("cpu", cache=tmp_path, measure=measure)
    assert len(asked) == 6
    kept = json.loads((tmp_path / "probe.json").read_text())
    assert len(kept) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["probe.json"]


@pytest.mark.parametrize("content", ["no json", "[]", "{}"])
def test_a_broken_cache_is_measured_again(tmp_path, content):
    (tmp_path / "probe.json").write_text(content)
    result = probe("cpu", cache=tmp_path, measure=lambda device, candidate: 2.0)
    assert set(result.seconds.values()) == {2.0}
    assert json.loads((tmp_path / "probe.json").read_text())


def test_a_cached_entry_without_times_is_measured_again(tmp_path):
    probe("cpu", cache=tmp_path, measure=lambda device, candidate: 1.0)
    data = json.loads((tmp_path / "probe.json").read_text())
    (tmp_path / "probe.json").write_text(json.dumps({key: {"seconds": None} for key in data}))
    assert probe("cpu", cache=tmp_path, measure=lambda *_: 3.0).seconds["float32"] == 3.0


def test_a_format_the_device_cannot_run_is_left_out():
    def measure(device, candidate):
        if candidate.dtype == "bfloat16":
            raise RuntimeError("not implemented for 'BFloat16'")
        return 1.0

    result = probe("cpu", measure=measure)
    assert result.gain(BFLOAT16) == 0
    assert result.place(spec_of(precisions=BF16_ALLOWED)).format == Format()


@pytest.mark.parametrize("candidate", devices.FORMATS, ids=str)
def test_the_self_timing_runs_the_real_convolution(candidate):
    ticks = itertools.count()
    assert time_convolution("cpu", candidate, clock=lambda: next(ticks) * 0.03) == pytest.approx(
        0.03
    )


def test_a_cuda_probe_names_the_card(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Card 9")
    result = probe("cuda:0", measure=lambda device, candidate: 1.0)
    assert (result.processor, result.capability) == ("Card 9", "CUDA")


@pytest.mark.parametrize(
    ("wanted", "count", "expected"),
    [
        ("cpu", 2, "cpu"),
        ("auto", 0, "cpu"),
        ("auto", 2, "cuda:0"),
        ("cuda", 1, "cuda:0"),
        ("cuda:1", 2, "cuda:1"),
    ],
)
def test_a_device_is_found(monkeypatch, wanted, count, expected):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    assert discover(wanted) == expected


@pytest.mark.parametrize("wanted", ["cuda", "cuda:3", "tpu", ""])
def test_a_device_that_is_not_there_is_refused(monkeypatch, wanted):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(DeviceUnavailable, match=f"OMNILENS_DEVICE={wanted}"):
        discover(wanted)


def test_the_device_is_waited_for(monkeypatch):
    waited = []
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    assert devices.synchronizer("cpu")() is None
    devices.synchronizer("cuda:0")()
    assert waited == ["cuda:0"]


def test_a_processor_has_a_name_on_any_system(monkeypatch):
    assert devices.processor_name()
    monkeypatch.setattr(devices.Path, "is_file", lambda self: False)
    assert devices.processor_name()


def test_threads_are_set_once_before_torch_works():
    code = (
        "import os, sys\n"
        "from project.inference.devices import prepare_threads\n"
        "prepare_threads(3); prepare_threads(5)\n"
        "import torch\n"
        "print(os.environ['OMP_NUM_THREADS'], torch.get_num_threads(),"
        " torch.get_num_interop_threads())"
    )
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.stdout.split() == ["3", "3", "1"], done.stderr


def test_threads_asked_for_too_late_are_a_warning(monkeypatch, caplog):
    def too_late(count):
        raise RuntimeError("cannot set number of interop threads after parallel work has started")

    monkeypatch.setattr(devices, "_threads_set", False)
    monkeypatch.setattr(torch, "set_num_interop_threads", too_late)
    devices.prepare_threads(torch.get_num_threads())
    assert "before its threads were set" in caplog.text
