"""Enlarging in this process: no server, no queue, no database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from enhance.cli.files import Work
from enhance.cli.outcome import Outcome
from enhance.cli.progress import ProgressBar
from enhance.options import EnhanceOptions
from enhance.services.device import default_quality
from project.errors import ServiceError
from project.inference.context import RunContext
from project.inference.errors import InferenceError
from project.inference.run import LocalRun
from project.inference.runtime import worker_runtime


def enlarge_here(
    work: Work,
    options: EnhanceOptions,
    *,
    quality_is_open: bool,
    bar: Callable[[Path], ProgressBar],
) -> Iterator[Outcome]:
    """One outcome for each file, in their order; a bad file does not stop the rest.

    `quality_is_open`: nobody chose a quality, so that of the API for this device is used.
    """
    device = worker_runtime().device.partition(":")[0]
    if quality_is_open:
        options = replace(options, quality_level=default_quality(device))
    taken: set[Path] = set()
    for file in work.files:
        progress = bar(file)
        with LocalRun(checkpoint=progress.checkpoint) as run:
            outcome = _enlarge(run, file, work, options, device, taken)
        progress.clear()
        yield outcome


def _enlarge(
    run: RunContext,
    file: Path,
    work: Work,
    options: EnhanceOptions,
    device: str,
    taken: set[Path],
) -> Outcome:
    from enhance.local import OutputNameMismatch, enlarge_file

    try:
        done = enlarge_file(
            run,
            file,
            options,
            output=work.output,
            is_folder=work.is_folder,
            device=device,
            taken=taken,
        )
    except (ServiceError, InferenceError) as error:
        return Outcome(source=file, problem=f"{error.code}: {error.detail}")
    except OutputNameMismatch as error:
        return Outcome(source=file, problem=str(error))
    except OSError as error:
        return Outcome(source=file, problem=f"{error.strerror}: {error.filename}")
    return Outcome(
        source=file,
        path=done.path,
        size=(done.width, done.height),
        seconds=done.seconds,
        warnings=tuple(done.warnings),
    )
