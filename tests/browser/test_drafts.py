"""What was typed and not sent: for how long the browser keeps it, and where it has no room."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Fake
from tests.browser.side import choose, go_to
from tests.browser.side_states import chats
from tests.browser.steps import answer, ask_and_wait, composer

pytestmark = pytest.mark.asyncio(loop_scope="session")

DRAFTS = "Object.keys(localStorage).filter((one) => one.startsWith('llmchat.draft.')).length"


async def test_a_draft_goes_with_its_chat_when_that_is_gone_for_good(
    page: Page, fake: Fake
) -> None:
    await chats(page, "about cats", "about dogs")
    await page.get_by_role("link", name="about cats").click()
    await expect(page).to_have_title("about cats · llmchat")
    await composer(page).fill("and what about")
    await page.get_by_role("link", name="about dogs").click()
    await expect(page).to_have_title("about dogs · llmchat")
    await choose(page, "about cats", "Delete")
    await go_to(page, "Recently deleted")
    assert await page.evaluate(DRAFTS) == 1  # it may come back
    await choose(page, "about cats", "Delete for good")
    await page.get_by_role("button", name="Delete for good").click()
    await page.wait_for_function(f"() => {DRAFTS} === 0")


async def test_a_full_storage_breaks_neither_typing_nor_asking(page: Page, fake: Fake) -> None:
    await page.evaluate(
        """() => {
          let piece = "x".repeat(1 << 20)
          while (piece) {
            try { localStorage.setItem(`full.${localStorage.length}`, piece) }
            catch { piece = piece.slice(0, piece.length >> 1) }
          }
        }"""
    )
    await fake.order(mode="echo")
    await composer(page).press_sequentially("hello there")
    await expect(composer(page)).to_have_value("hello there")
    await ask_and_wait(page, "hello there")
    await expect(answer(page)).not_to_be_empty()
