"""Which URL modules the API is made of. Rooms register in `ready()`; the API imports none."""

from __future__ import annotations

_modules: list[str] = []
_originals: list[str] = []


def register(urlconf: str) -> None:
    """Add a URL module under `/api/v1/`; registering it twice has no effect."""
    if urlconf not in _modules:
        _modules.append(urlconf)


def registered() -> tuple[str, ...]:
    """The modules in the order of registration."""
    return tuple(_modules)


def register_original(urlconf: str) -> None:
    """Add a URL module at the top level: paths that an original service had there.

    Registering it twice has no effect.
    """
    if urlconf not in _originals:
        _originals.append(urlconf)


def originals() -> tuple[str, ...]:
    """The modules at the top level in the order of registration."""
    return tuple(_originals)
