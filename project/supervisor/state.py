"""What the running stack tells others: its address and the state of its children.

`/readyz` reads `failed_children`, `manage.py status` and `manage.py demo` read the rest.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from project.supervisor.identity import ProcessIdentity

FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class ChildState:
    """`state` is running, waiting (for its restart), failed (given up), done or stopped."""

    name: str
    pid: int | None
    state: str
    restarts: int


@dataclass(frozen=True, kw_only=True)
class StackState:
    """One supervisor, where it answers, and its children; `log` is the file of a stack in the
    background, else empty."""

    pid: int
    started: float
    url: str
    ready: bool
    children: list[ChildState] = field(default_factory=list)
    log: str = ""


def write(var: Path, state: StackState) -> None:
    """Replace the state file in one step."""
    temporary = var / f".stack.{os.getpid()}"
    temporary.write_text(json.dumps(asdict(state)), encoding="utf-8")
    temporary.replace(_path(var))


def read(var: Path) -> StackState | None:
    """The state of the living stack, or None; a file that a dead supervisor left is ignored."""
    try:
        data = json.loads(_path(var).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    children = [ChildState(**child) for child in data.pop("children")]
    state = StackState(**data, children=children)
    alive = ProcessIdentity(pid=state.pid, started=state.started).is_alive()
    return state if alive else None


def clear(var: Path) -> None:
    """Forget the stack after a clean stop."""
    _path(var).unlink(missing_ok=True)


def failed_children(var: Path) -> list[str]:
    """Names of the children that the running stack gave up on; empty without a stack."""
    state = read(var)
    return [] if state is None else [c.name for c in state.children if c.state == FAILED]


def _path(var: Path) -> Path:
    return var / "stack.json"
