"""What every page template may use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from project.web.palette import palette_entries
from project.web.queue_counts import queue_counts
from project.web.registry import pages
from project.web.shell_words import shell_words
from project.web.theme import theme_of

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# A phone's bar holds this many; the rest moves to the account menu.
BAR_ENTRIES = 5


@dataclass(frozen=True, kw_only=True)
class NavEntry:
    """One link of the rail; the first BAR_ENTRIES are also in a phone's bar."""

    url_name: str
    label: _StrPromise | str
    icon: str
    service: str = ""
    summary: _StrPromise | str = ""
    action: _StrPromise | str = ""
    is_current: bool = False
    in_bar: bool = True

    @property
    def url(self) -> str:
        """Where it leads."""
        return reverse(self.url_name)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Pages of the rail, `theme`, `queue`, words for scripts, `version`, `registration_open`."""
    entries = _entries(request)
    names = {page.url_name for page in pages()}
    return {
        "nav_pages": entries,
        "service_pages": [entry for entry in entries if entry.url_name in names],
        "theme": theme_of(request),
        # Callables: only a page that says them pays for them.
        "shell_words": shell_words,
        "queue": lambda: queue_counts(request.user),
        "palette_entries": lambda: palette_entries(entries),
        "version": settings.VERSION,
        "registration_open": settings.REGISTRATION_OPEN,
    }


def _entries(request: HttpRequest) -> list[NavEntry]:
    """Home, the services, History, and for operators their page."""
    match = request.resolver_match
    here = match.view_name if match else ""
    found = [
        NavEntry(url_name="web:home", label=_("Home"), icon="house"),
        *(
            NavEntry(
                url_name=page.url_name,
                label=page.label,
                icon=page.icon,
                service=page.service,
                summary=page.summary,
                action=page.action,
            )
            for page in pages()
        ),
        NavEntry(url_name="web:history", label=_("History"), icon="history"),
    ]
    if getattr(getattr(request, "user", None), "is_operator", False):
        found.append(NavEntry(url_name="operator:page", label=_("Operator"), icon="gauge"))
    return [
        replace(entry, is_current=_is_current(entry.url_name, here), in_bar=place < BAR_ENTRIES)
        for place, entry in enumerate(found)
    ]


def _is_current(url_name: str, here: str) -> bool:
    """On the page itself; a service stays current on all pages of its namespace."""
    namespace, _separator, _name = url_name.rpartition(":")
    return here == url_name or (namespace not in {"", "web"} and here.startswith(f"{namespace}:"))
