"""Where things stand on the page, and on paper."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Fake
from tests.browser.message_states import ROUNDS, long_chat
from tests.browser.states import STATES
from tests.browser.steps import ask_and_wait

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("text", ["left to right", "من اليمين إلى اليسار"])
async def test_a_question_stands_at_the_right_whichever_way_it_is_written(
    page: Page, text: str
) -> None:
    await ask_and_wait(page, text)
    edges = await page.evaluate(
        """() => [".question", "user-message"].map((one) =>
          document.querySelector(one).getBoundingClientRect().right)"""
    )
    assert edges[0] == edges[1]


async def test_a_notice_leaves_the_composer_and_the_foot_of_the_list_free(
    page: Page, fake: Fake
) -> None:
    await STATES["deleted"](page, fake)
    notice = await page.locator(".notice").bounding_box()
    composer = await page.locator(".composer").bounding_box()
    foot = await page.locator(".sidebar-foot").bounding_box()
    assert notice is not None
    assert composer is not None
    assert foot is not None
    assert notice["x"] + notice["width"] <= composer["x"]
    assert notice["y"] + notice["height"] <= foot["y"]


async def test_only_chosen_chats_are_marked_while_chats_are_chosen(page: Page, fake: Fake) -> None:
    await STATES["choosing"](page, fake)
    await page.mouse.move(900, 300)
    marks = await page.locator(".chat-item").evaluate_all(
        """(rows) => rows.map((row) => [row.querySelector("[role=checkbox]").ariaChecked,
          getComputedStyle(row).backgroundColor === "rgba(0, 0, 0, 0)"])"""
    )
    assert sorted(marks) == [["false", True], ["true", False]]


async def test_a_whole_chat_is_printed_in_its_shape_and_without_buttons(page: Page) -> None:
    await long_chat(page)
    first = page.locator("chat-message").nth(3)
    await expect(first.locator("strong")).to_have_count(0)
    await page.pdf()
    await expect(page.locator("chat-message strong")).to_have_count(ROUNDS)
    await page.emulate_media(media="print")
    await expect(page.locator(".chat-name")).to_have_text("Question 0: how is it searched?")
    await expect(page.locator("button:visible")).to_have_count(0)


@pytest.mark.parametrize("state", ["answered", "archive", "attached", "queued"])
async def test_every_sign_stands_in_the_middle_of_its_button(
    page: Page, fake: Fake, state: str
) -> None:
    await STATES[state](page, fake)
    aside = await page.locator(".icon-button:visible, .round-button:visible").evaluate_all(
        """(buttons) => buttons.filter((button) => {
          const [outer, inner] = [button, button.firstElementChild].map(
            (one) => one.getBoundingClientRect())
          return Math.abs(outer.left + outer.right - inner.left - inner.right) > 1
        }).map((button) => button.ariaLabel)"""
    )
    assert aside == []
