"""The accounts of a first start: a demo user on one machine, and an administrator."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

DEMO_PROFILES = frozenset({"embedded", "development", "test"})


@dataclass(frozen=True, kw_only=True)
class DemoSignIn:
    """The demo user's name and password."""

    username: str
    password: str


class FirstAccounts:
    """Makes them once, and knows what to print at the end of the start.

    The demo sign-in is kept in `var/demo/sign-in.json` (0600), because the samples use it again.
    The administrator's password is kept nowhere: it is printed in the start that made it.
    """

    def __init__(self, var: Path) -> None:
        self._var = var
        self._administrator: tuple[str, str] | None = None

    def ensure(self) -> None:
        """Create what is missing; the services return credentials only when they created."""
        from accounts.bootstrap import (
            ensure_administrator,
            ensure_bootstrap_token,
            ensure_demo_account,
        )

        if settings.PROFILE in DEMO_PROFILES:
            demo = ensure_demo_account()
            if demo is not None:
                _save(self._var, DemoSignIn(username=demo.username, password=demo.password))
        administrator = ensure_administrator()
        if administrator is not None:
            self._administrator = (administrator.username, administrator.password)
        ensure_bootstrap_token()

    def lines(self) -> list[str]:
        """What the terminal shows."""
        lines = []
        demo = read_demo_sign_in(self._var) if settings.PROFILE in DEMO_PROFILES else None
        if demo is not None:
            lines.append(f"Demo account: {demo.username} / {demo.password}")
        if self._administrator is not None:
            name, password = self._administrator
            lines.append(f"Administrator: {name} / {password}  (shown once; write it down)")
        return lines


def read_demo_sign_in(var: Path) -> DemoSignIn | None:
    """The saved sign-in of the demo account, or None before the first start."""
    try:
        return DemoSignIn(**json.loads(_path(var).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def _save(var: Path, sign_in: DemoSignIn) -> None:
    path = _path(var)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"username": sign_in.username, "password": sign_in.password}, file)


def _path(var: Path) -> Path:
    return var / "demo" / "sign-in.json"
