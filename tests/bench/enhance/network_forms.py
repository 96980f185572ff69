"""The large network alone on a GPU: in both forms, with and without cuDNN's search; and MFU."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Any

import torch

from enhance.nets.architecture import Rrdb
from enhance.nets.rrdb import RrdbNet
from enhance.nets.slice_sum import kernel_fault
from enhance.nets.wide_dense import widen
from tests.bench.enhance.report import Report

MEGAFLOP_PER_PIXEL = 35.85
# Dense bfloat16 without sparsity, from the data sheets; other cards get no share.
PEAK_TERAFLOPS = {"H100": 989.0, "H200": 989.0, "A100": 312.0, "T4": 65.0}
AIM_SHARE = 0.35
WORTH_SEARCHING = 1.05


@dataclass(frozen=True, kw_only=True)
class Form:
    """How the network runs."""

    is_wide: bool
    searches: bool

    def __str__(self) -> str:
        return f"{'wide' if self.is_wide else 'narrow'}{', cuDNN searches' if self.searches else ''}"  # fmt: skip


def compare(
    report: Report, state: dict[str, Any], *, device: str, window: tuple[int, int], blocks: int = 23
) -> Form:
    """Seconds of one window (height, width) in each form; the one to use.

    cuDNN's search costs seconds for each new shape, so it must gain WORTH_SEARCHING.
    """
    height, width = window
    work = height * width * MEGAFLOP_PER_PIXEL * 1e6
    if device != "cpu":
        report.add("kernel for sums of slices", kernel_fault(torch.device(device).index or 0) or "works")  # fmt: skip
    seconds: dict[Form, float] = {}
    for form in (Form(is_wide=w, searches=s) for s in (False, True) for w in (False, True)):
        if device == "cpu" and form.searches:
            continue
        median, first, peak = _time(state, form, device, window, blocks)
        seconds[form] = median
        report.add(
            f"x4plus bf16 {height} x {width}, {form}", median * 1000, "ms",
            detail={"first_s": first, "tflops": work / median / 1e12, "peak_bytes": peak},
        )  # fmt: skip
    plain = min((f for f in seconds if not f.searches), key=lambda form: seconds[form])
    best = min(seconds, key=lambda form: seconds[form])
    if best.searches and seconds[plain] / seconds[best] < WORTH_SEARCHING:
        best = plain
    rate = work / seconds[best] / 1e12
    name = torch.cuda.get_device_name(device) if device != "cpu" else ""
    peak = next((value for card, value in PEAK_TERAFLOPS.items() if card in name), None)
    report.add(f"used from here on: {best}", rate, "TFLOP/s")
    if peak:
        report.add("its share of the card's peak (aim 35 %)", 100 * rate / peak, "%")
    return best


def _time(
    state: dict[str, Any], form: Form, device: str, window: tuple[int, int], blocks: int
) -> tuple[float, float, int]:
    network = RrdbNet(Rrdb(blocks=blocks))
    network.load_state_dict(state)
    if form.is_wide:
        widen(network)
    network = network.to(device, torch.bfloat16).to(memory_format=torch.channels_last).eval()
    picture = torch.rand(1, 3, *window, device=device).bfloat16()
    picture = picture.contiguous(memory_format=torch.channels_last)
    is_cuda = device != "cpu"
    torch.backends.cudnn.benchmark = form.searches
    peak = 0
    try:
        with torch.inference_mode():
            if is_cuda:
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()
            first = _once(network, picture, is_cuda)
            peak = torch.cuda.max_memory_allocated() if is_cuda else 0
            runs = [_once(network, picture, is_cuda) for _ in range(5 if is_cuda else 1)]
    finally:
        torch.backends.cudnn.benchmark = False
    return statistics.median(runs), first, peak


def _once(network: torch.nn.Module, picture: torch.Tensor, is_cuda: bool) -> float:
    began = time.perf_counter()
    network(picture)
    if is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - began
