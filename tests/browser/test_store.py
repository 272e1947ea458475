"""What the browser keeps, and what it does when it has no room or may keep nothing."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import Fake, Server, Watched
from tests.browser.side import open_settings
from tests.browser.steps import answer, ask_and_wait, composer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_browser_that_has_lost_all_it_kept_has_lost_no_chat(page: Page) -> None:
    await ask_and_wait(page, "**remember** me")
    await page.evaluate("localStorage.clear(), sessionStorage.clear()")
    await page.reload()
    await expect(answer(page).locator("strong")).to_have_text("remember")
    assert await page.evaluate("Object.keys(localStorage)") == []


async def test_a_browser_without_room_still_chats(page: Page) -> None:
    await page.evaluate(
        """() => {
          let size = 6_000_000
          const fill = () => {
            try {
              localStorage.setItem("filler", "x".repeat(size))
              return true
            } catch {
              return false
            }
          }
          while (!fill()) size -= 20_000
        }"""
    )
    await ask_and_wait(page, "a long one " * 3000)
    await expect(answer(page)).to_contain_text("a long one a long one")


async def test_a_browser_that_keeps_nothing_still_chats(
    context: BrowserContext, server: Server, fake: Fake, watched: Watched
) -> None:
    await context.add_init_script(
        """Object.defineProperty(window, "localStorage", {
          get() { throw new DOMException("denied", "SecurityError") },
        })"""
    )
    page = await context.new_page()
    await page.goto(server.url)
    panel = await open_settings(page)
    await panel.get_by_text("Dark", exact=True).click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Chats").click()
    await page.locator(".picker-button").click()
    await page.get_by_text("known-1000").click()
    await expect(page.locator(".model-name")).to_have_text("known-1000")
    await composer(page).focus()
    await ask_and_wait(page, "hello")
    await expect(answer(page)).not_to_be_empty()
    assert watched.console == []
