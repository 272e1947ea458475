"""Nothing that was shown is lost: reload, second tab, lost connection, other chats."""

import math
import re
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import Fake, Server, Watched, run_server
from tests.browser.side import delete_chat
from tests.browser.steps import answer, ask, ask_and_wait, composer, last_message, stored_answers

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = "piece 0 piece 1 piece 2 piece 3 piece 4"


async def _now(page: Page) -> float:
    now: float = await page.evaluate("performance.now()")
    return now


async def test_a_reload_goes_on_where_it_was(page: Page, fake: Fake) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await page.reload()
    await expect(answer(page)).to_have_text("piece 0")
    await fake.order(release=0)
    await expect(answer(page)).to_have_text(WHOLE)
    await expect(last_message(page).locator(".stats")).not_to_be_empty()
    assert (await fake.told())["posts"] == 1


async def test_a_finished_chat_is_there_after_a_reload(page: Page) -> None:
    await ask_and_wait(page, "**remember** me")
    await page.reload()
    await expect(answer(page).locator("strong")).to_have_text("remember")


async def test_how_long_it_was_thought_is_the_same_after_a_reload(page: Page, fake: Fake) -> None:
    await fake.order(mode="thinking")
    await ask(page, "Think")
    thoughts = page.locator("thought-block summary")
    await expect(thoughts).to_have_text("Thinking")
    await page.wait_for_function("since => performance.now() - since > 1_200", arg=await _now(page))
    await fake.order(release=1)
    await expect(last_message(page).locator(".stats")).not_to_be_empty()
    await expect(thoughts).to_have_text(re.compile("Thought for [0-9]+ s"))
    [stored] = await stored_answers(page)
    seconds = f"Thought for {math.floor(stored['timings']['thinking_seconds'] + 0.5)} s"
    await expect(thoughts).to_have_text(seconds)
    await page.reload()
    await expect(thoughts).to_have_text(seconds)


async def test_a_second_tab_follows_and_sees_the_stop(
    page: Page, context: BrowserContext, fake: Fake
) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    second = await context.new_page()
    await second.goto(page.url)
    await expect(answer(second)).to_have_text("piece 0")
    await fake.order(release=1)
    await expect(answer(second)).to_have_text("piece 0 piece 1")
    await second.get_by_role("button", name="Stop").click()
    for tab in (page, second):
        await expect(last_message(tab)).to_contain_text("Stopped.")
        await expect(answer(tab)).to_have_text("piece 0 piece 1")


async def test_a_question_in_one_tab_appears_in_another(
    page: Page, context: BrowserContext, fake: Fake
) -> None:
    await ask_and_wait(page, "first")
    second = await context.new_page()
    await second.goto(page.url)
    await expect(answer(second)).to_have_text("first")
    await fake.order(mode="gate")
    await ask(page, "second")
    await expect(answer(second)).to_have_text("piece 0")
    await fake.order(release=0)
    await expect(answer(second)).to_have_text(WHOLE)


async def test_closing_the_tab_does_not_stop_the_answer(
    page: Page, context: BrowserContext, fake: Fake
) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    second = await context.new_page()
    await page.close()
    await fake.order(release=0)
    await second.goto(page.url)
    await expect(answer(second)).to_have_text(WHOLE)


async def test_an_answer_goes_on_while_another_chat_is_in_view(page: Page, fake: Fake) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await page.get_by_role("button", name="New chat").click()
    await expect(page.get_by_role("heading", name="What can I help with?")).to_be_visible()
    await expect(page.get_by_role("img", name="being answered")).to_be_visible()
    await fake.order(release=0)
    await expect(page.get_by_role("img", name="being answered")).to_be_hidden(timeout=10_000)
    await page.get_by_role("link", name="Count for me").click()
    await expect(answer(page)).to_have_text(WHOLE)


