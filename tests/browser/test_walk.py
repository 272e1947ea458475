"""The whole page by keyboard: a person without a mouse gets everywhere, and does everything."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Fake
from tests.browser.side import row, titles
from tests.browser.steps import answer, ask_and_wait, composer, last_message

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAME = """() => {
  const one = document.activeElement
  const words = [...one.childNodes].filter((node) => !node.ariaHidden)
    .map((node) => node.textContent).join("").trim()
  return one === document.body ? "" : one.getAttribute("aria-label") || words
}"""
MOST_STEPS = 60


async def _tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press Tab until something has the focus, as somebody would who cannot point at it."""
    for _ in range(MOST_STEPS):
        if await target.count() and await target.evaluate(
            "(one) => one === document.activeElement"
        ):
            return
        await page.keyboard.press(key)
    raise AssertionError(f"{target} was not reached by {key}")


async def _press(page: Page, target: Locator, key: str = "Tab") -> None:
    await _tab_to(page, target, key)
    await page.keyboard.press("Enter")


def _button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


async def _ask(page: Page, text: str) -> None:
    await page.keyboard.press("Shift+Escape")
    await page.keyboard.insert_text(text)
    await page.keyboard.press("Enter")


async def _stops(page: Page) -> list[str]:
    """All that Tab comes to, from the composer round to it."""
    await composer(page).focus()
    found: list[str] = []
    for _ in range(MOST_STEPS):
        await page.keyboard.press("Tab")
        name = await page.evaluate(NAME)
        if name == "Message":
            return found
        if name:
            found.append(name)
    raise AssertionError(found)


async def test_tab_goes_through_sidebar_list_header_thread_and_composer(page: Page) -> None:
    await ask_and_wait(page, "about cats")
    stops = await _stops(page)
    places = [
        *("New chat", "Search", "about cats", "Archived", "Recently deleted", "Choose several"),
        *(
            "Settings",
            "Chats",
            "echo",
            "Set up this chat",
            "Copy message",
            "Edit",
            "Copy answer",
            "Answer again",
        ),
    ]
    assert [stop for stop in stops if stop in places] == places


async def test_an_answer_is_asked_for_stopped_made_anew_and_compared(
    page: Page, fake: Fake
) -> None:
    await expect(composer(page)).to_be_focused()
    await fake.order(mode="gate")
    await _ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await expect(composer(page)).to_be_focused()
    await _press(page, _button(page, "Stop"))
    await expect(last_message(page)).to_contain_text("Stopped.")
    await expect(composer(page)).to_be_focused()
    await fake.order(reset=True)
    await _press(page, _button(page, "Answer again"), "Shift+Tab")
    await expect(last_message(page).locator(".stats")).not_to_be_empty()
    await expect(page.locator(".pager")).to_contain_text("2/2")
    await _press(page, _button(page, "Earlier answer"), "Shift+Tab")
    await expect(answer(page)).to_contain_text("piece 0")
    await page.keyboard.press("Enter")
    await expect(page.locator(".pager")).to_contain_text("2/2")


async def test_a_question_is_edited_and_sent_anew(page: Page) -> None:
    await ask_and_wait(page, "first words")
    await _press(page, _button(page, "Edit"), "Shift+Tab")
    editor = page.get_by_role("textbox", name="Your message")
    await expect(editor).to_be_focused()
    await page.keyboard.press("Control+KeyA")
    await page.keyboard.insert_text("other words")
    await page.keyboard.press("Control+Enter")
    await expect(answer(page)).to_have_text("other words")
    await expect(page.locator(".pager")).to_contain_text("2/2")
    await expect(composer(page)).to_be_focused()


async def test_menus_are_opened_gone_through_and_left(page: Page) -> None:
    await ask_and_wait(page, "about cats")
    more = last_message(page).get_by_role("button", name="More")
    for opener in (more, page.get_by_role("button", name="Options of about cats")):
        await _press(page, opener, "Shift+Tab")
        items = page.get_by_role("menuitem")
        await expect(items.first).to_be_focused()
        await page.keyboard.press("End")
        await expect(items.last).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(opener).to_be_focused()
    await _press(page, page.locator(".picker-button"))
    await _tab_to(page, page.get_by_role("radio", name="echo"))
    await page.keyboard.press("Escape")
    await expect(page.locator(".picker-button")).to_be_focused()


async def test_a_chat_is_renamed_archived_found_and_deleted(page: Page) -> None:
    await ask_and_wait(page, "about cats")
    await _tab_to(page, row(page, "about cats").get_by_role("link"), "Shift+Tab")
    await page.keyboard.press("F2")
    await expect(page.get_by_role("textbox", name="Title")).to_be_focused()
    await page.keyboard.insert_text("about lynxes")
    await page.keyboard.press("Enter")
    await expect(titles(page)).to_have_text(["about lynxes"])
    await expect(row(page, "about lynxes").get_by_role("link")).to_be_focused()
    await _press(page, page.get_by_role("button", name="Options of about lynxes"))
    await _press(page, page.get_by_role("menuitem", name="Archive"), "ArrowDown")
    await expect(titles(page)).to_have_count(0)
    await _press(page, _button(page, "Archived"))
    await expect(page.get_by_role("heading", name="Archived")).to_be_focused()
    await expect(titles(page)).to_have_text(["about lynxes"])
    await _press(page, _button(page, "Back to the chats"), "Shift+Tab")
    await page.keyboard.press("Control+KeyK")
    await expect(page.get_by_role("combobox", name="Search chats")).to_be_focused()
    await page.keyboard.insert_text("lynxes")
    await expect(page.locator(".hit-title mark, .hit mark").first).to_have_text("lynxes")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await expect(answer(page)).to_have_text("about cats")
    await page.keyboard.press("Control+Shift+Backspace")
    deleted = page.locator(".notice").filter(has_text="Deleted “about lynxes”.")
    await _press(page, deleted.get_by_role("button", name="Undo"))
    await expect(deleted).to_have_count(0)


async def test_settings_are_gone_through_and_left(page: Page) -> None:
    await expect(composer(page)).to_be_focused()
    settings = _button(page, "Settings")
    await _press(page, settings, "Shift+Tab")
    await expect(page.get_by_role("tab", name="General")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("radio", name="System")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")
    switch = page.get_by_role("switch", name="Long pasted texts")
    await _tab_to(page, switch)
    await page.keyboard.press("Space")
    await expect(switch).not_to_be_checked()
    await _tab_to(page, page.get_by_role("tab", name="General"), "Shift+Tab")
    keys = page.get_by_role("tab", name="Keys")
    while await keys.get_attribute("aria-selected") != "true":
        await page.keyboard.press("ArrowDown")
    await _press(page, page.get_by_role("button", name="Search: Ctrl+K"))
    await page.keyboard.press("Control+Shift+KeyF")
    await expect(page.get_by_role("button", name="Search: Ctrl+Shift+F")).to_be_focused()
    await _press(page, page.get_by_role("button", name="Search: as it was"), "Shift+Tab")
    await expect(page.get_by_role("button", name="Search: Ctrl+K")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(settings).to_be_focused()
