"""The view follows an answer while its reader is at the end, and never against a reader's will."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Fake
from tests.browser.steps import ask, ask_and_wait, last_message

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOP = "document.querySelector('chat-thread').scrollTop"
LEFT = """(() => {
  const { scrollHeight, scrollTop, clientHeight } = document.querySelector("chat-thread")
  return scrollHeight - scrollTop - clientHeight
})()"""
FINGER = """(() => {
  const target = document.querySelector("chat-thread .messages")
  const at = (type, clientY) => target.dispatchEvent(new TouchEvent(type, { bubbles: true,
    touches: [new Touch({ identifier: 1, target, clientX: 400, clientY })] }))
  at("touchstart", 300)
  at("touchmove", 304)
})()"""
NEAR = 32


async def _lines(page: Page) -> int:
    count: int = await page.evaluate("document.querySelectorAll('code-block code > span').length")
    return count


async def _more(page: Page, count: int = 60) -> None:
    """Wait until so many lines more are there."""
    line = page.locator("code-block code > span").nth(await _lines(page) + count)
    await expect(line).to_be_attached()


async def _stream(page: Page, fake: Fake) -> None:
    await fake.order(mode="code")
    await ask(page, "Write much code")
    await _more(page, 80)
    assert await page.evaluate(LEFT) <= NEAR


def _jump(page: Page) -> Locator:
    return page.get_by_role("button", name="Jump to latest")


@pytest.mark.parametrize("how", ["wheel", "a little wheel", "PageUp", "touch"])
async def test_an_upward_move_in_fast_code_stays_where_it_went(
    page: Page, fake: Fake, how: str
) -> None:
    await _stream(page, fake)
    await page.mouse.move(700, 400)
    if how == "PageUp":
        await page.get_by_role("log").focus()
        await page.keyboard.press("PageUp")
    elif how == "touch":
        await page.evaluate(FINGER)
    else:
        await page.mouse.wheel(0, -8 if how == "a little wheel" else -120)
    await _more(page)
    await expect(_jump(page)).to_be_visible()
    top = await page.evaluate(TOP)
    await _more(page)
    assert await page.evaluate(TOP) == top
    await fake.order(release=0)
    await expect(last_message(page).locator(".stats")).not_to_be_empty()
    assert await page.evaluate(TOP) == top  # nor at its end


async def test_who_jumps_to_the_latest_follows_again(page: Page, fake: Fake) -> None:
    await _stream(page, fake)
    await page.mouse.move(700, 400)
    for _ in range(3):
        await page.mouse.wheel(0, -60)
    await _jump(page).click()
    await _more(page)
    assert await page.evaluate(LEFT) <= NEAR
    await expect(_jump(page)).to_be_hidden()
    await fake.order(release=0)
    await expect(last_message(page).locator(".stats")).not_to_be_empty()
    assert await page.evaluate(LEFT) <= NEAR


async def test_a_wheel_that_is_turned_all_the_time_is_never_fought(page: Page, fake: Fake) -> None:
    await _stream(page, fake)
    await page.mouse.move(700, 400)
    tops = []
    for _ in range(12):
        await page.mouse.wheel(0, -30)
        await _more(page, 5)
        tops.append(await page.evaluate(TOP))
    assert tops == sorted(tops, reverse=True)
    await fake.order(release=0)


async def test_the_view_can_stay_at_the_start_of_an_answer(page: Page, fake: Fake) -> None:
    await page.evaluate("localStorage.setItem('llmchat.answer-start', 'on')")
    await page.reload()
    await ask_and_wait(page, "hello")
    await fake.order(mode="code")
    await ask(page, "Write much code")
    await _more(page, 80)
    question = page.locator("user-message").last
    thread = await page.locator("chat-thread").bounding_box()
    place = await question.bounding_box()
    assert thread is not None
    assert place is not None
    assert 0 <= place["y"] - thread["y"] < 2 * NEAR
    top = await page.evaluate(TOP)
    await _more(page)
    assert await page.evaluate(TOP) == top
    await page.mouse.move(700, 400)
    await page.mouse.wheel(0, 200)
    await _more(page)
    assert await page.evaluate(TOP) > top  # who reads on is not pulled back
    await _jump(page).click()
    await _more(page)
    assert await page.evaluate(LEFT) <= NEAR
    await fake.order(release=0)