async def test_chats_are_listed_opened_and_reached_by_back(page: Page) -> None:
    await ask_and_wait(page, "about cats")
    await page.get_by_role("button", name="New chat").click()
    await ask_and_wait(page, "about dogs")
    await page.get_by_role("link", name="about cats").click()
    await expect(answer(page)).to_have_text("about cats")
    await expect(page.get_by_role("link", name="about cats")).to_have_attribute(
        "aria-current", "page"
    )
    await page.go_back()
    await expect(answer(page)).to_have_text("about dogs")


async def test_a_deleted_chat_can_be_taken_back(page: Page) -> None:
    await ask_and_wait(page, "about cats")
    chat = page.get_by_role("link", name="about cats")
    await delete_chat(page, "about cats")
    await expect(chat).to_be_hidden()
    await expect(page.get_by_role("heading", name="What can I help with?")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await chat.click()
    await expect(answer(page)).to_have_text("about cats")


async def test_deleting_a_chat_stops_its_answer(page: Page, fake: Fake) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await delete_chat(page, "Count for me")
    await page.get_by_role("button", name="Undo").click()
    await page.get_by_role("link", name="Count for me").click()
    await expect(last_message(page)).to_contain_text("Stopped.")
    await fake.until_closed()


async def test_a_lost_connection_is_told_and_the_text_goes_on_byte_for_byte(
    page: Page, context: BrowserContext, fake: Fake, watched: Watched
) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await context.set_offline(True)
    # An open stream outlives Chromium's switch: a reader that comes back meets the loss at once.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await context.set_offline(False)
    await fake.order(release=0)
    await expect(answer(page)).to_have_text(WHOLE)
    watched.console.clear()  # the browser tells of the requests that failed


async def test_a_server_that_dies_is_told_and_what_was_shown_stays(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    await fake.order(mode="gate")
    async with run_server(tmp_path, provider=fake.url) as server:
        page = await context.new_page()
        await page.goto(server.url)
        await ask(page, "Count for me")
        await expect(answer(page)).to_have_text("piece 0")
        await server.kill()
        await expect(last_message(page)).to_contain_text("Reconnecting")
        await expect(answer(page)).to_have_text("piece 0")
    async with run_server(tmp_path, provider=fake.url, port=server.port):
        await expect(last_message(page).locator(".problem")).to_contain_text("was stopped")
        await expect(answer(page)).to_have_text("piece 0")
        await fake.order(mode="echo")
        await last_message(page).get_by_role("button", name="Try again").click()
        await expect(answer(page)).to_have_text("Count for me")
        await page.get_by_role("button", name="Earlier answer").click()
        await expect(answer(page)).to_have_text("piece 0")


async def test_asking_a_server_that_is_gone_fails_with_advice(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    async with run_server(tmp_path, provider=fake.url) as server:
        page = await context.new_page()
        await page.goto(server.url)
        await expect(page.locator(".model-name")).to_have_text("echo")
        await server.kill()
        await ask(page, "hello?")
        await expect(last_message(page).locator(".problem")).to_contain_text("does not answer")


async def test_the_embedded_model_answers_without_a_provider(
    context: BrowserContext, libraries: Path, tmp_path: Path
) -> None:
    async with run_server(tmp_path) as server:
        page = await context.new_page()
        await page.goto(server.url)
        await expect(page.locator(".model-name")).to_contain_text("SmolLM2")
        await expect(page.locator(".welcome-model")).to_contain_text("tiny and often wrong")
        await ask(page, "Say hello.")
        await expect(answer(page)).not_to_be_empty()
        await composer(page).press("Escape")
        await expect(last_message(page).locator("footer")).not_to_be_empty()


async def test_a_stream_is_closed_while_the_tab_is_hidden_and_resumed_when_shown(
    page: Page, fake: Fake, server: Server
) -> None:
    await page.clock.install()
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    hide = """(hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true })
      document.dispatchEvent(new Event("visibilitychange"))
    }"""
    await page.evaluate(hide, True)
    await page.clock.run_for(11_000)
    await fake.order(release=0)
    async with page.expect_request(lambda request: "/api/jobs/" in request.url):
        await page.evaluate(hide, False)
    await page.clock.run_for(1_000)
    await expect(answer(page)).to_have_text(WHOLE)
