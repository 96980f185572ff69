"""Who holds personal data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Content = bytes | dict[str, Any] | list[Any]
Export = Callable[[User], Iterable[tuple[str, Content]]]
Erase = Callable[[User], Mapping[str, int]]
Files = Callable[[User], Iterable[str]]
Words = Mapping[str, "_StrPromise | str"]

FILES = "files"


@dataclass(frozen=True, kw_only=True)
class Eraser:
    """How one room forgets a person."""

    name: str
    erase: Erase
    files: Files | None
    words: Words


_exporters: dict[str, Export] = {}
_erasers: dict[str, Eraser] = {}


def register_exporter(name: str, export: Export) -> None:
    """Add a room's data to exports.

    `export(user)` yields `(path, content)`: a relative path of the archive, and bytes or
    something that becomes JSON.
    """
    if name in _exporters:
        raise ValueError(f"exporter {name} is registered twice")
    _exporters[name] = export


def register_eraser(
    name: str, erase: Erase, *, files: Files | None = None, words: Words | None = None
) -> None:
    """Add a room's data to erasures.

    `erase(user)` deletes rows, inside the transaction of the erasure, and returns how many of
    what; it must not touch files. `files(user)` names keys of the default storage, which are
    deleted once the rows are gone for good. `words` says what each count is, on the receipt.
    """
    if name in _erasers:
        raise ValueError(f"eraser {name} is registered twice")
    _erasers[name] = Eraser(name=name, erase=erase, files=files, words=words or {})


def exporters() -> dict[str, Export]:
    """By name, in order of registration."""
    return dict(_exporters)


def erasers() -> list[Eraser]:
    """Last registered first: rooms that build on others go before them."""
    return list(reversed(_erasers.values()))


def words_for_counts() -> dict[str, _StrPromise | str]:
    """What every count of a receipt is, in the reader's language."""
    words: dict[str, _StrPromise | str] = {FILES: _("Files")}
    for eraser in erasers():
        words.update(eraser.words)
    return words
