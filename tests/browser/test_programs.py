"""The keys of other programs: made, used and revoked."""

import pytest
from aiohttp import ClientSession
from playwright.async_api import Page, expect

from tests.browser.conftest import Server, Watched
from tests.browser.side import open_settings

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _status(address: str, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        ClientSession() as session,
        session.get(f"{address}/models", headers=headers) as told,
    ):
        return told.status


async def test_a_key_is_made_shown_once_used_and_revoked(
    page: Page, server: Server, watched: Watched
) -> None:
    panel = await open_settings(page, "API")
    address = await panel.locator("section", has_text="other programs").locator("code").inner_text()
    assert address == f"{server.url}v1"
    name = panel.get_by_role("textbox", name="What the key is for")
    make = panel.get_by_role("button", name="Create key")
    await name.fill("  ")
    await expect(make).to_be_disabled()
    await name.fill("my <b>editor</b>")
    await name.press("Enter")
    fresh = panel.get_by_role("group", name="The key for my <b>editor</b>")
    await expect(fresh).to_be_focused()
    key = await fresh.locator("code").inner_text()
    row = panel.get_by_role("listitem").filter(has_text="my <b>editor</b>")
    await expect(row).to_contain_text("never used")
    assert await _status(address, key) == 200
    # It is gone with the section, and nowhere in the page any more.
    await page.get_by_role("tab", name="General").click()
    assert key not in await page.content()
    await page.get_by_role("tab", name="API").click()
    await expect(row).to_contain_text("last used")
    await expect(row).to_contain_text(f"…{key[-4:]}")
    assert key not in await page.content()
    revoke = row.get_by_role("button", name="Revoke the key for my <b>editor</b>")
    await revoke.click()
    await row.get_by_role("button", name="Cancel").click()
    await expect(revoke).to_be_focused()
    await revoke.click()
    await row.get_by_role("button", name="Revoke for good").click()
    await expect(panel.get_by_role("status").first).to_have_text(
        "The key for my <b>editor</b> opens nothing any more."
    )
    await expect(name).to_be_focused()
    await expect(row).to_have_count(0)
    assert await _status(address, key) == 401
    assert not watched.console


async def test_a_key_that_cannot_be_made_says_why(page: Page, watched: Watched) -> None:
    panel = await open_settings(page, "API")
    await page.route("**/api/keys", lambda route: route.abort())
    await panel.get_by_role("textbox", name="What the key is for").fill("editor")
    await panel.get_by_role("button", name="Create key").click()
    await expect(panel.get_by_role("status").first).to_contain_text("does not answer")
    await expect(panel.get_by_role("textbox")).to_have_value("editor")
    watched.console.clear()  # the browser names the request that failed
