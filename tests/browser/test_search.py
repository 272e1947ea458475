"""Search: what was written somewhere is found, and opened where it stands."""

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Watched
from tests.browser.side import choose
from tests.browser.side_states import chats
from tests.browser.steps import answer, composer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _search(page: Page, text: str) -> None:
    await page.keyboard.press("Control+KeyK")
    await expect(page.get_by_role("combobox", name="Search chats")).to_be_focused()
    await page.keyboard.type(text)


async def test_a_message_of_another_branch_is_opened_on_its_branch(page: Page) -> None:
    await chats(page, "about walruses", "about dogs")
    walruses = page.get_by_role("link", name="about walruses")
    await walruses.click()
    await expect(answer(page)).to_have_text("about walruses")
    question = page.get_by_role("article", name="Your message")
    await question.hover()
    await page.locator("chat-message").first.get_by_role("button", name="Edit").click()
    await page.get_by_role("textbox", name="Your message").fill("about penguins")
    await page.locator("message-editor").get_by_role("button", name="Send", exact=True).click()
    await expect(question).to_have_text("about penguins")
    await page.get_by_role("link", name="about dogs").click()
    await expect(question).to_have_text("about dogs")
    await _search(page, "walruses")
    hit = page.get_by_role("option").filter(has_text="You: about walruses")
    await hit.click()
    await expect(question).to_have_text("about walruses")
    await expect(page.get_by_role("dialog", name="Search")).to_be_hidden()
    await expect(page.locator("article:focus")).to_have_text("about walruses")


async def test_the_arrows_choose_and_enter_opens(page: Page) -> None:
    await chats(page, "about cats", "about dogs")
    await _search(page, "")
    options = page.get_by_role("option")
    await expect(options).to_have_count(2)
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    await expect(options.last).to_have_attribute("aria-selected", "true")
    field = page.get_by_role("combobox", name="Search chats")
    await expect(field).to_have_attribute("aria-activedescendant", "hit-1")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article", name="Your message")).to_have_text("about cats")


async def test_escape_gives_the_focus_back_and_stops_no_answer(page: Page) -> None:
    await chats(page, "about cats")
    await composer(page).focus()
    await _search(page, "cats")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Search")).to_be_hidden()
    await expect(composer(page)).to_be_focused()
    await page.get_by_role("button", name="Search").click()
    await expect(page.get_by_role("combobox", name="Search chats")).to_have_value("cats")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Search")).to_be_focused()


async def test_an_earlier_search_does_not_come_after_a_later_one(
    page: Page, watched: Watched
) -> None:
    await chats(page, "about cats", "about dogs")
    held: list[Route] = []
    came = asyncio.Event()

    async def hold(route: Route) -> None:
        held.append(route)
        came.set()

    await page.route("**/api/search?q=cats*", hold)
    await _search(page, "cats")
    await came.wait()
    await page.get_by_role("combobox", name="Search chats").fill("dogs")
    titles = page.locator(".hit-title")
    await expect(titles.first).to_have_text("about dogs")
    await expect(titles.filter(has_text="cats")).to_have_count(0)
    await held[0].abort()
    await page.unroute_all()
    await expect(titles.filter(has_text="cats")).to_have_count(0)
    watched.console.clear()  # the browser names the request that was given up


async def test_what_is_found_is_text(page: Page) -> None:
    await chats(page, "what is <img src=x onerror=alert(1)> for")
    await _search(page, "onerror")
    await expect(page.locator(".hit-text mark").first).to_have_text("onerror")
    await expect(page.locator(".hit").first).to_contain_text("<img src=x")
    await expect(page.locator("search-dialog img")).to_have_count(0)


async def test_prefixes_are_explained_and_put_in(page: Page) -> None:
    await chats(page, "about cats", "more about cats")
    await choose(page, "about cats", "Archive")
    await _search(page, "cats")
    await expect(page.locator(".hit-badge").first).to_have_text("archived")
    await page.get_by_text("Prefixes").click()
    await expect(page.get_by_text("only archived chats")).to_be_visible()
    await page.get_by_role("button", name="archived:").click()
    field = page.get_by_role("combobox", name="Search chats")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("cats archived:")
    await expect(page.locator(".hit-title").filter(has_text="more about cats")).to_have_count(0)
    await expect(page.locator(".hit-title").first).to_have_text("about cats")


async def test_a_search_that_fails_says_why_and_can_be_tried_again(
    page: Page, watched: Watched
) -> None:
    await chats(page, "about cats")
    await page.route("**/api/search?*", lambda route: route.abort())
    await _search(page, "cats")
    await expect(page.get_by_text("The llmchat server does not answer.")).to_be_visible()
    await page.unroute_all()
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".hit-title").first).to_have_text("about cats")
    watched.console.clear()
