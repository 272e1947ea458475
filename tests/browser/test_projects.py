"""Projects on the page: made, filled with chats and files, asked in, put in order, and ended."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Fake, Watched
from tests.browser.project_states import FACTS, keep_projects, open_project, project_row
from tests.browser.side import choose, open_menu, row, titles
from tests.browser.side_states import chats
from tests.browser.steps import ask_and_wait, stored

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOLD = "File: facts.txt\n```\nAn oak is blue.\n```"


async def _asked(fake: Fake, count: int) -> list[dict[str, Any]]:
    """The messages of the so many-th question."""
    told = await fake.told(asked=count)
    messages: list[dict[str, Any]] = told["requests"][count - 1]["body"]["messages"]
    return messages


async def test_a_project_is_made_filled_and_told_to_the_model(
    page: Page, fake: Fake, watched: Watched
) -> None:
    await chats(page, "about cats", "about oaks", "about elms")
    other = await page.context.new_page()
    await other.goto(page.url)
    await page.get_by_role("button", name="New project").click()
    dialog = page.get_by_role("dialog", name="New project")
    await dialog.get_by_label("Name", exact=True).fill("Trees")
    await dialog.get_by_label("Icon").fill("🌳")
    await dialog.get_by_title("Green").click()
    await dialog.get_by_label("Instructions").fill("Speak of trees.")
    await page.keyboard.press("Tab")
    await dialog.get_by_role("button", name="Create project").click()
    dialog = page.get_by_role("dialog", name="Trees")
    await expect(dialog.get_by_role("status").last).to_contain_text("Created.")
    await dialog.locator("input[type=file]").set_input_files(FACTS)
    await expect(dialog.locator("file-chip[data-step=there]")).to_have_count(1)
    await expect(dialog.get_by_text("There are no chats in it yet.")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(project_row(other, "Trees")).to_be_visible()

    # By the mouse, by the menu, and several at once.
    await row(page, "about cats").drag_to(project_row(page, "Trees"))
    await expect(page.locator(".notice")).to_contain_text("Moved “about cats” to Trees.")
    await page.get_by_role("button", name="Undo").click()
    await choose(page, "about elms", "Choose")
    await page.get_by_role("checkbox", name="about oaks").check()
    await page.get_by_role("button", name="Move", exact=True).click()
    await page.get_by_role("menuitem", name="Trees").click()
    await expect(page.locator(".chat-place")).to_contain_text("about elms")
    await expect(other.locator(".chat-place")).to_contain_text("Trees")
    dialog = await open_project(page, "Trees")
    await expect(dialog.locator(".project-chats a")).to_have_text(["about elms", "about oaks"])

    # A new chat in it, and what is said in one that came later.
    await dialog.get_by_role("button", name="New chat in this project").click()
    await expect(page.locator(".chat-place")).to_contain_text("Trees")
    await page.get_by_role("button", name="Set up this chat").click()
    shown = page.get_by_role("dialog", name="Set up this chat").locator("sent-view")
    await expect(shown).to_contain_text("Speak of trees.")
    await expect(shown).to_contain_text("An oak is blue.")
    await page.keyboard.press("Escape")
    await ask_and_wait(page, "which?")
    assert await _asked(fake, 4) == [
        {"role": "system", "content": "Speak of trees."},
        {"role": "user", "content": f"{TOLD}\n\nwhich?"},
    ]
    assert (await stored(page))["project"] is not None
    await row(page, "about oaks").click()
    await ask_and_wait(page, "and?")
    assert [one["role"] for one in await _asked(fake, 5)] == ["system", "user", "assistant", "user"]
    assert (await _asked(fake, 5))[1]["content"] == f"{TOLD}\n\nabout oaks"

    # Files and words of it change for all its chats; out of it they are not told.
    await page.get_by_role("button", name="Project Trees", exact=True).click()
    dialog = page.get_by_role("dialog", name="Trees")
    await dialog.get_by_role("button", name="Remove: facts.txt").click()
    await dialog.get_by_label("Instructions").fill("Be brief.")
    await dialog.get_by_label("Name", exact=True).fill("Woods")
    await page.keyboard.press("Escape")
    await expect(project_row(other, "Woods")).to_be_visible()
    await choose(page, "about oaks", "Move to project")
    await page.get_by_role("menuitem", name="No project").click()
    await expect(page.locator(".chat-place")).to_be_hidden()
    await ask_and_wait(page, "so?")
    assert (await _asked(fake, 6))[0] == {"role": "user", "content": "about oaks"}
    assert watched.console == []


async def test_projects_are_used_with_keys_folded_put_in_order_and_ended(
    page: Page, fake: Fake
) -> None:
    await chats(page, "about cats", "about oaks")
    await keep_projects(page)
    await expect(project_row(page, "Thesis")).to_be_visible()
    await open_menu(page, "about oaks")
    for name in ("Move to project", "Trees of Europe"):
        await page.get_by_role("menuitem", name=name).focus()
        await page.keyboard.press("Enter")
    await expect(page.locator(".chat-place")).to_contain_text("Trees of Europe")
    rows = page.locator("project-list .chat-title")
    await project_row(page, "Trees of Europe").focus()
    await page.keyboard.press("Alt+ArrowDown")
    await expect(rows).to_have_text(["Thesis", "Trees of Europe"])
    await expect(project_row(page, "Trees of Europe")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(project_row(page, "Thesis")).to_be_focused()
    fold = page.get_by_role("button", name="Projects", exact=True)
    await fold.press("Enter")
    await expect(project_row(page, "Thesis")).to_be_hidden()
    await page.reload()
    await expect(fold).to_have_attribute("aria-expanded", "false")
    await fold.click()
    await expect(rows).to_have_text(["Thesis", "Trees of Europe"])
    # One goes alone, one with its chats.
    await project_row(page, "Thesis").press("Delete")
    await page.get_by_role("button", name="Delete project").click()
    await expect(rows).to_have_text(["Trees of Europe"])
    await project_row(page, "Trees of Europe").press("Delete")
    await page.get_by_role("radio", name="Put its chats into the bin, too").check()
    await page.get_by_role("button", name="Delete project").click()
    await expect(titles(page)).to_have_text(["about cats"])
    await expect(page.locator(".chat-place")).to_be_hidden()
