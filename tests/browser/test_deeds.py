"""Each deed is seen in its own tab, in another one and in another browser, and after restarts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Fake, Watched, run_server
from tests.browser.deeds import DEEDS
from tests.browser.steps import answer, ask_and_wait, composer

pytestmark = pytest.mark.asyncio(loop_scope="session")

DEEDS_SECONDS = 240  # for a part of them
PARTS = 3  # that run side by side
LOADED = "globalThis.loadedOnce"


async def _opened(context: BrowserContext, address: str) -> Page:
    """The page elsewhere, with a mark that a reload would remove."""
    other = await context.new_page()
    await other.goto(address)
    await other.evaluate(f"{LOADED} = true")
    return other


async def _do_and_see(name: str, title: str, page: Page, others: list[Page], fake: Fake) -> str:
    """In a chat of its own, which is in view elsewhere, too. Gives its address."""
    deed = DEEDS[name]
    await fake.order(mode="echo")
    await page.keyboard.press("Control+Shift+KeyO")
    await ask_and_wait(page, title)
    place = page.url
    for other in others:
        await other.goto(place)
        await expect(answer(other)).to_have_text(title)
    await deed.act(page, fake, title)
    await deed.see(page, title)
    for other in others:
        await deed.see(other, title)
        assert await other.evaluate(LOADED) is True
    await page.reload()
    await deed.see(page, title)
    return place


@pytest.mark.timeout(DEEDS_SECONDS)
@pytest.mark.parametrize("part", range(PARTS))
async def test_deeds_are_seen_at_once_everywhere_and_outlast_a_kill_and_a_restart_in_order(
    context: BrowserContext,
    browser: Browser,
    fake: Fake,
    watched: Watched,
    tmp_path: Path,
    *,
    part: int,
) -> None:
    titles = {name: f"number {number:02}" for number, name in enumerate(DEEDS)}
    names = list(DEEDS)[part::PARTS]
    elsewhere = await browser.new_context(viewport={"width": 1280, "height": 860})
    elsewhere.on("page", watched.attach)
    page = await context.new_page()
    async with run_server(tmp_path, provider=fake.url) as server:
        port = server.port
        await page.goto(server.url)
        others = [await _opened(one, server.url) for one in (context, elsewhere)]
        places = {name: await _do_and_see(name, titles[name], page, others, fake) for name in names}
        await page.goto(places[names[0]])
        await expect(answer(page)).to_be_visible()
        await composer(page).fill("half a thou")
        assert watched.console == []
        assert watched.foreign(server.url) == []
        assert watched.dialogs == []
        await server.kill()
    await elsewhere.close()
    for _ in range(2):  # the first one ends in order
        async with run_server(tmp_path, provider=fake.url, port=port):
            await page.reload()  # nothing of before is left in it
            await expect(composer(page)).to_have_value("half a thou")
            for name in names:
                await page.goto(places[name])
                await DEEDS[name].see(page, titles[name])
            await page.goto(places[names[0]])


async def test_a_temporary_chat_is_seen_nowhere_else(
    page: Page, browser: Browser, fake: Fake
) -> None:
    elsewhere = await browser.new_context()
    other = await elsewhere.new_page()
    await other.goto(page.url)
    await page.get_by_role("button", name="Temporary chat").click()
    await ask_and_wait(page, "a secret")
    await page.get_by_role("button", name="New chat").click()
    await ask_and_wait(page, "no secret")
    for each in (page, other):
        await expect(each.locator(".chat-item .chat-title")).to_have_text(["no secret"])
    await elsewhere.close()
