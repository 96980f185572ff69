"""The operators' page in a real browser: live, and never in the way of who works with it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import work
from tests.e2e.accessibility import findings
from tests.e2e.conftest import keep_picture


@pytest.fixture
def running(enter, stack):
    """The number of a job of the demo user that runs; it is ended afterwards."""
    page = enter(stack.demo).page()
    page.goto(work.LIGHT_PAGE)
    task = work.submit_slow(page, "zanzibar.png", side=work.OUTLASTS_A_TEST)
    work.wait_for(page, task, lambda job: job["state"] == "running", "the job starts")
    yield task
    if work.job(page, task)["state"] not in work.ENDED:
        work.cancel(page, task)
        work.wait_for(page, task, lambda job: job["state"] in work.ENDED, "the job ends")


def refreshed(page: Page) -> None:
    """The live part was read once more and is in the page."""
    with page.expect_response("**/operator/live/"):
        pass
    expect(page.locator("[data-live-state]")).to_have_text("Live")


def test_the_page_is_fresh_without_taking_focus_or_choice(enter, stack, running):
    page = enter(stack.administrator).page()
    page.goto("/operator/")
    expect(page.locator(f"#job-{running}")).to_be_visible()
    assert "zanzibar" not in page.content()
    choice = page.locator(".worker select").first
    last = choice.locator("option").last.inner_text()
    choice.focus()
    choice.select_option(last)
    page.locator("#account-menu").evaluate("menu => menu.showPopover()")
    choice.focus()
    page.locator("#numbers strong").first.evaluate("number => { number.textContent = 'old' }")
    refreshed(page)
    expect(page.locator("#numbers strong").first).not_to_have_text("old")
    expect(choice).to_be_focused()
    assert choice.input_value() == last
    assert page.locator("#account-menu").evaluate("menu => menu.matches(':popover-open')")


def test_a_running_job_is_cancelled_by_keyboard_after_a_question(enter, stack, running):
    page = enter(stack.administrator).page()
    page.goto("/operator/")
    page.locator(f"#job-{running} button").last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Are you sure?")).to_be_visible()
    keep_picture(page, "operator-question")
    assert findings(page) == []
    page.locator("button[name=confirmed]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("asked to stop")
    expect(page.locator(f"#running #job-{running}")).to_have_count(0)


def test_a_pause_keeps_the_page_as_it_is(enter, stack):
    page = enter(stack.administrator).page()
    page.clock.install()
    page.goto("/operator/")
    expect(page.locator("[data-live-state]")).to_have_text("Live")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-live-state]")).to_have_text("Paused")
    number = page.locator("#numbers strong").first
    number.evaluate("number => { number.textContent = 'old' }")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(60_000)  # of the page's own time
    expect(number).to_have_text("old")
    assert [url for url in asked if "/operator/live/" in url] == []
    page.get_by_role("button", name="Pause").click()
    expect(number).not_to_have_text("old")


def test_an_order_is_given_without_javascript(browser, stack, keys, enter):
    enter(stack.administrator)
    context = browser.new_context(
        base_url=stack.url,
        locale="en-GB",
        java_script_enabled=False,
        storage_state=keys[stack.administrator.username],
    )
    page = context.new_page()
    page.goto("/operator/")
    page.get_by_role("button", name="Free the cache").first.click()
    expect(page.locator(".messages")).to_contain_text("The order is given")
    expect(page.locator("#orders tbody tr").first).to_contain_text("Free the cache")
    context.close()
