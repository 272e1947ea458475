"""Each deed is seen in its own tab, in another one and in another browser, and after restarts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Fake, Watched, run_server
from tests.browser.deeds import DEEDS
from tests.browser.steps import answer, ask_and_wait, composer

pytestmark = pytest.mark.asyncio(loop_scope="session")

RESTART_SECONDS = 300  # of which all deeds take most
LOADED = "globalThis.loadedOnce"


async def _opened(context: BrowserContext, page: Page, title: str) -> Page:
    """The chat in view elsewhere, with a mark that a reload would remove."""
    other = await context.new_page()
    await other.goto(page.url)
    await expect(answer(other)).to_have_text(title)
    await other.evaluate(f"{LOADED} = true")
    return other


@pytest.mark.parametrize("name", DEEDS)
async def test_a_deed_is_seen_at_once_everywhere_and_stays(
    name: str, page: Page, browser: Browser, fake: Fake, watched: Watched
) -> None:
    deed, title = DEEDS[name], "about cats"
    await ask_and_wait(page, title)
    elsewhere = await browser.new_context(viewport={"width": 1280, "height": 860})
    elsewhere.on("page", watched.attach)
    others = [await _opened(one, page, title) for one in (page.context, elsewhere)]
    await deed.act(page, fake, title)
    await deed.see(page, title)
    for other in others:
        await deed.see(other, title)
        assert await other.evaluate(LOADED) is True
    await page.reload()
    await deed.see(page, title)
    await elsewhere.close()


@pytest.mark.timeout(RESTART_SECONDS)
async def test_all_deeds_outlast_a_kill_and_a_restart_in_order(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    page = await context.new_page()
    titles = {name: f"number {number:02}" for number, name in enumerate(DEEDS)}
    places = {}
    async with run_server(tmp_path, provider=fake.url) as server:
        port, home = server.port, server.url
        for name, deed in DEEDS.items():
            await fake.order(mode="echo")
            await page.goto(home)
            await ask_and_wait(page, titles[name])
            places[name] = page.url
            await deed.act(page, fake, titles[name])
            await deed.see(page, titles[name])
        await page.goto(places["ask"])
        await composer(page).fill("half a thou")
        await server.kill()
    for _ in range(2):  # the first one ends in order
        async with run_server(tmp_path, provider=fake.url, port=port):
            for name, deed in DEEDS.items():
                await page.goto(places[name])
                await page.reload()
                await deed.see(page, titles[name])
            await page.goto(places["ask"])
            await expect(composer(page)).to_have_value("half a thou")


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
