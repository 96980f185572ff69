"""What the rooms themselves have to say when the doctor looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.utils.module_loading import import_string

from project.doctor.findings import Finding

RoomLook = Callable[[], Iterator[Finding]]
_rooms: list[str] = []


def register(dotted: str) -> None:
    """Add `package.module.function`, which yields findings; it is imported when it is asked."""
    _rooms.append(dotted)


def examine() -> Iterator[Finding]:
    """The findings of every room, in the order in which they registered."""
    for dotted in _rooms:
        look: RoomLook = import_string(dotted)
        yield from look()
