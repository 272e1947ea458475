"""The settings: each does what it says, at once, in all tabs, and for good."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import Fake, Server, Watched
from tests.browser.side import choose, open_data, open_settings, titles
from tests.browser.side_states import chats
from tests.browser.steps import answer, ask_and_wait, composer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_settings_come_when_they_are_wanted(page: Page, watched: Watched) -> None:
    await expect(composer(page)).to_be_focused()
    assert not any("settings-dialog.js" in url for url in watched.requests)
    await page.keyboard.press("Control+Comma")
    await expect(page.get_by_role("tab", name="General")).to_be_focused()
    assert any("settings-dialog.js" in url for url in watched.requests)
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("tabpanel", name="Endpoints")).to_be_visible()
    await page.keyboard.press("End")
    await expect(page.get_by_role("tabpanel", name="About")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("tab", name="General")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(composer(page)).to_be_focused()


async def test_settings_that_cannot_be_loaded_say_so(page: Page, watched: Watched) -> None:
    await page.route("**/settings-dialog.js", lambda route: route.abort())
    await page.get_by_role("button", name="Settings").click()
    await expect(page.locator(".notice")).to_contain_text("does not answer")
    watched.console.clear()  # the browser names the request that failed


async def test_another_tab_has_the_theme_and_the_keys_at_once(
    page: Page, context: BrowserContext, server: Server
) -> None:
    other = await context.new_page()
    await other.goto(server.url)
    panel = await open_settings(page)
    await panel.get_by_text("Dark", exact=True).click()
    await expect(other.locator("html")).to_have_attribute("data-theme", "dark")
    await page.get_by_role("tab", name="Keys").click()
    await page.get_by_role("switch", name="Keyboard shortcuts").click()
    await expect(other.locator(".head-button kbd").first).to_be_empty()


async def test_the_page_speaks_the_language_that_is_chosen(page: Page) -> None:
    panel = await open_settings(page)
    await panel.get_by_role("combobox", name="Language").select_option("Deutsch")
    await expect(page.locator("html")).to_have_attribute("lang", "de")
    await page.get_by_role("button", name="Einstellungen").click()
    await page.get_by_role("combobox", name="Sprache").select_option("Automatisch")
    await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_what_the_server_says_is_told_in_the_language_of_the_page(
    page: Page, fake: Fake
) -> None:
    panel = await open_settings(page)
    await panel.get_by_role("combobox", name="Language").select_option("Deutsch")
    await expect(page.locator(".welcome-model")).to_contain_text("ist eingestellt.")
    await fake.order(mode="rate-limit-7")
    await page.get_by_role("textbox", name="Nachricht", exact=True).fill("Hallo")
    await page.keyboard.press("Enter")
    await expect(page.locator(".waiting")).to_contain_text("Neuer Versuch in")
    why = page.locator(".waiting-why")
    await expect(why).to_have_text("Der Endpunkt bekommt zu viele Anfragen.")


async def test_switches_are_kept(page: Page) -> None:
    panel = await open_settings(page)
    await panel.get_by_role("switch", name="Long pasted texts").click()
    await panel.get_by_text("Ctrl Enter", exact=True).click()
    await page.reload()
    panel = await open_settings(page)
    await expect(panel.get_by_role("switch", name="Long pasted texts")).not_to_be_checked()
    await expect(panel.get_by_role("radio", name="Ctrl Enter")).to_be_checked()
    await page.keyboard.press("Escape")
    await composer(page).press_sequentially("one")
    await composer(page).press("Enter")
    await composer(page).press_sequentially("two")
    await expect(composer(page)).to_have_value("one\ntwo")
    await composer(page).press("Control+Enter")
    await expect(answer(page)).to_contain_text("two")


async def test_all_chats_go_only_after_the_word_was_typed(
    page: Page, fake: Fake, watched: Watched
) -> None:
    await chats(page, "about cats", "about dogs", "about eels")
    await choose(page, "about cats", "Archive")
    await choose(page, "about dogs", "Delete")
    panel = await open_data(page)
    await panel.get_by_role("button", name="Delete all chats").click()
    word = panel.get_by_role("textbox", name="Type “delete” to confirm")
    go = panel.get_by_role("button", name="Delete all for good")
    await expect(word).to_be_focused()
    await word.fill("delet")
    await expect(go).to_be_disabled()
    await word.press("Enter")
    await panel.get_by_role("button", name="Cancel").click()
    await panel.get_by_role("button", name="Delete all chats").click()
    await expect(word).to_be_empty()
    await word.fill("Delete")
    await word.press("Enter")
    await expect(panel.get_by_text("3 chats were deleted.")).to_be_visible()
    await expect(panel.get_by_role("button", name="Delete all chats")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(titles(page)).to_have_count(0)
    await expect(page.get_by_role("heading", name="What can I help with?")).to_be_visible()
    watched.console.clear()  # the browser names the 404 of the chat that was in view
    await ask_and_wait(page, "about frogs")
    await expect(titles(page)).to_have_text(["about frogs"])
