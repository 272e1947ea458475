"""An answer that was cut is continued in its place, and loses nothing whatever happens then."""

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Fake, Server, Watched
from tests.browser.steps import answer, ask, composer, last_message, stored_answers
from tests.fake_modes import TEXT

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = "piece 0 piece 1 piece 2 piece 3 piece 4 "
COPIED = "navigator.clipboard.readText()"


def _continue(page: Page) -> Locator:
    return page.get_by_role("button", name="Continue", exact=True)


async def _stop_after_two(page: Page, fake: Fake) -> None:
    """`piece 0 piece 1` is there, and nothing is written any more."""
    await fake.order(mode="resume", release=1)
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0 piece 1")
    await page.get_by_role("button", name="Stop").click()
    await expect(last_message(page)).to_contain_text("Stopped.")


async def _go_on(page: Page) -> None:
    """Continued, but nothing more has come yet."""
    await _continue(page).click()
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    await expect(page.locator(".waiting")).to_contain_text("Waiting for echo")


async def test_a_stopped_answer_is_continued_in_its_place(page: Page, fake: Fake) -> None:
    await _stop_after_two(page, fake)
    await _go_on(page)
    await expect(answer(page)).to_have_text("piece 0 piece 1")
    await fake.order(release=0)
    await expect(answer(page)).to_have_text(WHOLE.strip())
    await expect(page.get_by_role("article", name="Answer")).to_have_count(1)
    await expect(last_message(page).locator(".stats")).to_contain_text("continued")
    await expect(last_message(page)).not_to_contain_text("Stopped.")
    await expect(_continue(page)).to_have_count(0)
    await expect(composer(page)).to_be_focused()


async def test_only_the_text_is_sent_as_the_answer_to_continue(page: Page, fake: Fake) -> None:
    await fake.order(mode="reasoning")
    await ask(page, "2 + 2?")
    await expect(last_message(page).locator("footer")).not_to_be_empty()
    await fake.order(mode="truncated")
    await ask(page, "And 3 + 3?")
    await _continue(page).click()
    messages = (await fake.told(asked=3))["requests"][-1]["body"]["messages"]
    assert [(one["role"], one["content"]) for one in messages[:4]] == [
        ("user", "2 + 2?"),
        ("assistant", "The answer is 4."),
        ("user", "And 3 + 3?"),
        ("assistant", TEXT),
    ]


async def test_an_answer_at_its_length_limit_offers_to_be_continued(page: Page, fake: Fake) -> None:
    await fake.order(mode="finish-length")
    await ask(page, "hello")
    note = last_message(page).locator(".note")
    await expect(note).to_contain_text("Cut at the length limit")
    await fake.order(mode="markdown", text=" And its end.")
    await note.get_by_role("button", name="Continue").click()
    await expect(answer(page)).to_have_text(f"{TEXT} And its end.")
    await expect(note).to_be_hidden()


@pytest.mark.parametrize("mode", ["truncated", "cut", "error-object", "bad-json"])
async def test_an_answer_that_broke_off_offers_to_be_continued_beside_a_new_try(
    page: Page, fake: Fake, mode: str
) -> None:
    await fake.order(mode=mode)
    await ask(page, "hello")
    problem = last_message(page).locator(".problem")
    await expect(problem.get_by_role("button", name="Try again")).to_be_visible()
    await fake.order(mode="markdown", text=" And its end.")
    await problem.get_by_role("button", name="Continue").click()
    await expect(answer(page)).to_have_text(f"{TEXT} And its end.")
    await expect(problem).to_be_hidden()


async def test_a_continuation_that_fails_at_once_keeps_the_text_and_can_be_tried_again(
    page: Page, fake: Fake
) -> None:
    await _stop_after_two(page, fake)
    await fake.order(mode="status-401")
    for count in (2, 3):
        await _continue(page).click()
        await fake.told(asked=count)
        await expect(last_message(page).locator(".problem")).to_be_visible()
        await expect(last_message(page).locator(".problem")).to_contain_text("key")
        await expect(answer(page)).to_have_text("piece 0 piece 1")
    await page.reload()
    await expect(answer(page)).to_have_text("piece 0 piece 1")
    await fake.order(mode="resume", release=0)
    await _continue(page).click()
    await expect(answer(page)).to_have_text(WHOLE.strip())


async def test_a_reload_in_the_middle_of_a_continuation_goes_on_where_it_was(
    page: Page, fake: Fake
) -> None:
    await _stop_after_two(page, fake)
    await _go_on(page)
    await page.reload()
    await expect(answer(page)).to_have_text("piece 0 piece 1")
    await fake.order(release=1)
    await expect(answer(page)).to_have_text("piece 0 piece 1 piece 2")
    await page.reload()
    await expect(answer(page)).to_have_text("piece 0 piece 1 piece 2")
    await fake.order(release=0)
    await expect(answer(page)).to_have_text(WHOLE.strip())
    assert (await fake.told())["posts"] == 2


async def test_a_second_tab_follows_a_continuation_and_stops_it(
    page: Page, context: BrowserContext, fake: Fake
) -> None:
    await _stop_after_two(page, fake)
    second = await context.new_page()
    await second.goto(page.url)
    await expect(answer(second)).to_have_text("piece 0 piece 1")
    await _go_on(page)
    await fake.order(release=1)
    for tab in (page, second):
        await expect(answer(tab)).to_have_text("piece 0 piece 1 piece 2")
    await second.get_by_role("button", name="Stop").click()
    for tab in (page, second):
        await expect(last_message(tab)).to_contain_text("Stopped.")
        await expect(answer(tab)).to_have_text("piece 0 piece 1 piece 2")
    await fake.until_closed()


