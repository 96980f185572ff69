"""Each test has its own empty store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def files(settings, tmp_path: Path) -> Callable[[], set[str]]:
    """All keys that lie in the store now."""
    root = tmp_path / "files"
    default = settings.STORAGES["default"]
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**default, "OPTIONS": {**default["OPTIONS"], "location": str(root)}},
    }
    return lambda: {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}
