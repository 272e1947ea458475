"""The keys that work everywhere: what they do, how they are changed, and when they do nothing."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import Fake, Server
from tests.browser.side import open_settings, titles
from tests.browser.side_states import chats
from tests.browser.states import STATES
from tests.browser.steps import ask_and_wait, composer, last_message

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _clipboard(page: Page) -> str:
    text: str = await page.evaluate("navigator.clipboard.readText()")
    return text


async def test_answers_and_code_are_copied_by_keys(
    page: Page, fake: Fake, context: BrowserContext
) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await expect(composer(page)).to_be_focused()
    await page.keyboard.press("Control+Shift+KeyC")
    await expect(page.locator(".announcer-status")).to_have_text("There is nothing to copy")
    text = "One:\n\n```js\nlet a\n```\n\nTwo:\n\n```py\nb = 1\n\nc = 2\n```"
    await fake.order(mode="markdown", text=text)
    await ask_and_wait(page, "Show code")
    await page.keyboard.press("Control+Shift+KeyC")
    await expect(page.locator(".notice")).to_contain_text("Copied the last answer")
    assert await _clipboard(page) == text
    await page.keyboard.press("Control+Shift+Semicolon")
    await expect(page.locator(".notice").last).to_contain_text("Copied the last code")
    assert (await _clipboard(page)).strip() == "b = 1\n\nc = 2"


async def test_keys_go_to_the_models_the_sidebar_the_chats_and_the_table_of_keys(
    page: Page, fake: Fake
) -> None:
    await chats(page, "about cats", "about dogs")
    await page.keyboard.press("Control+Shift+KeyM")
    await expect(page.get_by_role("searchbox", name="Find a model")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(composer(page)).to_be_focused()
    await page.keyboard.press("Control+Shift+ArrowDown")
    await expect(page).to_have_title("about cats · llmchat")
    await page.keyboard.press("Control+Shift+ArrowUp")
    await expect(page).to_have_title("about dogs · llmchat")
    await page.keyboard.press("Control+KeyB")
    await expect(page.get_by_role("button", name="New chat")).to_be_hidden()
    await page.keyboard.press("Control+KeyB")
    await page.keyboard.press("Control+Shift+Backspace")
    await expect(titles(page)).to_have_text(["about cats"])
    await page.keyboard.press("Control+Slash")
    await expect(page.get_by_role("tabpanel", name="Keys")).to_be_visible()


async def test_keys_are_changed_and_conflicts_told(page: Page, server: Server) -> None:
    panel = await open_settings(page, "Keys")
    told = panel.get_by_role("status")
    await panel.get_by_role("button", name="Search: Ctrl+K").click()
    for keys, why in (
        ("Control+KeyW", "belongs to the browser"),
        ("KeyQ", "Hold Ctrl or Alt"),
        ("Control+KeyB", "Ctrl+B is taken: Show or hide the sidebar"),
    ):
        await page.keyboard.press(keys)
        await expect(told).to_contain_text(why)
    await page.keyboard.press("Control+KeyB")
    await expect(told).to_have_text("Search: Ctrl+B")
    await expect(panel.get_by_role("button", name="sidebar: none. Change")).to_be_visible()
    await expect(page.locator(".head-button kbd").last).to_have_text("Ctrl B")
    await page.keyboard.press("Escape")
    await page.reload()
    await expect(composer(page)).to_be_focused()
    await page.keyboard.press("Control+KeyB")
    await expect(page.get_by_role("combobox", name="Search chats")).to_be_focused()
    await page.keyboard.press("Escape")
    panel = await open_settings(page, "Keys")
    await panel.get_by_role("button", name="Reset all").click()
    await expect(panel.get_by_role("button", name="Search: Ctrl+K")).to_be_visible()
    await expect(panel.get_by_role("button", name="sidebar: Ctrl+B")).to_be_visible()
    await expect(panel.get_by_role("button", name="Reset all")).to_be_disabled()


async def test_escape_and_backspace_while_keys_are_recorded(page: Page) -> None:
    panel = await open_settings(page, "Keys")
    search = panel.locator("tr", has_text="Search").locator(".key-button")
    await search.focus()
    await page.keyboard.press("Enter")
    await expect(panel.get_by_text("Press keys …")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(panel.get_by_text("Press keys …")).to_be_hidden()
    await expect(search).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Backspace")
    await expect(panel.get_by_role("button", name="Search: none")).to_be_focused()
    await panel.get_by_role("button", name="Search: as it was").click()
    await expect(panel.get_by_role("button", name="Search: Ctrl+K")).to_be_focused()


async def test_switched_off_keys_do_nothing(page: Page, fake: Fake) -> None:
    panel = await open_settings(page, "Keys")
    await panel.get_by_role("switch", name="Keyboard shortcuts").click()
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    await STATES["streaming"](page, fake)
    for keys in ("Escape", "Control+KeyK", "Control+Shift+KeyO", "Control+Comma"):
        await page.keyboard.press(keys)
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    await fake.order(release=0)
    await expect(last_message(page).locator(".stats")).not_to_be_empty()


async def test_a_dialog_keeps_its_keys_and_an_input_method_its_own(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "about cats")
    await open_settings(page)
    for keys in ("Control+KeyK", "Control+Shift+KeyO", "Control+Shift+Backspace", "Control+KeyB"):
        await page.keyboard.press(keys)
    await expect(page.locator("dialog[open]")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(titles(page)).to_have_text(["about cats"])
    await composer(page).dispatch_event(
        "keydown", {"key": "k", "code": "KeyK", "ctrlKey": True, "isComposing": True}
    )
    await composer(page).dispatch_event(
        "keydown", {"key": "Process", "code": "KeyK", "ctrlKey": True, "keyCode": 229}
    )
    await expect(page.locator("dialog[open]")).to_have_count(0)
