"""An answer that took long and ends while nobody looks: the tab is marked, and people are told."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Fake, Server
from tests.browser.side import open_settings
from tests.browser.steps import answer, ask

pytestmark = pytest.mark.asyncio(loop_scope="session")

HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true })
  document.dispatchEvent(new Event("visibilitychange"))
}"""
RECORD = """
globalThis.told = []
const permission = { now: "default" }
globalThis.Notification = class {
  static get permission() { return permission.now }
  static async requestPermission() { return permission.now = "granted" }
  constructor(title, { tag }) { told.push([title, tag]) }
}"""


async def _ends_hidden(page: Page, fake: Fake, seconds: int) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await page.evaluate(HIDE, True)
    await page.clock.run_for(seconds * 1000)
    await fake.order(release=0)


async def test_a_long_answer_that_ends_in_a_hidden_tab_is_notified_of_where_that_was_asked_for(
    page: Page, fake: Fake, server: Server
) -> None:
    await page.add_init_script(RECORD)
    await page.clock.install()
    await page.goto(server.url)
    await page.reload()
    bell = (await open_settings(page)).get_by_role("switch", name="Notify me of long answers")
    await expect(bell).not_to_be_checked()
    await bell.click()
    await expect(bell).to_be_checked()
    await page.keyboard.press("Escape")
    await _ends_hidden(page, fake, 12)
    await expect(page).to_have_title("(1) Count for me · llmchat")
    ((title, tag),) = await page.evaluate("told")
    assert title == "Count for me"
    assert tag.endswith(page.url.split("#")[1])
    await page.evaluate(HIDE, False)
    await expect(page).to_have_title("Count for me · llmchat")


async def test_without_that_only_the_title_is_marked(
    page: Page, fake: Fake, server: Server
) -> None:
    await page.add_init_script(RECORD)
    await page.clock.install()
    await page.reload()
    await _ends_hidden(page, fake, 12)
    await expect(page).to_have_title("(1) Count for me · llmchat")
    assert await page.evaluate("told") == []
