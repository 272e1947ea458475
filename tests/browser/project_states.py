"""The states of projects: in the list, of a chat, and by themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import Fake
from tests.browser.setup_states import root
from tests.browser.side import open_drawer, open_menu
from tests.browser.side_states import chats
from tests.pictures import png

SYSTEM = "You know all about trees. Name each by its botanical name, too."
PROJECTS = [
    {"name": "Trees of Europe", "icon": "🌳", "colour": "green", "system": SYSTEM},
    {"name": "Thesis", "icon": "", "colour": "blue"},
]
FACTS: FilePayload = {"name": "facts.txt", "mimeType": "text/plain", "buffer": b"An oak is blue.\n"}
PICTURE: FilePayload = {"name": "oak.png", "mimeType": "image/png", "buffer": png(40, 30)}


async def keep_projects(page: Page) -> list[str]:
    """These projects are there. Gives their ids."""
    ids = []
    for project in PROJECTS:
        made = await page.request.post(f"{root(page)}api/projects", data=project)
        ids.append(str((await made.json())["id"]))
    return ids


async def move(page: Page, project: str | None, *chats_: str) -> None:
    """Move chats as another page would."""
    body: dict[str, Any] = {"ids": [*chats_], "action": "move", "project": project}
    await page.request.post(f"{root(page)}api/conversations/batch", data=body)


def project_row(page: Page, name: str) -> Locator:
    """A project of the list."""
    return page.locator("project-list").get_by_role("button", name=name, exact=True)


async def open_project(page: Page, name: str) -> Locator:
    """What there is of a project."""
    await open_drawer(page)
    await project_row(page, name).click()
    dialog = page.get_by_role("dialog", name=name)
    await expect(dialog).to_be_visible()
    return dialog


async def _listed(page: Page, fake: Fake) -> None:
    await chats(page, "about cats", "about beeches", "about oaks")
    first, _ = await keep_projects(page)
    response = await page.request.get(f"{root(page)}api/conversations")
    ids = [one["id"] for one in (await response.json())["items"]]
    await move(page, first, *ids[:2])
    await expect(page.locator(".chat-place")).to_contain_text("Trees of Europe")
    await expect(project_row(page, "Thesis")).to_be_visible()


async def _inside(page: Page, fake: Fake) -> None:
    await _listed(page, fake)
    if await page.locator(".sidebar[data-open]").is_visible():
        await page.keyboard.press("Escape")
    await expect(
        page.get_by_role("button", name="Project Trees of Europe", exact=True)
    ).to_be_visible()


async def _opened(page: Page, fake: Fake) -> None:
    await _listed(page, fake)
    dialog = await open_project(page, "Trees of Europe")
    await dialog.locator("input[type=file]").set_input_files([FACTS, PICTURE])
    await expect(dialog.locator("file-chip[data-step=there]")).to_have_count(2)
    await expect(dialog.get_by_role("link", name="about oaks")).to_be_visible()


async def _new(page: Page, fake: Fake) -> None:
    await open_drawer(page)
    await page.get_by_role("button", name="New project").click()
    await expect(page.get_by_role("textbox", name="Name")).to_be_focused()


async def _moving(page: Page, fake: Fake) -> None:
    await _listed(page, fake)
    await open_menu(page, "about cats")
    await page.get_by_role("menuitem", name="Move to project").click()
    await expect(page.get_by_role("menuitem", name="Thesis")).to_be_visible()


async def _deleting(page: Page, fake: Fake) -> None:
    await _listed(page, fake)
    dialog = await open_project(page, "Trees of Europe")
    await dialog.get_by_role("button", name="Delete project").click()
    await expect(page.get_by_role("radio", name="Keep its chats")).to_be_checked()


PROJECT_STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "projects": _listed,
    "chat of a project": _inside,
    "project": _opened,
    "new project": _new,
    "moving to a project": _moving,
    "deleting a project": _deleting,
}
