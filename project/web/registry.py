"""Pages that rooms add to the site. Rooms register in `ready()`; the shell imports none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, kw_only=True)
class Page:
    """One entry of the rail and the URL module behind it (mounted at `/<prefix>/`).

    `icon` is a Lucide name and `service` chooses the accent (`[data-service]` in tokens.css).
    `summary` is the service in one sentence and `action` the verb of its one button, both for
    home, landing and the command palette.
    """

    prefix: str
    urlconf: str
    url_name: str
    label: _StrPromise | str
    order: int = 100
    icon: str = "layout-grid"
    service: str = ""
    summary: _StrPromise | str = ""
    action: _StrPromise | str = ""


_pages: list[Page] = []


def register(page: Page) -> None:
    """Add a page; a prefix is registered once."""
    if any(known.prefix == page.prefix for known in _pages):
        raise ValueError(f"page {page.prefix} is registered twice")
    _pages.append(page)


def pages() -> list[Page]:
    """The pages in menu order."""
    return sorted(_pages, key=lambda page: (page.order, page.prefix))
