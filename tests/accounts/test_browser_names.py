"""People recognise their browsers by name; what we do not know we do not guess."""

from __future__ import annotations

import pytest

from accounts.browser_names import name_browser

MOZILLA = "Mozilla/5.0"
KNOWN = {
    f"{MOZILLA} (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0": "Firefox on Linux",
    f"{MOZILLA} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36": "Chrome on Windows",
    f"{MOZILLA} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0": "Edge on Windows",
    f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15": "Safari on macOS",
    f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 OPR/124.0.0.0": "Opera on macOS",
    f"{MOZILLA} (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1": "Safari on iOS",
    f"{MOZILLA} (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1": "Chrome on iOS",
    f"{MOZILLA} (iPad; CPU OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/145.0 Mobile/15E148 Safari/605.1.15": "Firefox on iPadOS",
    f"{MOZILLA} (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36": "Chrome on Android",
    f"{MOZILLA} (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": "Samsung Internet on Android",
    f"{MOZILLA} (Linux; Android 14; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0 Mobile Safari/537.36 MicroMessenger/8.0.50": "WeChat on Android",
    f"{MOZILLA} (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36": "Chrome on ChromeOS",
    f"{MOZILLA} (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36": "Chromium on Linux",
}  # fmt: skip


@pytest.mark.parametrize(("user_agent", "name"), KNOWN.items(), ids=KNOWN.values())
def test_a_common_browser_is_named(user_agent, name):
    assert str(name_browser(user_agent)) == name


@pytest.mark.parametrize(
    "user_agent", ["", "curl/8.14.1", "python-requests/2.32", "\x00", "Version/1"]
)
def test_what_is_not_known_is_not_guessed(user_agent):
    assert str(name_browser(user_agent)) == "Unknown browser"


def test_a_system_alone_is_still_told():
    assert str(name_browser("Something/1.0 (Windows NT 10.0)")) == "Unknown browser on Windows"


def test_a_text_that_was_cut_off_tells_what_is_left():
    long = f"{MOZILLA} (Windows NT 10.0) " + "x" * 300 + " Firefox/145.0"
    assert str(name_browser(long[:200])) == "Unknown browser on Windows"


def test_phones_and_tablets_are_told_from_desks():
    by_name = {name: name_browser(agent).is_handheld for agent, name in KNOWN.items()}
    assert {name for name, handheld in by_name.items() if handheld} == {
        "Safari on iOS",
        "Chrome on iOS",
        "Firefox on iPadOS",
        "Chrome on Android",
        "Samsung Internet on Android",
        "WeChat on Android",
    }
