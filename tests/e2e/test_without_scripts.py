"""Every form works in a browser that runs no script."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect

from tests.e2e.conftest import Look
from tests.e2e.photos import photo, upload

SECONDS_FOR_A_PHOTO = 240.0


def test_photos_are_enlarged_without_javascript(browser, stack):
    context = browser.new_context(base_url=stack.url, locale="en-GB", java_script_enabled=False)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/accounts/sign-in/")
    page.locator("input[name=username]").fill(stack.demo.username)
    page.locator("input[name=password]").fill(stack.demo.password)
    page.locator("main form button:not([type=button])").first.click()
    page.wait_for_url(f"{stack.url}/")
    page.goto("/enhance/")
    page.locator("#file").set_input_files(
        [
            upload("plain.png", photo(40), "image/png"),
            upload("bad.png", b"no picture", "image/png"),
        ]
    )
    page.locator("[data-go]").click()
    expect(page.locator("main")).to_contain_text("bad.png")
    page.goto("/enhance/")
    expect(page.locator("main")).to_contain_text("plain.png")
    page.get_by_role("link", name="plain.png").first.click()
    page.wait_for_url(re.compile(r"/enhance/[0-9a-f-]{36}/$"))
    download = page.get_by_role("link", name=re.compile("Download")).first
    give_up = time.monotonic() + SECONDS_FOR_A_PHOTO
    while not download.is_visible():
        assert time.monotonic() < give_up, "the photo is not enlarged"
        page.wait_for_timeout(500)
        page.reload()
    pictures = page.locator("main figure img")
    expect(pictures).to_have_count(2)
    page.goto("/history/?state=succeeded")
    expect(page.get_by_role("link", name="plain.png").first).to_be_visible()
    context.close()


def test_a_stranger_changes_language_without_javascript(browser, stack):
    look = Look()
    context = browser.new_context(
        base_url=stack.url, locale="en-GB", color_scheme=look.theme, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/")
    page.get_by_role("button", name="Language").click()
    page.locator("#language-zh-hans").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    context.close()
