"""What the browser keeps, and what it does when it has no room or may keep nothing."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import Fake, Server, Watched
from tests.browser.steps import answer, ask_and_wait, composer, run_module

pytestmark = pytest.mark.asyncio(loop_scope="session")

STORE = """
  const { ChatStore } = await load("./state/chat-store.js")
  const { newAnswer, newChat, newQuestion } = await load("./lib/chats.js")
  const store = new ChatStore()
  const evicted = []
  store.addEventListener("evicted", (event) => evicted.push(event.detail))
"""


async def test_a_chat_that_never_fits_drives_no_other_away(page: Page) -> None:
    body = """
      store.put(newChat("small", 1))
      const large = newChat("large", 2)
      large.messages.push(newQuestion("x".repeat(4_100_000)))
      store.put(large)
      const titles = new ChatStore().list.get().map((one) => one.title)
      return [evicted.length, store.problem.get(), titles]
    """
    evicted, problem, titles = await run_module(page, STORE + body)
    assert evicted == 0
    assert "too long" in problem
    assert titles == ["small"]


async def test_the_oldest_chat_beyond_two_hundred_goes_and_its_draft_too(page: Page) -> None:
    body = """
      const first = newChat("first", 0)
      localStorage.setItem("llmchat.draft." + first.id, "half a thou")
      store.put(first)
      for (let i = 1; i <= 200; i++) store.put(newChat("later", i))
      return [evicted, store.list.get().length, localStorage.getItem("llmchat.draft." + first.id)]
    """
    evicted, count, draft = await run_module(page, STORE + body)
    assert evicted == [{"title": "first", "many": True}]
    assert count == 200
    assert draft is None


async def test_a_late_save_does_not_bring_a_deleted_chat_back(page: Page) -> None:
    body = """
      const chat = newChat("gone", 1)
      const answer = newAnswer(null, 1)
      chat.messages.push(answer)
      store.put(chat)
      localStorage.removeItem("llmchat.chat." + chat.id) // as another tab does
      store.saveAnswer(chat.id, answer, { ...answer.reply, content: "late" })
      return localStorage.getItem("llmchat.chat." + chat.id)
    """
    assert await run_module(page, STORE + body) is None


async def test_an_answer_that_nobody_makes_any_more_is_told_as_lost(page: Page) -> None:
    body = """
      const message = document.createElement("chat-message")
      document.querySelector(".messages").append(message)
      message.show(newAnswer(null, 1), null)
    """
    await run_module(page, STORE + body)
    message = page.locator("chat-message")
    await expect(message.locator(".problem")).to_contain_text("no longer knows this answer")
    await expect(message.locator(".problem button")).to_have_text("Try again")


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
    await page.get_by_role("button", name="Theme: As the system").click()
    await page.get_by_text("Dark", exact=True).click()
    await page.get_by_role("button", name="Chats").click()
    await page.locator(".picker-button").click()
    await page.get_by_text("known-1000").click()
    await expect(page.locator(".model-name")).to_have_text("known-1000")
    await composer(page).focus()
    await ask_and_wait(page, "hello")
    await expect(answer(page)).not_to_be_empty()
    assert watched.console == []
