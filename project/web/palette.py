"""What the command palette offers besides the jobs that its script looks up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _


class Destination(Protocol):
    """A page that the rail knows; `action` is what one starts there, if anything."""

    @property
    def url(self) -> str: ...
    @property
    def label(self) -> Any: ...
    @property
    def icon(self) -> str: ...
    @property
    def action(self) -> Any: ...


def palette_entries(pages: Iterable[Destination]) -> list[dict[str, str]]:
    """`{group, label, icon}` and what to do: open `url`, or press the button with the id `press`.

    Pressing the page's own buttons keeps one form and one CSRF token for each act. The entry
    without either stands where the script puts the recent jobs. `also` is the English name, for
    those who type it in another language.
    """
    known = list(pages)
    shown = _entries(known)
    if get_language() != "en":
        with override("en"):
            for entry, twin in zip(shown, _entries(known), strict=True):
                entry["also"] = twin["label"]
    return shown


def _entries(pages: list[Destination]) -> list[dict[str, str]]:
    jump, act, language, theme = _("Go to"), _("Do"), _("Language"), _("Theme")
    return [
        *(_link(jump, str(page.label), url=page.url, icon=page.icon) for page in pages),
        _link(jump, _("Your account"), url=reverse("accounts:account"), icon="user-round"),
        _link(jump, _("API documentation"), url=reverse("docs"), icon="code-xml"),
        {"group": _("Recent jobs"), "label": ""},
        *(_link(act, str(p.action), url=p.url, icon="plus") for p in pages if p.action),
        _button(act, _("Show the keyboard shortcuts"), press="open-shortcuts", icon="keyboard"),
        _button(act, _("Sign out"), press="sign-out", icon="log-out"),
        _button(theme, _("As the system"), press="theme-system", icon="monitor"),
        _button(theme, _("Light"), press="theme-light", icon="sun"),
        _button(theme, _("Dark"), press="theme-dark", icon="moon"),
        # Each language by its own name, so that nobody is lost in the other one.
        _button(language, "English", press="language-en", icon="languages"),
        _button(language, "简体中文", press="language-zh-hans", icon="languages"),
    ]


def _link(group: str, label: str, *, url: str, icon: str) -> dict[str, str]:
    return {"group": group, "label": label, "icon": icon, "url": url}


def _button(group: str, label: str, *, press: str, icon: str) -> dict[str, str]:
    return {"group": group, "label": label, "icon": icon, "press": press}
