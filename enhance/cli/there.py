"""Enlarging on another server, through the client that the documentation shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from enhance.cli.files import Work
from enhance.cli.outcome import Outcome
from enhance.cli.progress import ProgressBar
from enhance.client import Omnilens, OmnilensError, Task
from project.images.formats import by_extension


def enlarge_there(
    work: Work,
    asked: Mapping[str, Any],
    *,
    client: Omnilens,
    bar: Callable[[Path], ProgressBar],
) -> Iterator[Outcome]:
    """One outcome for each file, in the order of their ends; `asked` are fields of the API."""
    if not work.is_folder:
        yield _one(work.files[0], work.output, asked, client, bar)
        return
    bars: dict[Path, ProgressBar] = {}

    def show(file: Path, task: Task) -> None:
        if task["status"] == "queued" and bars and file not in bars:
            return  # one line: the picture at work is worth it
        for other in set(bars) - {file}:
            bars.pop(other).clear()
        _show(bars.setdefault(file, bar(file)), task)

    for done in client.enhance_many(work.files, work.output, on_progress=show, **asked):
        if done.source in bars:
            bars.pop(done.source).clear()
        if done.path is None or done.task is None:
            yield Outcome(source=done.source, problem=_words(done.error))
        else:
            yield _finished(done.source, done.path, done.task)


def _one(
    file: Path,
    output: Path,
    asked: Mapping[str, Any],
    client: Omnilens,
    bar: Callable[[Path], ProgressBar],
) -> Outcome:
    progress = bar(file)
    try:
        task = client.submit(file, **asked)
        named, planned = (
            by_extension(output.suffix.lower().lstrip(".")),
            task["plan"]["output_format"],
        )
        if named is None or named.name != planned:
            client.delete(task)
            return Outcome(source=file, problem=f"{output.name} should end like a {planned} file")
        task = client.wait(task, on_progress=lambda found: _show(progress, found))
        progress.clear()
        return _finished(file, client.download(task, output), task)
    except (OmnilensError, OSError) as error:
        progress.clear()
        return Outcome(source=file, problem=_words(error))


def _show(progress: ProgressBar, task: Task) -> None:
    position = task["position"]
    stage = task["stage"] or (task["status"] if position is None else f"waiting, place {position},")
    progress.show(stage, task["done"], task["total"], eta_seconds=task["eta_seconds"])


def _finished(file: Path, path: Path, task: Task) -> Outcome:
    # A photo that the server knew already was never started.
    started, finished = task["started_at"] or task["finished_at"], task["finished_at"]
    return Outcome(
        source=file,
        path=path,
        size=(task["result"]["width"], task["result"]["height"]),
        seconds=(
            datetime.fromisoformat(finished) - datetime.fromisoformat(started)
        ).total_seconds(),
        warnings=tuple(warning["detail"] for warning in task["warnings"]),
    )


def _words(error: Exception | None) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.strerror}: {error.filename}"
    return str(error)
