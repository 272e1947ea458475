"""Over plain http on a network there is no clipboard API, no lock and no randomUUID: all works."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Fake, Watched
from tests.browser.lan import lan
from tests.browser.side import open_data
from tests.browser.steps import answer, ask, ask_and_wait, composer, last_message

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = "piece 0 piece 1 piece 2 piece 3 piece 4"


@pytest_asyncio.fixture(loop_scope="session")
async def plain(
    browser: Browser, fake: Fake, libraries: Path, tmp_path: Path, watched: Watched
) -> AsyncIterator[Page]:
    """The page, where it is not secure."""
    async with lan(browser, fake, tmp_path) as (context, _, url):
        context.on("page", watched.attach)
        page = await context.new_page()
        await page.goto(url)
        missing = "[isSecureContext, navigator.clipboard, navigator.locks, crypto.randomUUID]"
        assert await page.evaluate(f"{missing}.every((one) => !one)")
        yield page
        # Chromium says so of every such page.
        assert all("Cross-Origin-Opener-Policy" in one for one in watched.console)
        assert watched.foreign(url) == []


async def _pasted(page: Page) -> str:
    await composer(page).fill("")
    await composer(page).press("Control+v")
    return await composer(page).input_value()


async def test_answers_and_code_are_copied(plain: Page, fake: Fake) -> None:
    text = "Some *text*:\n\n```python\nprint(1)\n```\n"
    await fake.order(mode="markdown", text=text)
    await ask_and_wait(plain, "hello")
    await last_message(plain).hover()
    await last_message(plain).locator("footer").get_by_role("button", name="Copy").click()
    assert (await _pasted(plain)).strip() == text.strip()
    await answer(plain).locator("code-block").get_by_role("button", name="Copy").click()
    assert (await _pasted(plain)).strip() == "print(1)"


async def test_drafts_reloads_and_repeated_sending_are_as_elsewhere(
    plain: Page, fake: Fake
) -> None:
    await composer(plain).fill("half a thou")
    await plain.reload()
    await expect(composer(plain)).to_have_value("half a thou")
    await fake.order(mode="gate")
    await ask(plain, "Count for me")
    await composer(plain).press("Enter")
    await expect(answer(plain)).to_have_text("piece 0")
    await plain.reload()
    await expect(answer(plain)).to_have_text("piece 0")
    await fake.order(release=0)
    await expect(answer(plain)).to_have_text(WHOLE)
    assert (await fake.told())["posts"] == 1


async def test_one_tab_listens_for_all_and_another_takes_over(
    plain: Page, watched: Watched
) -> None:
    await ask_and_wait(plain, "first")
    tabs = [await plain.context.new_page() for _ in range(3)]
    for tab in tabs:
        await tab.goto(plain.url)
        await expect(answer(tab)).to_have_text("first")
    assert len([url for url in watched.requests if "/api/changes" in url]) == 1
    async with plain.context.expect_event("request", lambda one: "/api/changes" in one.url):
        await plain.close()
    await ask_and_wait(tabs[0], "second")
    for tab in tabs:
        await expect(answer(tab)).to_have_text("second")


async def test_a_tab_whose_place_another_tab_took_at_the_same_time_gives_it_up(
    plain: Page, fake: Fake
) -> None:
    await fake.order(mode="gate")
    await ask(plain, "Count for me")
    await expect(answer(plain)).to_have_text("piece 0")
    other = await plain.context.new_page()
    await other.goto(plain.url)
    for lock, path in (("changes", "/api/changes"), ("stream.0", "/stream/")):
        async with plain.expect_event("requestfailed", lambda one, path=path: path in one.url):
            await other.evaluate(
                "lock => localStorage.setItem(`llmchat.${lock}.lease`, `another ${Date.now()}`)",
                lock,
            )
    await fake.order(release=0)
    await expect(answer(plain)).to_have_text(WHOLE)


async def test_chats_go_out_and_come_in(plain: Page, tmp_path: Path) -> None:
    await ask_and_wait(plain, "about cats")
    await open_data(plain)
    async with plain.expect_download() as begun:
        await plain.get_by_role("link", name="Download").first.click()
    path = tmp_path / "export.zip"
    await (await begun.value).save_as(path)
    await plain.locator("#import-input").set_input_files(str(path))
    await expect(plain.locator("import-file")).to_contain_text("1 conversation")
