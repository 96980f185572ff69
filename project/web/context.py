"""What every page template may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from project.web.registry import pages

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, kw_only=True)
class NavEntry:
    """One link of the main menu."""

    url_name: str
    label: _StrPromise | str
    is_current: bool


def shell(request: HttpRequest) -> dict[str, Any]:
    """`nav_pages`, `service_pages`, `version`, `registration_open`."""
    match = request.resolver_match
    here = match.view_name if match else ""
    services = [_entry(page.url_name, page.label, here) for page in pages()]
    return {
        "nav_pages": [
            _entry("web:home", _("Home"), here),
            *services,
            _entry("web:history", _("History"), here),
        ],
        "service_pages": services,
        "version": settings.VERSION,
        "registration_open": settings.REGISTRATION_OPEN,
    }


def _entry(url_name: str, label: _StrPromise | str, here: str) -> NavEntry:
    """Current on the page itself; a service stays current on all pages of its namespace."""
    namespace, _separator, _name = url_name.rpartition(":")
    same = here == url_name or (namespace not in {"", "web"} and here.startswith(f"{namespace}:"))
    return NavEntry(url_name=url_name, label=label, is_current=same)
