"""What a person does in the list of chats, in the search and with files of chats."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect


def row(page: Page, title: str) -> Locator:
    """A chat of the list."""
    return page.locator(".chat-item").filter(has=page.get_by_title(title, exact=True))


def titles(page: Page) -> Locator:
    """The titles in the list, as they stand."""
    return page.locator(".chat-item .chat-title")


async def open_drawer(page: Page) -> None:
    """Show the list where it is a drawer."""
    await page.locator("side-drawer:defined").wait_for(
        state="attached"
    )  # until then it says it is open
    button = page.locator(".drawer-button")
    if await button.get_attribute("aria-expanded") == "false":
        await button.click()


async def open_menu(page: Page, title: str) -> None:
    """The menu of a chat."""
    await row(page, title).hover()
    await page.get_by_role("button", name=f"Options of {title}", exact=True).click()
    await expect(page.get_by_role("menu")).to_be_visible()


async def choose(page: Page, title: str, entry: str) -> None:
    """Do what the menu of a chat offers."""
    await open_menu(page, title)
    await page.get_by_role("menuitem", name=entry).click()


async def delete_chat(page: Page, title: str) -> None:
    """Into the bin."""
    await choose(page, title, "Delete")


async def open_settings(page: Page, section: str = "General") -> Locator:
    """One of the settings' sections; where there are chats, they are in sight before."""
    await open_drawer(page)
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("tab", name=section).click()
    panel = page.get_by_role("tabpanel", name=section)
    await expect(panel).to_be_visible()
    return panel


async def open_data(page: Page) -> Locator:
    """Where files of chats come in and go out."""
    return await open_settings(page, "Your data")


async def go_to(page: Page, view: str) -> None:
    """The archive, or the bin."""
    await page.get_by_role("button", name=view, exact=True).click()
    await expect(page.get_by_role("heading", name=view)).to_be_visible()
