"""Twenty tabs and eight answers: a browser has six connections to a server, and none may hang."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Fake, Server, run_server
from tests.browser.lan import lan
from tests.browser.steps import answer, ask

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = "piece 0 piece 1 piece 2 piece 3 piece 4"
Report = Callable[[str, object], None]
TABS, ANSWERS = 20, 8
TABS_SECONDS = 240  # a busy machine opens so many pages slowly
MOST_STREAMS = 4  # three of answers, one of changes


async def _few_streams(page: Page, server: Server) -> None:
    """Wait until the server has no more readers than that: it hears late of one that has gone."""
    count = MOST_STREAMS + 1
    while count > MOST_STREAMS:
        text = await (await page.request.get(f"{server.url}metrics")).text()
        (line,) = [one for one in text.splitlines() if one.startswith("llmchat_open_streams ")]
        count = int(float(line.split()[1]))


async def _twenty(
    context: BrowserContext, address: str, fake: Fake
) -> tuple[list[Page], dict[str, float]]:
    """The tabs, eight of which have an answer; and the slowest of what each did.

    One that hangs never comes.
    """
    await fake.order(mode="gate")
    tabs: list[Page] = []
    slowest = {"page": 0.0, "question": 0.0}
    for number in range(TABS):
        page = await context.new_page()
        begun = time.monotonic()
        await page.goto(address)
        await expect(page.locator(".model-name")).to_have_text("echo")
        slowest["page"] = max(slowest["page"], time.monotonic() - begun)
        if number < ANSWERS:
            begun = time.monotonic()
            async with page.expect_response(lambda one: one.request.method == "POST"):
                await ask(page, f"Count for {number}")
            slowest["question"] = max(slowest["question"], time.monotonic() - begun)
            await expect(answer(page)).to_have_text("piece 0")
        tabs.append(page)
    return tabs, slowest


async def _none_hangs(
    context: BrowserContext, server: Server, address: str, fake: Fake, report: Report
) -> None:
    tabs, slowest = await _twenty(context, address, fake)
    report("slowest", slowest)
    await _few_streams(tabs[-1], server)
    await fake.order(release=1)
    for page in tabs[:ANSWERS]:
        await expect(answer(page)).to_have_text("piece 0 piece 1")
    await tabs[0].close()  # the tab that listens to changes, and one of those with a stream
    await fake.order(release=0)
    for page in tabs[1:ANSWERS]:
        await expect(answer(page)).to_have_text(WHOLE)
    for page in tabs[1:]:
        running = page.get_by_role("img", name="being answered")
        await expect(running).to_have_count(0)
    await _few_streams(tabs[-1], server)


@pytest.mark.timeout(TABS_SECONDS)
async def test_with_eight_answers_running_no_tab_hangs(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path, record_property: Report
) -> None:
    slots = {"LLMCHAT_ENDPOINT_SLOTS": "8"}
    async with run_server(tmp_path, provider=fake.url, settings=slots) as server:
        await _none_hangs(context, server, server.url, fake, record_property)


@pytest.mark.timeout(TABS_SECONDS)
async def test_with_eight_answers_running_no_tab_hangs_on_plain_http(
    browser: Browser, fake: Fake, libraries: Path, tmp_path: Path, record_property: Report
) -> None:
    async with lan(browser, fake, tmp_path, LLMCHAT_ENDPOINT_SLOTS="8") as (context, server, url):
        await _none_hangs(context, server, url, fake, record_property)
