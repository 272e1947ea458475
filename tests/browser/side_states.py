"""The states of the list of chats, the search and the dialog for files of chats."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import FilePayload, Page, expect

from tests.browser.conftest import Fake
from tests.browser.side import choose, go_to, open_data, open_drawer, open_menu, row
from tests.browser.steps import ask_and_wait, composer


async def chats(page: Page, *titles: str) -> None:
    """Chats with these titles, the last one the newest and in view."""
    for title in titles:
        await composer(page).press("Control+Shift+KeyO")
        await ask_and_wait(page, title)
    await open_drawer(page)
    await expect(row(page, titles[-1])).to_be_visible()


def exported(count: int, *, name: str = "chats.json") -> FilePayload:
    """A file of so many chats, as Claude exports them; and one that cannot be read."""
    whole: list[dict[str, Any]] = [
        {
            "uuid": f"chat-{number}",
            "name": f"Imported {number}",
            "created_at": "2025-03-01T10:00:00Z",
            "updated_at": "2025-03-01T11:00:00Z",
            "chat_messages": [
                _message(number, 0, "human", "What is a walrus?"),
                _message(number, 1, "assistant", "A large animal with tusks."),
            ],
        }
        for number in range(count)
    ]
    text = json.dumps([*whole, {"uuid": "odd", "chat_messages": "none"}])
    return {"name": name, "mimeType": "application/json", "buffer": text.encode()}


def _message(chat: int, place: int, sender: str, text: str) -> dict[str, Any]:
    return {
        "uuid": f"message-{chat}-{place}",
        "sender": sender,
        "text": text,
        "content": [{"type": "text", "text": text}],
        "created_at": f"2025-03-01T10:00:0{place}Z",
    }


async def _menu(page: Page, fake: Fake) -> None:
    await chats(page, "about cats", "about dogs")
    await open_menu(page, "about cats")


async def _renaming(page: Page, fake: Fake) -> None:
    await chats(page, "about cats")
    await choose(page, "about cats", "Rename")
    await expect(page.get_by_role("textbox", name="Title")).to_be_focused()


async def _choosing(page: Page, fake: Fake) -> None:
    await chats(page, "about cats", "about dogs")
    await choose(page, "about cats", "Choose")
    await expect(page.get_by_role("checkbox", name="about cats")).to_be_checked()


async def _archived(page: Page, fake: Fake) -> None:
    await chats(page, "about cats", "about dogs")
    await choose(page, "about cats", "Archive")
    await go_to(page, "Archived")
    await expect(row(page, "about cats")).to_be_visible()


async def in_bin(page: Page, fake: Fake) -> None:
    """One chat in the bin, which is open."""
    await chats(page, "about cats", "about dogs")
    await choose(page, "about cats", "Delete")
    await go_to(page, "Recently deleted")
    await expect(row(page, "about cats")).to_be_visible()


async def _confirming(page: Page, fake: Fake) -> None:
    await in_bin(page, fake)
    await choose(page, "about cats", "Delete for good")
    await expect(page.get_by_role("button", name="Delete for good")).to_be_visible()


async def _searching(page: Page, fake: Fake) -> None:
    await chats(page, "about cats", "about dogs")
    await page.keyboard.press("Control+KeyK")
    await expect(page.get_by_role("option")).to_have_count(2)


async def _found(page: Page, fake: Fake) -> None:
    await _searching(page, fake)
    await page.keyboard.type("cats")
    await expect(page.locator(".hit-text mark").first).to_have_text("cats")
    await page.get_by_text("Prefixes").click()


async def _nothing_found(page: Page, fake: Fake) -> None:
    await _searching(page, fake)
    await page.keyboard.type("walrus")
    await expect(page.get_by_text("Nothing was found")).to_be_visible()


async def _data(page: Page, fake: Fake) -> None:
    await open_data(page)


async def looked(page: Page, fake: Fake) -> None:
    """A file with two chats and an odd one was looked at."""
    await _data(page, fake)
    await page.locator("#import-input").set_input_files(exported(2))
    await expect(page.get_by_role("button", name="Import 2 conversations")).to_be_visible()


async def _imported(page: Page, fake: Fake) -> None:
    await looked(page, fake)
    await page.get_by_role("button", name="Import 2 conversations").click()
    await expect(page.get_by_text("Imported: 2 new")).to_be_visible()


SIDE_STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "menu of a chat": _menu,
    "renaming": _renaming,
    "choosing": _choosing,
    "archive": _archived,
    "bin": in_bin,
    "confirming": _confirming,
    "searching": _searching,
    "found": _found,
    "nothing found": _nothing_found,
    "data": _data,
    "looked at": looked,
    "imported": _imported,
}
