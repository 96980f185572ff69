"""`make pictures`: the pictures of the documentation, taken from a running Omnilens.

Real photos that scikit-image ships (public domain or CC0), real networks, real Chromium.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from skimage import data

from tests.e2e import work
from tests.e2e.conftest import LOCALES, Look, sign_in
from tests.e2e.stack import ROOT, LiveStack, Person, chromium, live_stack

FOLDER = ROOT / "docs" / "pictures"
PHOTOS = {
    "cat.jpg": data.chelsea,
    "coffee.jpg": data.coffee,
    "rocket.jpg": data.rocket,
    "deep-field.jpg": data.hubble_deep_field,
    "coins.png": data.coins,
}
FAVOURITES = ("cat.jpg", "deep-field.jpg")
WEBP_QUALITY = 80
PHONE = Look(language="zh-hans", theme="dark", width=390)


def encoded(name: str) -> bytes:
    """The photo at most 400 pixels wide, as the kind of file its name says."""
    picture = Image.fromarray(PHOTOS[name]())
    picture.thumbnail((400, 400))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG" if name.endswith(".jpg") else "PNG")
    return buffer.getvalue()


def submit(page: Page, name: str, content: bytes, **options: str) -> str:
    """The task of a new enlargement."""
    answer = page.request.post(
        "/api/v1/enhance",
        headers={**work.csrf(page), "Referer": page.url},
        multipart={
            "file": {"name": name, "mimeType": "application/octet-stream", "buffer": content},
            "cache": "false",
            **options,
        },
    )
    assert answer.status == 202, answer.text()
    return str(answer.json()["task_id"])


def fill(page: Page) -> list[str]:
    """Finished enlargements of the demo user, two of them starred."""
    page.goto("/enhance/")
    tasks = [submit(page, name, encoded(name), quality_level="fast") for name in PHOTOS]
    for name, task in zip(PHOTOS, tasks, strict=True):
        work.wait_for(page, task, lambda job: job["state"] == "succeeded", name)
        if name in FAVOURITES:
            headers = {**work.csrf(page), "Referer": page.url}
            assert page.request.put(f"/api/v1/jobs/{task}/favourite/", headers=headers).ok
    return tasks


def keep(page: Page, name: str) -> None:
    """The window as it is now, as a small WEBP."""
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(700)
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").save(FOLDER / f"{name}.webp", quality=WEBP_QUALITY, method=6)


def take_all(stack: LiveStack) -> None:
    """All pictures, one after the other."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )

        def enter(person: Person | None, look: Look, height: int = 900) -> Page:
            return browser.new_context(
                base_url=stack.url,
                locale=LOCALES[look.language],
                color_scheme=look.theme,
                viewport={"width": look.width, "height": height},
                device_scale_factor=2 if look.width < 600 else 1,
                has_touch=look.width < 600,
                reduced_motion="reduce",
                storage_state=sign_in(browser, stack, person) if person else None,
            ).new_page()

        light, dark = Look(), Look(theme="dark")
        page = enter(stack.demo, light)
        fill(page)
        page.goto("/")
        keep(page, "home")
        page.goto("/history/")
        keep(page, "history")
        page.goto("/accounts/")
        keep(page, "account")
        boss = enter(stack.administrator, light, 1280)
        running(page, boss)
        finished(page)
        film(page)
        stranger = enter(None, light)
        stranger.goto("/accounts/sign-in/")
        keep(stranger, "sign-in")
        boss = enter(stack.administrator, light)
        boss.goto("/styleguide/")
        keep(boss, "styleguide")
        phone = enter(stack.demo, PHONE, 844)
        phone.goto("/enhance/")
        phone.locator("[data-results] a").first.click()
        phone.locator("image-canvas").wait_for()
        keep(phone, "phone")
        night = enter(stack.demo, dark)
        night.goto("/enhance/")
        keep(night, "enhance-dark")
        browser.close()


def running(page: Page, operator: Page) -> None:
    """Two thirds of the tiles of a large-network job, the open queue beside it, and what an
    operator sees of it."""
    page.goto("/enhance/")
    crop = Image.fromarray(data.astronaut()).crop((110, 0, 350, 180))
    buffer = io.BytesIO()
    crop.save(buffer, "PNG")
    task = submit(page, "portrait.png", buffer.getvalue(), quality_level="high", tile_size="64")
    page.goto(f"/enhance/{task}/")
    work.wait_for(page, task, lambda job: job["progress"] >= 0.55, "two thirds")
    page.locator(".tile-reveal-after:not([hidden])").wait_for()
    keep(page, "enhance-running")
    page.locator("queue-pill button").click()
    keep(page, "queue")
    page.keyboard.press("Escape")
    operator.goto("/operator/")
    operator.locator("[data-live-state]:not(:empty)").wait_for()
    keep(operator, "operator")
    work.wait_for(page, task, lambda job: job["state"] == "succeeded", "the portrait")


def finished(page: Page) -> None:
    """The newest result on the canvas."""
    page.goto("/enhance/")
    page.locator("[data-results] a:not([tabindex])").first.click()
    page.locator("image-canvas").wait_for()
    keep(page, "enhance-finished")


def film(page: Page) -> None:
    """The composite film of the samples, which shows nobody, with its findings and report."""
    page.goto("/xray/")
    page.locator("[data-worklist] .worklist-title a").first.click()
    page.locator("xray-viewer[data-ready] [data-layer=heat]").wait_for()
    keep(page, "xray")


def main() -> None:
    """Start a stack of its own, take the pictures, stop it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="omni-pictures-") as folder,
        live_stack(Path(folder)) as stack,
    ):
        take_all(stack)
    for path in sorted(FOLDER.glob("*.webp")):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
