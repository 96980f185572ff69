"""The worker's side of `enhance.model_check`: an uploaded file in, a measured network out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from enhance.nets.checkpoint import UnsafeCheckpoint, read_state, write_state
from enhance.nets.operator_net import Description, UnusableNetwork, build, describe
from enhance.operator_model import EnhanceModel
from project.images import storage
from project.inference.errors import InvalidInput
from project.inference.sources import sha256_of
from project.jobs.kinds import FileSink, Outcome

if TYPE_CHECKING:
    from project.inference.context import RunContext
    from project.jobs.models import Job

UNITS = 3
CHUNK_BYTES = 1 << 20


def handle(*, job: Job, context: RunContext, files: FileSink) -> Outcome:
    """Read the tensors, build and run the network once, keep it as safetensors.

    Nothing that the file names is ever called. Raises InvalidInput with the reason.
    """
    row = EnhanceModel.objects.filter(pk=job.params["model"]).first()
    if row is None:
        raise InvalidInput("the network was deleted")
    context.step("read", 0, UNITS)
    path = _fetched(row.upload, context.scratch_dir)
    try:
        state = read_state(path)
        context.step("build", 1, UNITS)
        network = build(state)
        with context.device():
            context.step("measure", 2, UNITS)
            found = describe(network)
    except (UnsafeCheckpoint, UnusableNetwork) as error:
        raise InvalidInput(str(error)) from error
    target = context.scratch_dir / "model.safetensors"
    write_state(state, target)
    content = target.read_bytes()
    context.step("measure", UNITS, UNITS)
    facts = {
        "file": files.save(target.name, content),
        "sha256": sha256_of(target),
        "size_bytes": len(content),
        **_facts(found),
    }
    return Outcome(
        commit=partial(_commit, row=row, facts=facts),
        data={"name": row.name, "scale": found.scale, "architecture": found.architecture},
    )


def _fetched(key: str, folder: Path) -> Path:
    target = folder / f"upload{Path(key).suffix}"
    try:
        with storage.open_file(key) as source, target.open("wb") as out:
            for chunk in source.chunks(CHUNK_BYTES):
                out.write(chunk)
    except FileNotFoundError as error:
        raise InvalidInput(f"the upload {key} is gone") from error
    return target


def _facts(found: Description) -> Mapping[str, Any]:
    return {
        "architecture": found.architecture,
        "scale": found.scale,
        "receptive_radius": found.receptive_radius,
        "megaflop_per_pixel": found.megaflop_per_pixel,
        "bytes_per_pixel": found.bytes_per_pixel,
        "bfloat16_psnr_db": found.bfloat16_psnr_db,
    }


def _commit(job: Job, *, row: EnhanceModel, facts: Mapping[str, Any]) -> None:
    """Inside the finishing transaction; the upload becomes an orphan, which the sweep removes."""
    EnhanceModel.objects.filter(pk=row.pk, job=job).update(upload="", **facts)
