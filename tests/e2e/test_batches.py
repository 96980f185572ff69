"""Several photos at once, one of them bad, as a person sees it."""

from __future__ import annotations

import io
import zipfile

from playwright.sync_api import expect

from tests.e2e.accessibility import findings
from tests.e2e.conftest import PHONE, WIDE, keep_picture
from tests.e2e.photos import photo, upload


def test_a_batch_opens_its_first_result_names_the_bad_photo_and_becomes_a_zip(enter, stack):
    visitor = enter(stack.demo)
    page = visitor.page()
    page.goto("/enhance/")
    page.locator("#file").set_input_files(
        [
            upload("cat-one.png", photo(48), "image/png"),
            upload("broken.png", b"this is no picture", "image/png"),
            upload("cat-two.jpg", photo(72, "JPEG"), "image/jpeg"),
        ]
    )
    expect(page.locator("[data-drafts] > li")).to_have_count(3)
    page.locator("[data-go]").click()
    batch = page.locator("enhance-batch").first
    expect(batch).to_contain_text("Batch of 3 photos")
    expect(page.locator("[data-opened] image-canvas")).to_be_visible(timeout=180_000)
    expect(batch).to_contain_text("2 of 3 finished", timeout=180_000)
    expect(batch).to_contain_text("Finished in part")
    expect(batch.locator(".batch-refusal")).to_contain_text("broken.png")
    visitor.expect_refusal(415)
    assert findings(page) == []
    keep_picture(page, f"batch-list-{WIDE.name}")

    batch.get_by_role("link", name="Batch of 3 photos").click()
    expect(page.locator(".batch-table tbody tr")).to_have_count(3)
    expect(page.locator(".batch-table")).to_contain_text("unsupported_format")
    with page.expect_download() as event:
        page.get_by_role("link", name="Download ZIP").click()
    content = event.value.path().read_bytes()
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert names == ["cat-one-x4.png", "cat-two-x4.jpg", "manifest.json"]
    assert findings(page) == []
    keep_picture(page, f"batch-{WIDE.name}")

    phone = enter(stack.demo, PHONE).page()
    phone.goto(page.url)
    assert findings(phone) == []
    keep_picture(phone, f"batch-{PHONE.name}")
    phone.goto("/enhance/")
    assert findings(phone) == []
    keep_picture(phone, f"batch-list-{PHONE.name}")
