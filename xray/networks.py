"""The networks of this room as the model host and the weight store see them.

Rows of ModelVersion are read when somebody asks, so an imported or a retired classifier works in
every process without being registered anywhere. The gate is one shipped file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from project.images.weight_source import StorageFile
from project.inference.registry import (
    FLOAT32,
    MAX_PROBABILITY_DIFFERENCE,
    Batching,
    ModelSpec,
    Precision,
)
from project.inference.weights import PinnedFile, WeightsEntry
from xray.pipeline.form import BFLOAT16_FORM
from xray.services.shipped import shipped_classifier, shipped_gate
from xray.weight_source import ShippedFile

if TYPE_CHECKING:
    from xray.models import ModelVersion

GATE = "cxr-gate"
CLASSIFIER_BYTES = 94_000_000
LICENCE = "Apache-2.0"
LICENCE_TEXT = (
    "Trained by the authors of this product from random weights; Apache-2.0. Films: Kermany et"
    " al. 2018 (CC BY 4.0) and, for the gate, NIH ChestX-ray14 (NIH Clinical Center)."
)


def resolve_spec(name: str) -> ModelSpec | None:
    """For the registry of models."""
    if name == GATE:
        if not shipped_gate().is_file():
            return None
        return ModelSpec(
            name=GATE,
            version=sha256_of(shipped_gate())[:12],
            task="gate",
            loader="xray.pipeline.gate:load",
            weights=(GATE,),
            vram_estimate=4_000_000,
            channels_last=False,
        )
    row = _row_of(name)
    if row is None:
        return None
    return classifier_spec(name, version=row.version, px=row.px, metrics=row.metrics)


def classifier_spec(name: str, *, version: str, px: int, metrics: Mapping[str, Any]) -> ModelSpec:
    """How a classifier with these figures is served."""
    return ModelSpec(
        name=name,
        version=version,
        task="classify",
        loader="xray.pipeline.classifier:load",
        weights=(name,),
        vram_estimate=CLASSIFIER_BYTES,
        precisions=verified_precisions(metrics),
        warmup=((1, 3, px, px),),
        batching=Batching(
            run="xray.pipeline.classifier:run_batch",
            shape_bucket="xray.pipeline.classifier:shape_bucket",
            max_batch=16,
            max_batch_cpu=1,
            tolerance=0.01,
        ),
    )


def verified_precisions(metrics: Mapping[str, Any]) -> tuple[Precision, ...]:
    """The formats beside float32 that `xray_eval --formats` found good enough, of a version's figures.

    They were held against float32 on a processor; other devices run float32. What was measured
    of another form (see `xray.pipeline.form`) says nothing of the one that would be served.
    """
    formats = metrics.get("holdout", {}).get("formats", {})
    return tuple(
        Precision(
            dtype=dtype,
            probability_difference=told["probability_difference"],
            devices=frozenset({"cpu"}),
        )
        for dtype, told in formats.items()
        if dtype != FLOAT32.dtype
        and told.get("form") == BFLOAT16_FORM
        and told["probability_difference"] <= MAX_PROBABILITY_DIFFERENCE
    )


def resolve_weights(name: str) -> WeightsEntry | None:
    """For the weights manifest."""
    if name == GATE:
        return _entry(GATE, shipped_gate()) if shipped_gate().is_file() else None
    row = _row_of(name)
    if row is None:
        return None
    if row.is_shipped:
        path = shipped_classifier()
        # After an update the row of an older file must not run with the newer weights.
        is_its_file = path.is_file() and sha256_of(path) == row.sha256
        return _entry(name, path) if is_its_file else None
    from project.images import storage

    return WeightsEntry(
        name=name,
        version="1",
        licence=LICENCE,
        commercial=True,
        files=(
            PinnedFile(name="model.safetensors", sha256=row.sha256, size=storage.size(row.file)),
        ),
        sources=(StorageFile(key=row.file),),
        licence_text=row.trained_on or LICENCE_TEXT,
        on_demand=True,
    )


def _entry(name: str, path: Path) -> WeightsEntry:
    file = PinnedFile(name="model.safetensors", sha256=sha256_of(path), size=path.stat().st_size)
    return WeightsEntry(
        name=name,
        version="1",
        licence=LICENCE,
        commercial=True,
        files=(file,),
        sources=(ShippedFile(path=path),),
        licence_text=LICENCE_TEXT,
        on_demand=True,
    )


def _row_of(name: str) -> ModelVersion | None:
    from xray.models import ModelVersion

    stem, _, digest = name.rpartition("-")
    if not stem or len(digest) != 12:
        return None
    return ModelVersion.objects.filter(name=stem, sha256__startswith=digest).first()


def sha256_of(path: Path) -> str:
    """Of a shipped file; it does not change while a process lives."""
    status = path.stat()
    return _sha256(path, status.st_mtime_ns, status.st_size)


@cache
def _sha256(path: Path, changed_ns: int, size: int) -> str:
    del changed_ns, size  # they make the cache forget an exchanged file
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
