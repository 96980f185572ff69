"""Browsers and systems in words, from the text that browsers send about themselves.

Only what people recognise: the name of the browser and of the system. Versions are left out;
browsers have frozen or rounded them for years.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# The order matters: most browsers also claim to be the ones below them.
_BROWSERS = (
    (("Edg/", "EdgA/", "EdgiOS/", "Edge/"), "Edge"),
    (("OPR/", "OPiOS/", "OPT/"), "Opera"),
    (("SamsungBrowser/",), "Samsung Internet"),
    (("Vivaldi/",), "Vivaldi"),
    (("YaBrowser/",), "Yandex"),
    (("MicroMessenger/",), gettext_noop("WeChat")),
    (("QQBrowser/",), gettext_noop("QQ Browser")),
    (("UCBrowser/",), gettext_noop("UC Browser")),
    (("HuaweiBrowser/",), gettext_noop("Huawei Browser")),
    (("MiuiBrowser/",), gettext_noop("Mi Browser")),
    (("DuckDuckGo/", "Ddg/"), "DuckDuckGo"),
    (("Firefox/", "FxiOS/"), "Firefox"),
    (("HeadlessChrome/", "Chromium/"), "Chromium"),
    (("CriOS/", "Chrome/"), "Chrome"),
    (("Version/",), "Safari"),  # with "Safari/": see below
)
_SYSTEMS = (
    (("HarmonyOS", "OpenHarmony"), "HarmonyOS"),
    (("Android",), "Android"),
    (("iPad",), "iPadOS"),
    (("iPhone", "iPod"), "iOS"),
    (("CrOS",), "ChromeOS"),
    (("Windows",), "Windows"),
    (("Macintosh", "Mac OS X"), "macOS"),
    (("Linux", "X11"), "Linux"),
)
_PHONES = frozenset({"Android", "iOS", "iPadOS", "HarmonyOS"})


@dataclass(frozen=True, kw_only=True)
class BrowserName:
    """What is known; an empty string where it is not."""

    browser: str
    system: str

    @property
    def is_handheld(self) -> bool:
        """Whether it is a phone or a tablet, as far as the system tells."""
        return self.system in _PHONES

    def __str__(self) -> str:
        """ "Firefox on Linux", in the reader's language."""
        if not self.browser and not self.system:
            return _("Unknown browser")
        browser = _(self.browser) if self.browser else _("Unknown browser")
        if not self.system:
            return browser
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": self.system}


def name_browser(user_agent: str) -> BrowserName:
    """The browser behind a User-Agent header, which may be empty, cut off or made up."""
    browser = _first(_BROWSERS, user_agent)
    if browser == "Safari" and "Safari/" not in user_agent:
        browser = ""
    return BrowserName(browser=browser, system=_first(_SYSTEMS, user_agent))


def _first(known: tuple[tuple[tuple[str, ...], str], ...], text: str) -> str:
    return next((name for marks, name in known if any(mark in text for mark in marks)), "")
