"""The states of sharing, and of what is shared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.conftest import Fake
from tests.browser.sharing import make_link, open_sharing, read_shared
from tests.browser.side import open_settings
from tests.browser.steps import ask_and_wait

RICH = (Path(__file__).parent / "rich_answer.txt").read_text(encoding="utf-8")


async def _dialog(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "hello")
    await open_sharing(page, "hello")


async def _link(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "hello")
    await make_link(await open_sharing(page, "hello"))


async def _links(page: Page, fake: Fake) -> None:
    for title in ("hello", "how the tides are made by the moon"):
        await page.keyboard.press("Escape")
        await page.goto(page.url.split("#")[0])
        await ask_and_wait(page, title)
        await make_link(await open_sharing(page, title))
    await page.keyboard.press("Escape")
    panel = await open_settings(page, "Sharing")
    await panel.get_by_role("button", name="Revoke the link to hello").click()
    await expect(panel.get_by_role("button", name="Cancel")).to_be_focused()


async def _shared(page: Page, fake: Fake) -> None:
    await fake.order(mode="markdown", text=RICH)
    await ask_and_wait(page, "Show all that you can")
    await read_shared(page, await make_link(await open_sharing(page, "Show all that you can")))


async def _shared_thoughts(page: Page, fake: Fake) -> None:
    await fake.order(mode="reasoning")
    await ask_and_wait(page, "2 + 2?")
    dialog = await open_sharing(page, "2 + 2?")
    await dialog.get_by_role("switch", name="Include reasoning").click()
    await read_shared(page, await make_link(dialog))
    await page.locator("summary").click()


SHARE_STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "sharing": _dialog,
    "link": _link,
    "links": _links,
    "shared chat": _shared,
    "shared thoughts": _shared_thoughts,
}
