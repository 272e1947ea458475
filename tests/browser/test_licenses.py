"""From the settings to the terms of everything that llmchat is made of."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from llmchat import __version__
from tests.browser.conftest import Watched
from tests.browser.side import open_settings
from tests.browser.steps import violations

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_licences_are_a_click_away_and_not_loaded_before(
    page: Page, watched: Watched, libraries: Path
) -> None:
    panel = await open_settings(page, "About")
    await expect(panel).to_contain_text(f"Version {__version__}")
    assert not any("licenses" in url for url in watched.requests)

    async with page.expect_popup() as opened:
        await panel.get_by_role("link", name="Show the licences").click()
    shown = await opened.value
    await expect(shown.get_by_role("heading", level=1)).to_have_text("Licences")
    part = shown.locator("details", has_text="punycode.js")
    await part.locator("summary").focus()
    await shown.keyboard.press("Enter")
    await expect(part.locator("pre")).to_contain_text("Permission is hereby granted")
    assert await shown.evaluate("getComputedStyle(document.body).overflowY") == "visible"
    assert await violations(shown, libraries) == {}

    await shown.set_viewport_size({"width": 390, "height": 800})
    assert await shown.evaluate("document.documentElement.scrollWidth") <= 390
