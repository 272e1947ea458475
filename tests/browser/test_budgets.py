"""What the page may cost before it can be used, and how still it stands."""

from __future__ import annotations

import re

import pytest
from aiohttp import ClientSession
from playwright.async_api import Page, expect

from tests.browser.conftest import Fake, Server
from tests.browser.states import STATES
from tests.browser.steps import answer, last_message

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOST_KILOBYTES = 250
MOST_BLOCKING = 3
LEAST_STILL = 0.02
SHIFTS = """() => {
  window.shifted = 0
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shifted += value
  }).observe({ type: "layout-shift", buffered: true })
}"""


async def test_the_first_load_is_small(page: Page, server: Server) -> None:
    await page.wait_for_load_state("networkidle")  # a server that was just started is asked again
    counters = await page.context.new_cdp_session(page)
    sizes: list[float] = []
    counters.on("Network.dataReceived", lambda told: sizes.append(told["encodedDataLength"]))
    await counters.send("Network.enable")
    await counters.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await page.reload(wait_until="networkidle")
    await expect(page.locator(".model-name")).to_have_text("echo")
    assert len(sizes) > 20
    assert sum(sizes) <= MOST_KILOBYTES * 1000


async def test_little_is_needed_before_the_first_paint(server: Server) -> None:
    async with ClientSession() as session, session.get(server.url) as response:
        head = (await response.text()).split("</head>")[0]
    blocking = re.findall(r'<link rel="stylesheet"|<script src="[^"]*">', head)
    assert 1 <= len(blocking) <= MOST_BLOCKING


@pytest.mark.parametrize("width", [1280, 390])
async def test_nothing_jumps_from_the_first_paint_to_the_end_of_an_answer(
    page: Page, fake: Fake, width: int
) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await page.reload()
    await page.evaluate(SHIFTS)
    await expect(page.locator(".model-name")).to_have_text("echo")
    await STATES["streaming"](page, fake)
    await fake.order(release=1)
    await expect(answer(page)).to_have_text("piece 0 piece 1")
    await fake.order(release=0)
    await expect(last_message(page).locator("footer")).not_to_be_empty()
    assert await page.evaluate("() => shifted") < LEAST_STILL
