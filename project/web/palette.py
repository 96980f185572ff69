"""What the command palette offers besides the jobs that its script looks up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from django.urls import reverse
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

    Pressing the page's own buttons keeps one form and one CSRF token for each act.
    """
    jump, act, language, theme = _("Go to"), _("Do"), _("Language"), _("Theme")
    known = list(pages)
    return [
        *(_link(jump, str(page.label), page.icon, page.url) for page in known),
        _link(jump, _("Your account"), "user-round", reverse("accounts:account")),
        _link(jump, _("API documentation"), "code-xml", reverse("docs")),
        *(_link(act, str(page.action), "plus", page.url) for page in known if page.action),
        _button(act, _("Show the keyboard shortcuts"), "keyboard", "open-shortcuts"),
        _button(act, _("Sign out"), "log-out", "sign-out"),
        _button(theme, _("As the system"), "monitor", "theme-system"),
        _button(theme, _("Light"), "sun", "theme-light"),
        _button(theme, _("Dark"), "moon", "theme-dark"),
        # Each language by its own name, so that nobody is lost in the other one.
        _button(language, "English", "languages", "language-en"),
        _button(language, "简体中文", "languages", "language-zh-hans"),
    ]


def _link(group: str, label: str, icon: str, url: str) -> dict[str, str]:
    return {"group": group, "label": label, "icon": icon, "url": url}


def _button(group: str, label: str, icon: str, press: str) -> dict[str, str]:
    return {"group": group, "label": label, "icon": icon, "press": press}
