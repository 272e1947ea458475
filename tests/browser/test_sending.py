"""A question is asked once, whatever happens while it is sent; drafts and addresses ask nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Fake, Server, Watched
from tests.browser.steps import answer, ask, ask_and_wait, composer, last_message, stored

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def _held(page: Page) -> AsyncIterator[Callable[[], None]]:
    """Questions that the page sends wait until what this gives is called."""
    free = asyncio.Event()

    async def hold(route: Route) -> None:
        await free.wait()
        await route.continue_()

    await page.route("**/chat", hold)
    yield free.set
    free.set()
    await page.unroute_all(behavior="ignoreErrors")


async def test_enter_pressed_five_times_is_one_message(page: Page, fake: Fake) -> None:
    await composer(page).fill("hello")
    await composer(page).evaluate(
        """(box) => {
          const enter = { key: "Enter", bubbles: true, cancelable: true }
          for (let i = 0; i < 5; i++) box.dispatchEvent(new KeyboardEvent("keydown", enter))
        }"""
    )
    await expect(answer(page)).to_have_text("hello")
    await expect(page.get_by_role("article", name="Your message")).to_have_count(1)
    assert (await fake.told())["posts"] == 1
    assert (await stored(page))["count"] == 2


async def test_a_reload_while_a_first_question_is_sent_asks_it_once(page: Page, fake: Fake) -> None:
    async with _held(page):
        await ask(page, "hello")
        await expect(page.get_by_role("article", name="Your message")).to_have_text("hello")
        await page.reload()
        await expect(page.get_by_role("article", name="Your message")).to_have_text("hello")
    await expect(answer(page)).to_have_text("hello")
    await expect(composer(page)).to_have_value("")
    await expect(page.get_by_role("article", name="Your message")).to_have_count(1)
    assert (await stored(page))["count"] == 2
    assert (await fake.told())["posts"] == 1


async def test_a_question_whose_reply_was_lost_with_a_reload_is_not_asked_twice(
    page: Page, fake: Fake
) -> None:
    await ask_and_wait(page, "first")

    async def swallow(route: Route) -> None:
        await route.fetch()  # the server has it, and the page never hears of it

    await page.route("**/chat", swallow)
    async with page.expect_request("**/chat"):
        await ask(page, "second")
    await fake.told(asked=2)
    await page.unroute_all(behavior="ignoreErrors")
    await page.reload()
    await expect(answer(page)).to_have_text("second")
    await expect(page.get_by_role("article", name="Your message")).to_have_count(2)
    await expect(composer(page)).to_have_value("")
    assert (await stored(page))["count"] == 4
    assert (await fake.told())["posts"] == 2


async def test_a_question_is_sent_without_what_was_said_before(page: Page) -> None:
    await ask_and_wait(page, "a long one " * 3000)
    async with page.expect_request("**/chat") as told:
        await ask_and_wait(page, "and now?")
    assert len((await told.value).post_data or "") < 1000
    assert (await stored(page))["count"] == 4


async def test_each_chat_has_its_draft_also_after_a_reload(page: Page) -> None:
    await ask_and_wait(page, "about cats")
    await composer(page).fill("more about cats")
    await page.get_by_role("button", name="New chat").click()
    await expect(composer(page)).to_have_value("")
    await composer(page).fill("about dogs")
    await page.reload()
    await expect(composer(page)).to_have_value("about dogs")
    await page.get_by_role("link", name="about cats").click()
    await expect(composer(page)).to_have_value("more about cats")


async def test_what_is_typed_while_a_first_question_is_sent_stays(page: Page) -> None:
    async with _held(page) as free:
        await ask(page, "first")
        await composer(page).fill("and then")
        free()
        await expect(answer(page)).to_have_text("first")
        await expect(composer(page)).to_have_value("and then")
        await page.reload()
        await expect(composer(page)).to_have_value("and then")


async def test_a_question_that_was_refused_can_be_sent_again_or_typed_anew(
    page: Page, fake: Fake, watched: Watched
) -> None:
    async def refuse(route: Route) -> None:
        problem = {"code": "too-large", "detail": "That is too much.", "status": 413}
        await route.fulfill(status=413, json=problem, content_type="application/problem+json")

    await page.route("**/chat", refuse)
    await ask(page, "hello")
    problem = last_message(page).locator(".problem")
    await expect(problem).to_contain_text("That is too much.")
    await page.unroute_all()
    await page.reload()
    await expect(composer(page)).to_have_value("hello")
    await page.route("**/chat", refuse)
    await composer(page).press("Enter")
    await expect(problem).to_be_visible()
    await page.unroute_all()
    await problem.get_by_role("button", name="Try again").click()
    await expect(answer(page)).to_have_text("hello")
    await expect(page.locator(".pager")).to_have_count(0)
    assert (await fake.told())["posts"] == 1
    watched.console.clear()


async def test_an_address_fills_the_composer_and_sends_nothing(
    page: Page, fake: Fake, server: Server
) -> None:
    await page.goto(f"{server.url}?q=What+is+tea%3F&model=known-1000&utm=x")
    await expect(composer(page)).to_have_value("What is tea?")
    await expect(page.locator(".model-name")).to_have_text("known-1000")
    assert page.url == f"{server.url}?utm=x"
    assert (await fake.told())["posts"] == 0
    await composer(page).press("Enter")
    await expect(answer(page)).not_to_be_empty()
    assert (await fake.told())["requests"][-1]["body"]["model"] == "known-1000"
    await page.goto(server.url)
    await expect(page.locator(".model-name")).to_have_text("echo")


async def test_the_instructions_of_an_address_are_those_of_the_chat_that_is_begun(
    page: Page, fake: Fake, server: Server
) -> None:
    await page.goto(f"{server.url}?system=Be+brief.")
    await ask_and_wait(page, "hello")
    await page.reload()
    await ask_and_wait(page, "and now?")
    for asked in (await fake.told(asked=2))["requests"]:
        assert asked["body"]["messages"][0] == {"role": "system", "content": "Be brief."}
    assert (await stored(page))["settings"] == {"system": "Be brief."}
    await page.get_by_role("button", name="New chat").click()
    await ask_and_wait(page, "hello again")
    last = (await fake.told())["requests"][-1]
    assert last["body"]["messages"] == [{"role": "user", "content": "hello again"}]


async def test_a_temporary_chat_is_kept_nowhere(page: Page, fake: Fake) -> None:
    await page.get_by_role("button", name="Temporary chat").click()
    await expect(page.locator(".composer-hint")).to_contain_text("stored nowhere")
    await ask_and_wait(page, "a secret")
    await ask_and_wait(page, "and another")
    await last_message(page).get_by_role("button", name="Answer again").click()
    await expect(last_message(page).locator(".pager")).to_contain_text("2/2")
    messages = (await fake.told())["requests"][-1]["body"]["messages"]
    assert [one["content"] for one in messages] == ["a secret", "a secret", "and another"]
    await expect(page.get_by_role("link", name="a secret")).to_have_count(0)
    await composer(page).fill("half a secret")
    assert await page.evaluate("JSON.stringify([localStorage, sessionStorage])") == "[{},{}]"
    await page.reload()
    await expect(page.get_by_role("heading", name="What can I help with?")).to_be_visible()
    await expect(composer(page)).to_have_value("")
    listed = await page.request.get(f"{page.url}api/conversations")
    assert (await listed.json())["items"] == []


async def test_an_address_opens_a_temporary_chat(page: Page, server: Server) -> None:
    await page.goto(f"{server.url}?temporary=1")
    button = page.get_by_role("button", name="Temporary chat")
    await expect(button).to_have_attribute("aria-pressed", "true")
    assert page.url == server.url
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "false")
    await ask_and_wait(page, "hello")
    await expect(page.get_by_role("link", name="hello")).to_be_visible()