async def test_a_stop_that_names_an_earlier_event_cuts_the_continuation_and_no_more(
    page: Page, fake: Fake, server: Server
) -> None:
    await _stop_after_two(page, fake)
    await _go_on(page)
    await fake.order(release=1)
    await expect(answer(page)).to_have_text("piece 0 piece 1 piece 2")
    await page.reload()  # from here on, what came after which event is not known
    await expect(answer(page)).to_have_text("piece 0 piece 1 piece 2")
    (kept,) = await stored_answers(page)
    stopped = await page.request.delete(f"{server.url}chat/{kept['job_id']}?seen=1-0")
    assert stopped.ok
    await expect(last_message(page)).to_contain_text("Stopped.")
    await expect(answer(page)).to_have_text("piece 0 piece 1")


async def test_a_stop_before_the_continuation_says_a_word_keeps_everything(
    page: Page, fake: Fake
) -> None:
    await _stop_after_two(page, fake)
    await _go_on(page)
    await page.keyboard.press("Escape")
    await expect(last_message(page)).to_contain_text("Stopped.")
    await expect(answer(page)).to_have_text("piece 0 piece 1")
    await _go_on(page)
    await fake.order(release=0)
    await expect(answer(page)).to_have_text(WHOLE.strip())


async def test_five_clicks_are_one_continuation(page: Page, fake: Fake) -> None:
    await _stop_after_two(page, fake)
    button = await _continue(page).element_handle()
    assert button is not None
    await button.evaluate("(one) => { for (let i = 0; i < 5; i++) one.click() }")
    await fake.order(release=0)
    await expect(answer(page)).to_have_text(WHOLE.strip())
    assert (await fake.told())["posts"] == 2


async def test_a_tab_that_has_not_heard_of_a_continuation_makes_no_second_one(
    page: Page, context: BrowserContext, fake: Fake, watched: Watched
) -> None:
    await _stop_after_two(page, fake)
    second = await context.new_page()
    await second.add_init_script("delete globalThis.BroadcastChannel")
    await second.route("**/api/changes*", lambda route: route.abort())
    await second.goto(page.url)
    await expect(_continue(second)).to_be_visible()
    await _go_on(page)
    async with second.expect_response(lambda one: one.status == 409):
        await _continue(second).click()
    await fake.order(release=0)
    for tab in (page, second):
        await expect(answer(tab)).to_have_text(WHOLE.strip())
    assert (await fake.told())["posts"] == 2
    assert all("409" in one or "ERR_FAILED" in one for one in watched.console)
    watched.console.clear()


async def test_versions_and_copies_are_whole(
    page: Page, context: BrowserContext, fake: Fake
) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await _stop_after_two(page, fake)
    await _go_on(page)
    await fake.order(release=0)
    await expect(answer(page)).to_have_text(WHOLE.strip())
    await fake.order(mode="markdown", text="another one")
    await page.get_by_role("button", name="Answer again").click()
    await expect(answer(page)).to_have_text("another one")
    await page.get_by_role("button", name="Earlier answer").click()
    await expect(answer(page)).to_have_text(WHOLE.strip())
    await expect(_continue(page)).to_have_count(0)
    await page.get_by_role("button", name="Copy answer").click()
    await expect(page.get_by_role("status")).to_have_text("Copied")
    assert await page.evaluate(COPIED) == WHOLE
    await page.get_by_role("button", name="Later answer").click()
    await expect(answer(page)).to_have_text("another one")


async def test_an_answer_that_was_continued_is_known_as_a_whole_by_the_next_question(
    page: Page, fake: Fake
) -> None:
    await _stop_after_two(page, fake)
    await _go_on(page)
    await fake.order(release=0)
    await expect(answer(page)).to_have_text(WHOLE.strip())
    await fake.order(mode="echo")
    await ask(page, "next")
    await expect(answer(page)).to_have_text("next")
    messages = (await fake.told())["requests"][-1]["body"]["messages"]
    assert messages[1] == {"role": "assistant", "content": WHOLE}


async def test_a_continuation_is_stored_while_another_chat_is_in_view(
    page: Page, fake: Fake
) -> None:
    await _stop_after_two(page, fake)
    await _go_on(page)
    await page.get_by_role("button", name="New chat").click()
    await expect(page.get_by_role("img", name="being answered")).to_be_visible()
    await fake.order(release=0)
    await expect(page.get_by_role("img", name="being answered")).to_be_hidden()
    await page.get_by_role("link", name="Count for me").click()
    await expect(answer(page)).to_have_text(WHOLE.strip())
    (kept,) = await stored_answers(page)
    assert kept["content"] == WHOLE


async def test_thoughts_of_a_continuation_do_not_push_the_text_away(page: Page, fake: Fake) -> None:
    await fake.order(mode="truncated")
    await ask(page, "hello")
    await expect(_continue(page)).to_be_visible()
    place = await answer(page).bounding_box()
    await fake.order(mode="reasoning")
    await _continue(page).click()
    await expect(answer(page)).to_have_text(f"{TEXT}The answer is 4.")
    thoughts = last_message(page).get_by_role("group")
    await expect(thoughts.locator("summary")).to_have_text("Thought")
    await expect(thoughts.locator(".prose")).to_be_hidden()
    assert place is not None
