"""A newcomer's whole way, from the first page to the receipt of the erased account."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.accessibility import findings
from tests.e2e.conftest import keep_picture
from tests.e2e.photos import photo, upload

PASSWORD = "correct horse battery staple"


def test_a_newcomer_registers_works_and_erases_everything(enter, stack):
    visitor = enter()
    page = visitor.page()
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Create an account").click()
    page.wait_for_url("**/accounts/register/**")
    page.locator("input[name=username]").fill("newcomer")
    page.locator("input[name=email]").fill("newcomer@example.org")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    expect(page).to_have_url(f"{stack.url}/")
    expect(page.get_by_text("Example, made by Omnilens")).to_be_visible()

    page.goto("/enhance/")
    page.locator("#file").set_input_files(
        [
            upload("cat.png", photo(48), "image/png"),
            upload("broken.png", b"this is no picture", "image/png"),
            upload("cat.jpg", photo(64, "JPEG"), "image/jpeg"),
        ]
    )
    drafts = page.locator("[data-drafts] > li")
    expect(drafts).to_have_count(3)
    page.locator("[data-go]").click()
    refused = drafts.filter(has_text="broken.png")
    expect(refused.locator("[data-part=reason]")).not_to_be_empty()
    expect(refused.locator("[data-part=code]")).to_contain_text("unsupported_format")
    visitor.expect_refusal(415)
    assert findings(page) == []
    expect(drafts).to_have_count(1)
    opened = page.locator("[data-opened] image-canvas")
    expect(opened).to_be_visible(timeout=120_000)
    expect(page.locator("[data-results] > li")).to_have_count(2, timeout=120_000)
    keep_picture(page, "newcomer-first-result")
    assert findings(page) == []

    page.goto("/history/")
    expect(page.get_by_role("link", name=re.compile(r"cat\.(png|jpg)")).first).to_be_visible()
    page.goto("/accounts/")
    erase = page.locator("#erase")
    for field in erase.locator("input[type=password]").all():
        field.fill(PASSWORD)
    erase.get_by_role("button", name="Erase everything").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account was erased")
    keep_picture(page, "newcomer-receipt")
    assert findings(page) == []
    page.goto("/history/")
    expect(page).to_have_url(re.compile("/accounts/sign-in/"))
