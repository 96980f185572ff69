"""Which files come in, and where each result goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from enhance.cli.arguments import WrongUsage
from enhance.policy import UPLOADS


@dataclass(frozen=True, kw_only=True)
class Work:
    """The pictures of one call. `output` is a folder, or the file of the only picture."""

    files: tuple[Path, ...]
    output: Path
    is_folder: bool

    def make_folder(self) -> None:
        """Make the folder that was asked for."""
        if self.is_folder:
            self.output.mkdir(parents=True, exist_ok=True)


def plan_work(patterns: Sequence[str], output: str) -> Work:
    """Find the pictures and the place for their results. Raises WrongUsage."""
    files = tuple(dict.fromkeys(file for pattern in patterns for file in pictures_of(pattern)))
    target = Path(output)
    is_folder = len(files) > 1 or target.is_dir() or any(Path(p).is_dir() for p in patterns)
    if is_folder and target.exists() and not target.is_dir():
        raise WrongUsage(f"{target} is a file; several pictures need a folder")
    if not is_folder and not target.parent.is_dir():
        raise WrongUsage(f"there is no folder {target.parent}")
    return Work(files=files, output=target, is_folder=is_folder)


def pictures_of(pattern: str) -> list[Path]:
    """What a file name, a folder or a glob pattern means. Raises WrongUsage."""
    path = Path(pattern)
    try:
        if path.is_file():
            return [path]
        found = path.iterdir() if path.is_dir() else _matches(path)
        files = sorted(
            file
            for file in found
            if file.is_file() and file.suffix.lower().lstrip(".") in UPLOADS.extensions
        )
    except (OSError, ValueError) as error:  # a name too long, a folder we may not read, `**x`
        raise WrongUsage(f"{pattern} cannot be read: {error}") from error
    if not files:
        raise WrongUsage(f"{pattern} names no picture")
    return files


def _matches(pattern: Path) -> Iterator[Path]:
    """Files of a glob pattern, relative or absolute."""
    root = pattern.anchor or "."
    return Path(root).glob(str(pattern.relative_to(pattern.anchor)))
