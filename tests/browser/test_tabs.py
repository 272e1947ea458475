"""Several tabs, hidden tabs, and requests that are slow or fail: nobody is left without a word."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import BrowserContext, Page, Request, Route, expect

from tests.browser.conftest import Fake, Server, Watched
from tests.browser.side import delete_chat
from tests.browser.steps import answer, ask, ask_and_wait, composer, last_message

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = "piece 0 piece 1 piece 2 piece 3 piece 4"


async def _streaming(page: Page, fake: Fake) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")


@asynccontextmanager
async def _held(page: Page, address: str) -> AsyncIterator[Callable[[], None]]:
    """Requests of the page to that address wait until what this gives is called."""
    free = asyncio.Event()

    async def hold(route: Route) -> None:
        await free.wait()
        await route.continue_()

    await page.route(address, hold)
    yield free.set
    free.set()
    await page.unroute_all(behavior="wait")


async def test_a_button_pressed_before_the_page_has_started_is_not_lost(
    page: Page, server: Server
) -> None:
    async with _held(page, "**/js/elements/chat-app.js") as free:
        await page.goto(server.url, wait_until="commit")
        button = page.get_by_role("button", name="Temporary chat")
        await expect(button).to_be_visible()
        assert await button.evaluate("(one) => getComputedStyle(one).pointerEvents") == "none"
        free()
        await button.click()
        await expect(page.locator(".composer-hint")).to_contain_text("stored nowhere")


async def test_a_chat_deleted_in_another_tab_leaves_a_page_that_works(
    page: Page, context: BrowserContext
) -> None:
    await ask_and_wait(page, "about cats")
    second = await context.new_page()
    await second.goto(page.url)
    await composer(second).fill("half a thou")
    await delete_chat(page, "about cats")
    await expect(second.get_by_role("heading", name="What can I help with?")).to_be_visible()
    await expect(composer(second)).to_have_value("half a thou")
    assert "#" not in second.url
    await composer(second).press("Enter")
    await expect(answer(second)).to_have_text("half a thou")


async def test_a_question_appears_in_another_tab_when_it_is_accepted(
    page: Page, context: BrowserContext, fake: Fake
) -> None:
    await ask_and_wait(page, "first")
    second = await context.new_page()
    await second.goto(page.url)
    await expect(answer(second)).to_have_text("first")
    await fake.order(mode="gate")
    async with _held(page, "**/chat") as free:
        await ask(page, "second")
        await expect(page.get_by_role("article", name="Your message")).to_have_count(2)
        await expect(second.get_by_role("article", name="Your message")).to_have_count(1)
        free()
        for tab in (page, second):
            await expect(answer(tab)).to_have_text("piece 0")
    await expect(second.get_by_role("article", name="Your message").last).to_have_text("second")
    assert (await fake.told())["posts"] == 2


async def test_a_chosen_model_is_asked_before_the_list_of_models_has_come(
    page: Page, fake: Fake
) -> None:
    await page.evaluate("localStorage.setItem('llmchat.model', 'known-1000')")
    async with _held(page, "**/models"):
        await page.reload()
        await ask_and_wait(page, "hello")
    assert (await fake.told())["requests"][-1]["body"]["model"] == "known-1000"


async def test_a_chosen_model_that_is_gone_is_told(page: Page) -> None:
    await page.evaluate("localStorage.setItem('llmchat.model', 'gone')")
    await page.reload()
    notice = page.locator(".notice")
    await expect(notice).to_have_text("gone is not there any more; echo answers.")


async def test_a_tab_that_is_opened_hidden_has_no_stream_until_it_is_shown(
    page: Page, context: BrowserContext, fake: Fake
) -> None:
    await _streaming(page, fake)
    second = await context.new_page()
    streams: list[str] = []
    second.on("request", lambda one: streams.append(one.url) if "/stream/" in one.url else None)
    await second.add_init_script(
        "Object.defineProperty(document, 'hidden', { value: true, configurable: true })"
    )
    await second.goto(page.url)
    await expect(second.get_by_role("button", name="Stop")).to_be_visible()
    assert streams == []
    await second.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { value: false })
          document.dispatchEvent(new Event("visibilitychange"))
        }"""
    )
    await fake.order(release=0)
    await expect(answer(second)).to_have_text(WHOLE)


async def test_a_browser_holds_three_streams_and_other_tabs_ask_instead(
    page: Page, context: BrowserContext, fake: Fake, watched: Watched
) -> None:
    await _streaming(page, fake)
    tabs = [page]
    for _ in range(4):
        tabs.append(await context.new_page())
        await tabs[-1].goto(page.url)
        await expect(answer(tabs[-1])).to_have_text("piece 0")
    async with tabs[-1].expect_request(_asks_for_events):
        assert len([url for url in watched.requests if "/stream/" in url]) == 3
    await fake.order(release=0)
    for tab in tabs:
        await expect(answer(tab)).to_have_text(WHOLE)


def _asks_for_events(request: Request) -> bool:
    return "/api/jobs/" in request.url


async def test_a_stop_is_tried_again_until_it_gets_through(
    page: Page, fake: Fake, watched: Watched
) -> None:
    await _streaming(page, fake)
    await page.route("**/chat/*", _lose)
    async with page.expect_event("requestfailed"):
        await page.get_by_role("button", name="Stop").click()
    await page.unroute("**/chat/*")
    await expect(last_message(page)).to_contain_text("Stopped.")
    await fake.until_closed()
    watched.console.clear()  # the browser tells of the request that failed


async def _lose(route: Route) -> None:
    await route.abort()


async def test_a_stop_before_the_question_is_accepted_stops_its_answer(
    page: Page, fake: Fake
) -> None:
    await fake.order(mode="gate")
    async with _held(page, "**/chat") as free:
        await ask(page, "Count for me")
        await page.get_by_role("button", name="Stop").click()
        async with page.expect_response(lambda one: one.request.method == "DELETE") as stopped:
            free()
        assert (await stopped.value).ok
    await expect(last_message(page)).to_contain_text("Stopped.")


async def test_an_answer_elsewhere_is_told_by_the_server_and_not_asked_for(
    page: Page, fake: Fake, watched: Watched
) -> None:
    await _streaming(page, fake)
    await page.get_by_role("button", name="New chat").click()
    running = page.get_by_role("img", name="being answered")
    await expect(running).to_be_visible()
    watched.requests.clear()
    await fake.order(release=0)
    await expect(running).to_be_hidden()
    assert [url for url in watched.requests if "/api/jobs" in url or "/stream/" in url] == []
