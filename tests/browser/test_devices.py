"""Two browsers on one server: each sees what the other does, and nobody overwrites anything."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Fake, Watched
from tests.browser.steps import answer, ask, ask_and_wait, composer, last_message, stored
from tests.browser.test_tree import choose, edit_question, question, said

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = "piece 0 piece 1 piece 2 piece 3 piece 4"
CONNECTIONS = 6  # of a browser to a server
BYTES = "ä\u0301 漢字 🙂 \u202etest \t  end "


@pytest_asyncio.fixture(loop_scope="session")
async def other(browser: Browser, page: Page) -> AsyncIterator[Page]:
    """The page in a second browser."""
    context = await browser.new_context(viewport={"width": 1280, "height": 860})
    second = await context.new_page()
    await second.goto(page.url)
    yield second
    await context.close()


async def test_a_chat_that_is_begun_in_one_browser_is_listed_and_followed_in_another(
    page: Page, other: Page, fake: Fake
) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await other.get_by_role("link", name="Count for me").click()
    await expect(answer(other)).to_have_text("piece 0")
    await fake.order(release=1)
    for each in (page, other):
        await expect(answer(each)).to_have_text("piece 0 piece 1")
    await other.get_by_role("button", name="Stop").click()
    for each in (page, other):
        await expect(last_message(each)).to_contain_text("Stopped.")
        await expect(answer(each)).to_have_text("piece 0 piece 1")


async def test_every_byte_of_an_answer_is_the_same_everywhere(
    page: Page, other: Page, fake: Fake
) -> None:
    text = "```\n" + BYTES * 200 + "\n```"
    await fake.order(mode="markdown", text=text)
    await ask_and_wait(page, "all of it")
    await other.goto(page.url)
    for each in (page, other):
        await expect(answer(each).locator("code-block code")).to_have_text(BYTES * 200 + "\n")
    assert (await stored(page))["messages"][-1]["content"] == text


async def test_a_branch_that_is_made_or_deleted_elsewhere_is_seen(page: Page, other: Page) -> None:
    await ask_and_wait(page, "about cats")
    await other.goto(page.url)
    await expect(answer(other)).to_have_text("about cats")
    await edit_question(page, 0, "about dogs", "Send")
    await expect(answer(other)).to_have_text("about dogs")
    await expect(question(other).locator(".pager")).to_contain_text("2/2")
    await other.get_by_role("button", name="Earlier message").click()
    await expect(answer(page)).to_have_text("about cats")
    await choose(other, said(other), "Delete")
    await other.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.locator(".answer")).to_have_count(0)
    await expect(page.get_by_role("article", name="Your message")).to_have_text("about cats")


async def test_what_is_typed_in_an_editor_survives_what_comes_from_elsewhere(
    page: Page, other: Page
) -> None:
    await ask_and_wait(page, "about cats")
    await other.goto(page.url)
    await question(other).hover()
    await question(other).get_by_role("button", name="Edit").click()
    await expect(other.get_by_role("textbox", name="Your message")).to_be_focused()
    await other.keyboard.insert_text(" and dogs")
    await edit_question(page, 0, "about mice", "Save")
    await ask_and_wait(page, "go on")
    await expect(answer(other)).to_have_text("go on")
    await expect(other.get_by_role("textbox", name="Your message")).to_have_value(
        "about cats and dogs"
    )
    await other.keyboard.press("Escape")
    await expect(other.get_by_role("article", name="Your message").first).to_have_text("about mice")


async def test_a_page_that_is_behind_is_shown_what_is_new_and_keeps_what_was_typed(
    page: Page, context: BrowserContext, fake: Fake, watched: Watched
) -> None:
    await ask_and_wait(page, "first")
    behind = await context.new_page()
    await behind.add_init_script("delete globalThis.BroadcastChannel")
    await behind.route("**/api/changes*", lambda route: route.abort())
    await behind.goto(page.url)
    await expect(answer(behind)).to_have_text("first")
    await ask_and_wait(page, "second")
    await ask(behind, "mine")
    await expect(behind.locator(".notice")).to_contain_text("went on elsewhere")
    await expect(composer(behind)).to_have_value("mine")
    await expect(behind.get_by_role("article", name="Your message").last).to_have_text("second")
    await expect(answer(behind)).to_have_text("second")
    await composer(behind).press("Enter")
    await expect(answer(behind)).to_have_text("mine")
    assert (await stored(page))["count"] == 6
    assert (await fake.told())["posts"] == 3
    assert all("409" in one or "ERR_FAILED" in one for one in watched.console)
    watched.console.clear()


async def test_more_tabs_than_connections_hold_one_stream_of_changes(
    page: Page, context: BrowserContext, fake: Fake, watched: Watched
) -> None:
    await ask_and_wait(page, "first")
    watched.requests.clear()
    tabs = [await context.new_page() for _ in range(CONNECTIONS + 1)]
    for tab in tabs:
        await tab.goto(page.url)
        await expect(answer(tab)).to_have_text("first")
    assert [url for url in watched.requests if "/api/changes" in url] == []
    await ask_and_wait(page, "second")
    for tab in tabs:
        await expect(answer(tab)).to_have_text("second")


async def test_when_the_tab_that_listens_is_closed_another_one_listens(
    page: Page, context: BrowserContext
) -> None:
    await ask_and_wait(page, "first")
    second, third = await context.new_page(), await context.new_page()
    for tab in (second, third):
        await tab.goto(page.url)
        await expect(answer(tab)).to_have_text("first")
    async with context.expect_event("request", lambda one: "/api/changes" in one.url):
        await page.close()
    await ask_and_wait(second, "second")
    await expect(answer(third)).to_have_text("second")


async def test_without_locks_and_channels_a_tab_listens_by_itself(
    page: Page, context: BrowserContext
) -> None:
    await ask_and_wait(page, "first")
    alone = await context.new_page()
    await alone.add_init_script(
        """delete globalThis.BroadcastChannel
        Object.defineProperty(Navigator.prototype, "locks", { value: undefined })"""
    )
    await alone.goto(page.url)
    await expect(answer(alone)).to_have_text("first")
    await ask_and_wait(page, "second")
    await expect(answer(alone)).to_have_text("second")
