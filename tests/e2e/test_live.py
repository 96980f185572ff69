"""What a page shows while a job runs, with its socket and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e import work
from tests.e2e.accessibility import findings
from tests.e2e.conftest import PHONE, WIDE, keep_picture

# The words of the queue's pill about its channel, in the order in which they were there to read.
KEEP_WHAT_IS_SAID = """globalThis.said = [];
new MutationObserver(() => {
    const words = document.querySelector("queue-pill .pill-feed")?.textContent.trim();
    if (words && words !== said.at(-1)) said.push(words);
}).observe(document, { subtree: true, childList: true, characterData: true });"""


@pytest.fixture
def side():
    """Of the photo at work; it is at work as long as a test needs and cancelled at its end."""
    return work.OUTLASTS_A_TEST


@pytest.fixture
def at_work(enter, stack, side):
    """`(page, task)`: the demo user's page of a job that runs; the job is ended afterwards."""
    visitor = enter(stack.demo)
    page = visitor.page()
    page.goto(work.LIGHT_PAGE)
    task = work.submit_slow(page, side=side)
    yield page, task
    visitor.expect_broken_network()
    if work.job(page, task)["state"] not in work.ENDED:
        work.cancel(page, task)
        work.wait_for(page, task, lambda job: job["state"] in work.ENDED, "the job ends")


def test_tiles_appear_over_the_original_and_a_reload_shows_the_truth_again(at_work, enter, stack):
    page, task = at_work
    page.goto(f"/enhance/{task}/")
    revealed = page.locator(".tile-reveal-after:not([hidden])")
    expect(revealed).to_be_visible(timeout=180_000)
    before = work.wait_for(page, task, lambda job: job["done"] >= 3, "three tiles")["progress"]
    page.reload()
    expect(revealed).to_be_visible()
    shown = float(page.locator("[data-part=bar]").get_attribute("value") or 0)
    assert shown >= 100 * before - 1
    assert findings(page) == []
    keep_picture(page, f"enhance-running-{WIDE.name}")
    phone = enter(stack.demo, PHONE).page()
    phone.goto(f"/enhance/{task}/")
    expect(phone.locator(".tile-reveal-after:not([hidden])")).to_be_visible()
    keep_picture(phone, f"enhance-running-{PHONE.name}")
    assert findings(phone) == []


@pytest.mark.parametrize("side", [96])
def test_the_page_of_a_job_that_ends_becomes_the_page_of_its_result(at_work):
    page, task = at_work
    page.goto(f"/enhance/{task}/")
    expect(page.locator("image-canvas")).to_be_visible(timeout=240_000)
    assert work.job(page, task)["state"] == "succeeded"


def test_the_tray_follows_a_job_and_cancels_it(at_work):
    page, task = at_work
    page.goto("/history/")
    pill = page.locator("queue-pill button")
    expect(pill).to_contain_text("1 running", timeout=60_000)
    pill.click()
    row = page.locator(f"queue-tray [data-job='{task}']")
    expect(row).to_contain_text("slow.png")
    assert findings(page) == []
    keep_picture(page, f"tray-{WIDE.name}")
    row.get_by_role("button").click()
    expect(row).to_have_attribute("data-state", "cancelled", timeout=60_000)
    assert work.job(page, task)["state"] == "cancelled"
    page.keyboard.press("Escape")
    expect(pill).to_be_focused()


def test_without_a_socket_the_tray_says_so_and_the_truth_returns(at_work):
    page, task = at_work
    ways = {"socket": False, "stream": True}
    page.route_web_socket("**/ws/**", lambda socket: _socket(socket, ways))
    page.route(
        "**/api/v1/jobs/stream/",
        lambda route: route.continue_() if ways["stream"] else route.abort("connectionfailed"),
    )
    page.add_init_script(KEEP_WHAT_IS_SAID)
    page.goto("/history/")
    pill = page.locator("queue-pill")
    expect(pill).to_contain_text("Live over a slower channel", timeout=90_000)
    # Said for a second or two only, which a slow machine takes to load the page.
    assert page.evaluate("said")[0] == "Reconnecting"
    _moves(page, task)
    keep_picture(page, "tray-without-socket")
    ways["stream"] = False
    page.reload()
    expect(pill).to_contain_text("Checking every 2 seconds", timeout=60_000)
    _moves(page, task)
    ways["socket"] = True
    expect(pill).to_have_attribute("data-feed", "live", timeout=60_000)
    pill.get_by_role("button").click()
    row = page.locator(f"queue-tray [data-job='{task}']")
    expect(row).to_have_attribute("data-state", work.job(page, task)["state"])


def _socket(socket, ways: dict[str, bool]) -> None:
    if ways["socket"]:
        socket.connect_to_server()
    else:
        socket.close(code=1012, reason="cut by the test")


def _moves(page, task: str) -> None:
    """The tray's ring of the job goes on without the socket."""
    page.evaluate(
        """task => { globalThis.heard = []; document.addEventListener('job', ({detail}) =>
           detail.job === task && heard.push(detail.progress)) }""",
        task,
    )
    page.wait_for_function("() => new Set(heard).size >= 2", timeout=120_000)
