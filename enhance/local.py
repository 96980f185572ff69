"""One file to one file in this process: what the command line does for each picture."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from enhance.client import unused_path
from enhance.faces.wish import wanted_faces
from enhance.names import result_name
from enhance.options import EnhanceOptions
from enhance.output import finish
from enhance.pipeline import face_path
from enhance.plan import Limits, make_plan
from enhance.policy import limits, upload_policy
from enhance.services.networks import chosen_network
from enhance.source import request_of
from enhance.warnings import unique
from project.images.decode import decode
from project.images.formats import by_extension
from project.inference.context import RunContext


class OutputNameMismatch(ValueError):
    """The name of the output promises another format than the options do."""


@dataclass(frozen=True, kw_only=True)
class EnlargedFile:
    """What was written."""

    path: Path
    width: int
    height: int
    seconds: float
    warnings: list[str]


def enlarge_file(
    run: RunContext,
    source: Path,
    options: EnhanceOptions,
    *,
    output: Path,
    is_folder: bool,
    device: str,
    taken: set[Path] | None = None,
) -> EnlargedFile:
    """Decode, enlarge, encode, mark, sign and write `source`.

    In a folder the name is made from the source's, with a number if it is among the `taken` ones.
    `device` is `cpu` or `cuda`. The person at the machine has decided to wait: the CPU limit of `high` does not apply here.
    Raises ServiceError (bad picture, too large), InferenceError, OSError, OutputNameMismatch.
    """
    started = time.perf_counter()
    with source.open("rb") as file:
        picture = decode(file, upload_policy(options))
    plan = make_plan(
        width=picture.width,
        height=picture.height,
        source_format=picture.format,
        bit_depth=picture.depth,
        has_alpha=picture.alpha is not None,
        network=chosen_network(options),
        options=options,
        limits=Limits(output_pixels=limits().output_pixels, high_quality_cpu_pixels=2**62),
        device=device,
    )
    named = by_extension(output.suffix.lower().lstrip("."))
    if not is_folder and (named is None or named.name != plan.output_format):
        raise OutputNameMismatch(f"{output.name} should end like a {plan.output_format} file")
    wish = wanted_faces(options)
    result = face_path.run(run, request_of(picture, plan, options), wish).result
    finished = finish(result, picture, plan, source_format=picture.format)
    path = (
        unused_path(
            output / result_name(source.name, plan.scale, finished.extension),
            set() if taken is None else taken,
        )
        if is_folder
        else output
    )
    path.write_bytes(finished.content)
    return EnlargedFile(
        path=path,
        width=finished.width,
        height=finished.height,
        seconds=time.perf_counter() - started,
        warnings=unique(picture.warnings, result.warnings, finished.warnings),
    )
