"""Batch functions named by dotted path, and networks that note what they were given."""

from __future__ import annotations

import threading

from project.inference.model_host import HostedModel
from project.inference.registry import Batching
from tests.inference.fakes import PATIENCE_SECONDS

SMALL = {
    "run": "tests.inference.batches:call_network",
    "shape_bucket": "tests.inference.batches:kind_of",
}


def call_network(model, payloads):
    return model.network(payloads)


def kind_of(payload):
    return type(payload).__name__


def run_torch(model, payloads):
    """Stack, run, split: what a real batch function does."""
    import torch

    with torch.inference_mode():
        return list(model.network(torch.stack(payloads)))


def shape_of(payload):
    return tuple(payload.shape)


class Network:
    """Doubles numbers. `calls` holds the payloads of every call; may fail, wait or run out."""

    def __init__(self, *, bad=(), fits=1000, during=lambda: None):
        self.calls = []
        self.bad = set(bad)
        self.fits = fits
        self.during = during

    def __call__(self, payloads):
        self.calls.append(list(payloads))
        self.during()
        if self.bad & set(payloads):
            raise ValueError(f"{self.bad & set(payloads)} cannot be doubled")
        if len(payloads) > self.fits:
            raise MemoryError
        return [payload * 2 for payload in payloads]


class Gate:
    """Lets a network wait inside its first call until the test has looked around."""

    def __init__(self):
        self.entered, self.may_go_on = threading.Event(), threading.Event()

    def __call__(self):
        self.entered.set()
        assert self.may_go_on.wait(PATIENCE_SECONDS)


def hosted(network, *, name="tiny", **batching):
    """A loaded model whose requests wait for nobody, unless the test says otherwise."""
    return HostedModel(
        name=name, version="1", sha256="0" * 64, dtype="float32", device="cpu",
        channels_last=False, network=network,
        batching=Batching(**(SMALL | {"max_wait_seconds": 0.0} | batching)),
    )  # fmt: skip
