"""The states of the settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from tests.browser.conftest import Fake
from tests.browser.endpoint_states import ENDPOINT_STATES
from tests.browser.side import open_data, open_settings


async def _general(page: Page, fake: Fake) -> None:
    await open_settings(page)


async def _keys(page: Page, fake: Fake) -> None:
    await open_settings(page, "Keys")


async def _recording(page: Page, fake: Fake) -> None:
    panel = await open_settings(page, "Keys")
    await panel.get_by_role("button", name="Search: Ctrl+K").click()
    await page.keyboard.press("Control+Shift+KeyO")
    await expect(panel.get_by_role("status")).to_contain_text("is taken: New chat")


async def _changed_keys(page: Page, fake: Fake) -> None:
    panel = await open_settings(page, "Keys")
    await panel.get_by_role("button", name="Search: Ctrl+K").click()
    await page.keyboard.press("Control+Shift+KeyF")
    await panel.get_by_role("switch", name="Keyboard shortcuts").click()


async def _deleting_all(page: Page, fake: Fake) -> None:
    panel = await open_data(page)
    await panel.get_by_role("button", name="Delete all chats").click()
    await expect(panel.get_by_role("textbox")).to_be_focused()


async def _api_key(page: Page, fake: Fake) -> None:
    panel = await open_settings(page, "API")
    await panel.get_by_label("What the key is for").fill("editor on the laptop")
    await panel.get_by_role("button", name="Create key").click()
    await expect(panel.get_by_role("group", name="The key for")).to_be_focused()


async def _revoking(page: Page, fake: Fake) -> None:
    await _api_key(page, fake)
    panel = page.get_by_role("tabpanel", name="API")
    await panel.get_by_role("button", name="Revoke the key for").first.click()
    await expect(panel.get_by_role("button", name="Cancel")).to_be_focused()


SETTINGS_STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "settings": _general,
    **ENDPOINT_STATES,
    "keys": _keys,
    "recording keys": _recording,
    "changed keys": _changed_keys,
    "deleting all": _deleting_all,
    "an API key": _api_key,
    "revoking an API key": _revoking,
}
