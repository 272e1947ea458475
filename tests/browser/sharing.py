"""What a person does to share a chat, and to read what was shared."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from tests.browser.side import choose, open_drawer


async def open_sharing(page: Page, title: str) -> Locator:
    """The dialog that makes links to copies of a chat."""
    await open_drawer(page)
    await choose(page, title, "Share")
    dialog = page.get_by_role("dialog", name=f"Share “{title}”")
    await expect(dialog.get_by_text("No link leads to this chat.")).to_be_visible()
    return dialog


async def make_link(dialog: Locator) -> str:
    """A new link, as it is shown."""
    await dialog.get_by_role("button", name="Create link").click()
    fresh = dialog.get_by_role("group", name="The link to this copy")
    await expect(fresh).to_be_focused()
    return await fresh.locator("code").inner_text()


async def read_shared(page: Page, link: str) -> None:
    """Follow a link, and wait until all is there."""
    await page.goto(link)
    await expect(page.get_by_text("A copy of a conversation")).to_be_visible()
    await expect(page.locator("shared-message:last-child article")).to_be_visible()
