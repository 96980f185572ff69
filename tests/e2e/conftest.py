"""One stack, one browser; a page that fails its test when the console is not clean."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.stack import ROOT, LiveStack, Person, chromium, live_stack

PICTURES = ROOT / "var" / "e2e"
# A click that a person would repeat after this long counts as broken.
PATIENCE_MS = 20_000
# Until the last picture and script of a page are there, beside models at work on the same cores.
NAVIGATION_MS = 60_000
# Two cores draw the page, answer it and run the models: what is awaited may take as long.
expect.set_options(timeout=PATIENCE_MS)
LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStack]:
    """The running product; `_OMNILENS_E2E_VAR` names a folder that keeps its data."""
    kept = os.environ.get("_OMNILENS_E2E_VAR")
    with live_stack(Path(kept) if kept else tmp_path_factory.mktemp("e2e")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Real Chromium, without a window."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
        )
        yield launched
        launched.close()


@dataclass(frozen=True, kw_only=True)
class Look:
    """How somebody looks at the product."""

    language: str = "en"
    theme: str = "light"
    width: int = 1440

    @property
    def name(self) -> str:
        """For file names."""
        return f"{self.width}-{self.theme}-{self.language}"


WIDE = Look()
PHONE = Look(language="zh-hans", theme="dark", width=390)


class Visitor:
    """Opens pages for one look and collects what a console must not say."""

    def __init__(self, context: BrowserContext, look: Look) -> None:
        self.context = context
        self.look = look
        self.complaints: list[str] = []
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(NAVIGATION_MS)

    def page(self) -> Page:
        """A new tab whose errors count."""
        page = self.context.new_page()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        return page

    def expect_refusal(self, status: int) -> None:
        """The browser reports each answer of 400 and above; one of `status` was or will be."""
        give_up = time.monotonic() + PATIENCE_MS / 1000
        while not (meant := [text for text in self.complaints if f"status of {status} " in text]):
            assert time.monotonic() < give_up, f"no answer with status {status} was seen"
            self.context.pages[0].wait_for_timeout(50)  # its messages are heard meanwhile
        self.complaints.remove(meant[0])

    def expect_broken_network(self) -> None:
        """The test cut connections itself; the browser reports each."""
        self.complaints[:] = [text for text in self.complaints if "net::ERR_" not in text]

    def _on_console(self, message) -> None:
        if message.type in {"error", "warning"}:
            where = message.location.get("url", "")
            self.complaints.append(f"{message.type}: {message.text} ({where})")


Enter = Callable[..., Visitor]


@pytest.fixture(scope="session")
def keys() -> dict[str, dict]:
    """The signed-in state of each person: signing in once spares the throttle."""
    return {}


@pytest.fixture
def enter(stack: LiveStack, browser: Browser, keys: dict[str, dict]) -> Iterator[Enter]:
    """`enter(person=None, look=WIDE)`: a browser of somebody's own, checked at the end."""
    visitors: list[Visitor] = []

    def open_context(person: Person | None = None, look: Look = WIDE) -> Visitor:
        if person is not None and person.username not in keys:
            keys[person.username] = sign_in(browser, stack, person)
        context = browser.new_context(
            base_url=stack.url,
            locale=LOCALES[look.language],
            color_scheme=look.theme,
            viewport={"width": look.width, "height": 900 if look.width > 600 else 844},
            has_touch=look.width < 600,
            storage_state=keys[person.username] if person else None,
            reduced_motion="reduce",
        )
        visitors.append(Visitor(context, look))
        return visitors[-1]

    yield open_context
    for visitor in visitors:
        visitor.context.close()
    assert [text for visitor in visitors for text in visitor.complaints] == []


def sign_in(browser: Browser, stack: LiveStack, person: Person) -> dict:
    """The storage of a browser after one real sign-in."""
    context = browser.new_context(base_url=stack.url, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto("/accounts/sign-in/")
    page.locator("input[name=username]").fill(person.username)
    page.locator("input[name=password]").fill(person.password)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_url(f"{stack.url}/")
    state = context.storage_state()
    context.close()
    return state


def keep_picture(page: Page, name: str) -> None:
    """A full-page picture under `var/e2e/` for people to open."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


@pytest.fixture(scope="session")
def places(stack: LiveStack, browser: Browser, keys: dict[str, dict]) -> dict[str, str]:
    """Paths of the demo user's finished sample."""
    if stack.demo.username not in keys:
        keys[stack.demo.username] = sign_in(browser, stack, stack.demo)
    context = browser.new_context(base_url=stack.url, storage_state=keys[stack.demo.username])
    jobs = context.request.get("/api/v1/jobs/?page_size=20").json()["results"]
    context.close()
    done = (job for job in jobs if job["state"] == "succeeded" and job["kind"] == "enhance.photo")
    job = next(done)
    return {"job": f"/jobs/{job['job']}/", "enhancement": f"/enhance/{job['job']}/"}
