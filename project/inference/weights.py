"""The weights manifest: which files exist, their hashes, licences and sources.

Feature apps register entries in `AppConfig.ready()`; `weight_store.py` fetches and checks them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

from project.inference.errors import ModelUnavailable, WeightsRefused

if TYPE_CHECKING:
    from project.inference.transport import Transport


def check_relative(name: str) -> str:
    """`name` itself when it stays inside its folder; WeightsRefused otherwise."""
    path = PurePosixPath(name)
    inside = bool(name) and not path.is_absolute() and ".." not in path.parts
    if not inside or str(path) == "." or any(sign in name for sign in "\\:\0"):
        raise WeightsRefused(f"the path {name!r} could leave its folder")
    return name


@dataclass(frozen=True, kw_only=True)
class PinnedFile:
    """One file exactly as a source must deliver it; `name` is a relative POSIX path."""

    name: str
    sha256: str
    size: int

    def __post_init__(self) -> None:
        check_relative(self.name)
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise ValueError(f"{self.name}: sha256 must be 64 lower-case hexadecimal digits")


class Source(Protocol):
    """One place that can deliver the files of an entry (see sources.py)."""

    def describe(self) -> str:
        """What an operator reads, for example `package name==1.0`."""
        ...

    def fetch(self, files: Sequence[PinnedFile], into: Path, transport: Transport) -> None:
        """Write every file to `into / file.name`.

        Raises SourceUnavailable when it cannot deliver, WeightsRefused when what it delivers is
        not what was pinned.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class WeightsEntry:
    """The weights of one model version.

    `files` are pinned as the sources deliver them. With `convert`, a dotted path
    `package.module:function` called as `convert(files: dict[name, Path], target: Path)`, they
    become one `model.safetensors`; without it they are kept as they are. `licence` is an SPDX
    name; the text comes from `licence_file`, `licence_text` or both. `embedded` entries belong
    to the set that `make run` pulls. `on_demand` entries come from this platform's own storage:
    a worker fetches them when a run needs them.
    """

    name: str
    version: str
    licence: str
    commercial: bool
    files: tuple[PinnedFile, ...]
    sources: tuple[Source, ...]
    convert: str | None = None
    licence_file: PinnedFile | None = None
    licence_text: str = ""
    embedded: bool = False
    on_demand: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", self.folder):
            raise ValueError(f"{self.folder!r} is no name for a folder")
        if not self.files or not self.sources:
            raise ValueError(f"{self.name}: an entry needs files and sources")
        if not self.licence_file and not self.licence_text.strip():
            raise ValueError(f"{self.name}: the licence text must travel with the weights")

    @property
    def folder(self) -> str:
        """The name of the entry's folder under the model root."""
        return f"{self.name}-{self.version}"

    @property
    def wanted(self) -> tuple[PinnedFile, ...]:
        """Everything a source must deliver, the licence included."""
        return (*self.files, self.licence_file) if self.licence_file else self.files

    @property
    def download_bytes(self) -> int:
        """Bytes of the wanted files; an archive around them may be larger."""
        return sum(file.size for file in self.wanted)


_entries: dict[str, WeightsEntry] = {}
_resolvers: list[Callable[[str], WeightsEntry | None]] = []


def register(entry: WeightsEntry) -> None:
    """Called from `AppConfig.ready()`; a name is registered once."""
    if entry.name in _entries:
        raise ValueError(f"weights {entry.name} are registered twice")
    _entries[entry.name] = entry


def register_resolver(resolver: Callable[[str], WeightsEntry | None]) -> None:
    """Called from `AppConfig.ready()`: asked for every name that nobody registered."""
    if resolver not in _resolvers:
        _resolvers.append(resolver)


def get(name: str) -> WeightsEntry:
    """The entry, or ModelUnavailable."""
    known = _entries.get(name)
    if known is not None:
        return known
    for resolver in _resolvers:
        found = resolver(name)
        if found is not None:
            return found
    raise ModelUnavailable(f"no weights are registered as {name!r}")


def all_entries() -> list[WeightsEntry]:
    """Every registered entry, by name; not those that a resolver makes when asked."""
    return [_entries[name] for name in sorted(_entries)]
