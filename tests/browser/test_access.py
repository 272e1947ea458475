"""Focus, announcements, and old messages: nothing is lost for who cannot see or point."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Fake
from tests.browser.side import delete_chat
from tests.browser.steps import (
    answer,
    ask,
    ask_and_wait,
    last_message,
    run_module,
    stored,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _open_long_chat(page: Page) -> None:
    await ask_and_wait(page, "question 0")
    chat = await stored(page)
    address = page.url.replace("#", "api/conversations/")
    parent = chat["messages"][0]["id"]
    for number in range(80):
        text = (
            f"**answer** {number // 2} " + "word " * 200
            if number % 2 == 0
            else f"question {number}"
        )
        role = "user" if number % 2 else "assistant"
        body = {"role": role, "content": text, "parent_id": parent}
        response = await page.request.post(f"{address}/messages", data=body)
        parent = (await response.json())["id"]
    await page.request.delete(f"{address}/messages/{parent}")  # the last one is an answer
    await page.reload()
    await expect(answer(page)).to_contain_text("answer 39")


async def test_messages_far_above_have_their_text_and_get_their_shape_when_near(page: Page) -> None:
    await _open_long_chat(page)
    articles = page.get_by_role("log").get_by_role("article")
    count = await page.locator("chat-message").count()
    await expect(articles).to_have_count(count)
    await expect(articles.nth(0)).to_have_text("question 0")
    await expect(articles.nth(1)).to_contain_text("**answer** 0")
    await page.locator("chat-thread").evaluate("(thread) => thread.scrollTo(0, 0)")
    await expect(articles.nth(1).locator("strong")).to_have_text("answer")
    await expect(articles).to_have_count(count)


async def test_the_focus_goes_to_the_messages_after_a_jump(page: Page) -> None:
    await _open_long_chat(page)
    await page.locator("chat-thread").evaluate("(thread) => thread.scrollTo(0, 0)")
    await page.get_by_role("button", name="Jump to latest").click()
    await expect(page.get_by_role("log", name="Messages")).to_be_focused()
    await expect(page.get_by_role("button", name="Jump to latest")).to_be_hidden()


async def test_the_focus_stays_on_the_pager(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "hello")
    for count in (2, 3):
        await page.get_by_role("button", name="Answer again").click()
        await expect(page.locator(".pager")).to_contain_text(f"{count}/{count}")
    earlier = page.get_by_role("button", name="Earlier answer")
    await earlier.focus()
    await page.keyboard.press("Enter")
    await expect(earlier).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".pager")).to_contain_text("1/3")
    await expect(page.get_by_role("button", name="Later answer")).to_be_focused()


async def test_the_list_of_models_keeps_the_focus_when_it_is_read_again(page: Page) -> None:
    await page.clock.install()
    await page.reload()
    await page.locator(".picker-button").click()
    chosen = page.get_by_role("radio", name="echo")
    await chosen.focus()
    same = await chosen.element_handle()
    assert same is not None
    await page.clock.run_for(31_000)
    async with page.expect_response("**/models"):
        await page.locator(".model-panel").evaluate(
            "(panel) => panel.dispatchEvent(new ToggleEvent('toggle', { newState: 'open' }))"
        )
    await expect(chosen).to_be_focused()
    assert await same.evaluate("(one) => one.isConnected")


async def test_the_list_of_chats_stays_as_it_is_while_an_answer_is_written(
    page: Page, fake: Fake
) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    link = await page.locator(".chat-link").element_handle()
    assert link is not None
    await fake.order(release=1)
    await expect(answer(page)).to_have_text("piece 0 piece 1")
    assert await link.evaluate("(one) => one.isConnected")


async def test_copying_is_told(page: Page) -> None:
    await ask_and_wait(page, "hello")
    await page.get_by_role("button", name="Copy answer").click()
    await expect(page.get_by_role("status")).to_have_text("Copied")


async def test_copying_that_fails_says_what_to_do(page: Page) -> None:
    await ask_and_wait(page, "hello")
    await page.evaluate(
        """() => {
          Object.defineProperty(navigator, "clipboard", { value: undefined })
          document.execCommand = () => false
        }"""
    )
    await page.get_by_role("button", name="Copy answer").click()
    await expect(page.locator(".notice")).to_contain_text("select the text and press Ctrl+C")


async def test_a_notice_is_above_the_composer_on_a_phone_and_can_be_closed(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    await ask_and_wait(page, "hello")
    await page.get_by_role("button", name="Chats").click()
    await delete_chat(page, "hello")
    notice = page.locator(".notice")
    box, below = await notice.bounding_box(), await page.locator("chat-composer").bounding_box()
    assert box is not None
    assert below is not None
    assert box["y"] + box["height"] <= below["y"]
    await page.get_by_role("button", name="Close this notice").focus()
    await page.keyboard.press("Enter")
    await expect(notice).to_have_count(0)
    await expect(page.get_by_role("button", name="New chat")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Chats")).to_be_focused()


async def test_a_block_of_code_that_has_not_changed_is_not_coloured_again(
    page: Page, fake: Fake
) -> None:
    made = await run_module(
        page,
        """
          const block = document.createElement("code-block")
          document.body.append(block)
          block.show({ lang: "text", text: "one\\ntwo" })
          const create = document.createElement
          let made = 0
          document.createElement = function (...names) {
            made++
            return create.apply(this, names)
          }
          block.show({ lang: "text", text: "one\\ntwo" })
          delete document.createElement
          block.remove()
          return made
        """,
    )
    assert made == 0
    await ask_and_wait(page, "- a\n\n  ```js\n  let b\n  ```")
    await expect(last_message(page).locator("code-block code")).to_have_text("let b\n")
