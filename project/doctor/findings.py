"""One answer of the doctor."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """`ERROR` must be repaired before the stack can do its work."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`repair` is the command, or the setting, that mends a warning or an error."""

    topic: str
    level: Level
    text: str
    repair: str = ""

    def __post_init__(self) -> None:
        if self.level is not Level.OK and not self.repair:
            raise ValueError(f"the finding about {self.topic} names no repair")

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def ok(topic: str, text: str) -> Finding:
    """All is well."""
    return Finding(topic=topic, level=Level.OK, text=text)


def warning(topic: str, text: str, repair: str) -> Finding:
    """It works, but not well."""
    return Finding(topic=topic, level=Level.WARNING, text=text, repair=repair)


def error(topic: str, text: str, repair: str) -> Finding:
    """It does not work."""
    return Finding(topic=topic, level=Level.ERROR, text=text, repair=repair)
