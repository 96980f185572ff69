"""Who still needs a picture or a file. Rooms above register; this room imports none of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from project.images.models import ImageRecord

ImageCheck = Callable[["ImageRecord"], bool]
FileCheck = Callable[[Collection[str]], set[str]]

_image_checks: list[ImageCheck] = []
_file_checks: list[FileCheck] = []


def register_image_check(check: ImageCheck) -> None:
    """`check(record)` says whether something unfinished needs the picture; called in `ready()`."""
    if check not in _image_checks:
        _image_checks.append(check)


def register_file_check(check: FileCheck) -> None:
    """`check(keys)` returns those of the storage keys that still belong to somebody."""
    if check not in _file_checks:
        _file_checks.append(check)


def is_in_use(record: ImageRecord) -> bool:
    """Whether any room needs the picture now."""
    return any(check(record) for check in _image_checks)


def files_in_use(keys: Collection[str]) -> set[str]:
    """Those of `keys` that some room owns."""
    owned: set[str] = set()
    for check in _file_checks:
        owned |= check(keys)
    return owned
