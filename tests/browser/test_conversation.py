"""Asking, watching, stopping, and asking again."""

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Fake
from tests.browser.steps import answer, ask, ask_and_wait, composer, last_message

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_answer_streams_in_while_it_is_written(page: Page, fake: Fake) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await fake.order(release=1)
    await expect(answer(page)).to_have_text("piece 0 piece 1")
    await fake.order(release=0)
    await expect(answer(page)).to_have_text("piece 0 piece 1 piece 2 piece 3 piece 4")
    await expect(last_message(page).locator(".stats")).to_contain_text("34 tokens")
    await expect(page.get_by_role("status")).to_have_text("The answer is complete")


async def test_a_question_gets_a_status_line_at_once(page: Page, fake: Fake) -> None:
    await fake.order(mode="silent")
    await expect(composer(page)).to_be_visible()
    shown = await page.evaluate(
        """() => {
          const box = document.querySelector("textarea")
          box.value = "Are you there?"
          box.dispatchEvent(new InputEvent("input"))
          box.form.requestSubmit()
          return document.querySelector(".waiting")?.textContent
        }"""
    )
    assert shown == "Sending"
    await expect(page.locator(".waiting")).to_contain_text("Waiting for echo")
    await expect(page.locator(".waiting")).to_contain_text("2 s")
    await fake.order(release=0)
    await expect(answer(page)).to_have_text("after the silence")
    await expect(page.locator(".waiting")).to_be_hidden()


async def test_a_question_is_shown_as_it_was_typed(page: Page) -> None:
    question = "two\n  lines *and* <b>markup</b>"
    await ask_and_wait(page, question)
    assert await page.get_by_role("article", name="Your message").inner_text() == question


async def test_the_model_is_sent_the_whole_conversation(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "first")
    await ask_and_wait(page, "second")
    sent = (await fake.told())["requests"][-1]["body"]["messages"]
    assert [(one["role"], one["content"]) for one in sent] == [
        ("user", "first"),
        ("assistant", "first"),
        ("user", "second"),
    ]


async def test_stop_keeps_what_was_seen_and_ends_the_request(page: Page, fake: Fake) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await page.get_by_role("button", name="Stop").click()
    await expect(last_message(page)).to_contain_text("Stopped.")
    await expect(answer(page)).to_have_text("piece 0")
    await fake.until_closed()


async def test_escape_stops(page: Page, fake: Fake) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await page.keyboard.press("Escape")
    await expect(last_message(page)).to_contain_text("Stopped.")


async def test_a_stop_before_the_first_word_works_too(page: Page, fake: Fake) -> None:
    await fake.order(mode="silent")
    await ask(page, "Are you there?")
    await page.get_by_role("button", name="Stop").click()
    await expect(last_message(page)).to_contain_text("Stopped.")
    await fake.order(mode="echo")
    await page.get_by_role("button", name="Answer again").click()
    await expect(answer(page)).to_have_text("Are you there?")


async def test_a_failure_says_what_happened_and_can_be_tried_again(page: Page, fake: Fake) -> None:
    await fake.order(mode="status-401")
    await ask(page, "hello")
    problem = last_message(page).locator(".problem")
    await expect(problem).to_contain_text("key")
    await expect(page.get_by_role("alert")).not_to_be_empty()
    await fake.order(mode="echo")
    await problem.get_by_role("button", name="Try again").click()
    await expect(answer(page)).to_have_text("hello")
    await expect(problem).to_be_hidden()


async def test_a_try_that_gave_nothing_is_no_version_to_go_back_to(page: Page, fake: Fake) -> None:
    await fake.order(mode="status-401")
    await ask(page, "hello")
    await last_message(page).get_by_role("button", name="Try again").click()
    await expect(last_message(page).locator(".problem")).to_be_visible()
    await fake.order(mode="echo")
    await last_message(page).get_by_role("button", name="Try again").click()
    for _ in ("at once", "after a reload"):
        await expect(answer(page)).to_have_text("hello")
        await expect(last_message(page).locator("footer")).not_to_be_empty()
        await expect(page.locator(".pager")).to_have_count(0)
        await page.reload()


async def test_an_end_that_the_server_tells_before_the_stream_does_is_announced(
    page: Page, fake: Fake
) -> None:
    free = asyncio.Event()

    async def hold(route: Route) -> None:
        await free.wait()
        await route.continue_()

    await page.route("**/stream/*", hold)
    await fake.order(mode="status-401")
    await ask(page, "hello")
    await expect(page.get_by_role("alert")).to_contain_text("key")
    await fake.order(mode="echo")
    await ask(page, "and now")
    await expect(answer(page)).to_contain_text("and now")
    await expect(page.locator(".announcer-status")).to_have_text("The answer is complete")
    free.set()
    await page.unroute_all(behavior="ignoreErrors")


async def test_text_that_came_before_a_failure_stays(page: Page, fake: Fake) -> None:
    await fake.order(mode="truncated")
    await ask(page, "hello")
    await expect(last_message(page).get_by_role("button", name="Try again")).to_be_visible()
    await expect(answer(page)).to_have_text("Some text ä漢🙂.")


async def test_an_answer_given_again_does_not_lose_the_first(page: Page, fake: Fake) -> None:
    await fake.order(mode="markdown", text="the first")
    await ask_and_wait(page, "hello")
    await fake.order(text="the second")
    await page.get_by_role("button", name="Answer again").click()
    await expect(answer(page)).to_have_text("the second")
    await page.get_by_role("button", name="Earlier answer").click()
    await expect(answer(page)).to_have_text("the first")
    await page.get_by_role("button", name="Later answer").click()
    await expect(answer(page)).to_have_text("the second")


async def test_thoughts_are_folded_away_once_the_answer_begins(page: Page, fake: Fake) -> None:
    await fake.order(mode="reasoning")
    await ask_and_wait(page, "2 + 2?")
    await expect(answer(page)).to_have_text("The answer is 4.")
    thoughts = last_message(page).get_by_role("group")
    await expect(thoughts.locator("summary")).to_have_text("Thought")
    await expect(thoughts.locator(".prose")).to_be_hidden()
    await thoughts.locator("summary").click()
    await expect(thoughts.locator(".prose")).to_have_text("Let me think.")


async def test_typing_goes_on_while_an_answer_is_written(page: Page, fake: Fake) -> None:
    await fake.order(mode="gate")
    await ask(page, "first")
    await expect(answer(page)).to_have_text("piece 0")
    await composer(page).press_sequentially("second")
    await fake.order(release=0)
    await expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    await expect(composer(page)).to_have_value("second")
    await expect(composer(page)).to_be_focused()
    await composer(page).press("Enter")
    await expect(page.get_by_role("article", name="Your message")).to_have_count(2)


async def test_a_line_break_and_an_input_method_do_not_send(page: Page, fake: Fake) -> None:
    await composer(page).press_sequentially("one")
    await composer(page).press("Shift+Enter")
    for init in ({"isComposing": True}, {"keyCode": 229}):
        event = {"key": "Enter", "bubbles": True, "cancelable": True, **init}
        await composer(page).dispatch_event("keydown", event)
    await composer(page).press_sequentially("two")
    await expect(composer(page)).to_have_value("one\ntwo")
    assert (await fake.told())["posts"] == 0


async def test_a_draft_survives_a_reload(page: Page) -> None:
    await composer(page).fill("half a thou")
    await page.reload()
    await expect(composer(page)).to_have_value("half a thou")
