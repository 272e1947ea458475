"""The page in German, chosen by the browser or by hand, and read from the right."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import Fake, Server, Watched
from tests.browser.steps import run_module, violations

pytestmark = pytest.mark.asyncio(loop_scope="session")

OVERFLOWING = """() => [...document.querySelectorAll("html, main, chat-thread, .sidebar *")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1
    && !["hidden", "clip"].includes(getComputedStyle(one).overflowX)
    && getComputedStyle(one).display !== "inline")
  .map((one) => one.outerHTML.slice(0, 80))"""


@pytest_asyncio.fixture(loop_scope="session")
async def german(
    browser: Browser, server: Server, fake: Fake, watched: Watched
) -> AsyncIterator[Page]:
    """The empty page in a browser that wants German, as it is written in Austria."""
    await server.forget_all()
    context = await browser.new_context(
        locale="de-AT",
        viewport={"width": 1280, "height": 860},
        timezone_id="Europe/Vienna",
        reduced_motion="reduce",
    )
    context.on("page", watched.attach)
    page = await context.new_page()
    await page.goto(server.url)
    yield page
    await context.close()
    assert watched.console == []


def _last(page: Page) -> Locator:
    return page.get_by_role("article", name="Antwort").last


async def _ask(page: Page, question: str) -> None:
    await page.get_by_role("textbox", name="Nachricht").fill(question)
    await page.get_by_role("button", name="Senden").click()


async def test_a_chat_is_led_in_german(german: Page, fake: Fake, libraries: Path) -> None:
    await expect(german.locator("html")).to_have_attribute("lang", "de")
    await expect(german.get_by_role("heading", level=1)).to_have_text("Womit kann ich helfen?")
    assert await violations(german, libraries) == {}
    await fake.order(mode="gate")
    await _ask(german, "Zähle")
    await expect(_last(german).locator(".prose").last).to_have_text("piece 0")
    await german.get_by_role("button", name="Anhalten").click()
    await expect(_last(german)).to_contain_text("Angehalten.")
    await fake.order(mode="markdown", text="fertig")
    await _ask(german, "und weiter")
    first = re.compile(r"erstes Token \d+,\d")
    await expect(_last(german).locator(".stats")).to_contain_text(first)
    sidebar = german.get_by_role("navigation", name="Chats")
    await expect(sidebar).to_contain_text("Heute")
    await sidebar.get_by_role("button", name="Optionen von Zähle").click()
    await german.get_by_role("menuitem", name="Löschen").click()
    notice = german.get_by_role("region", name="Hinweise", exact=True)
    await expect(notice).to_contain_text("„Zähle“ gelöscht.")
    await notice.get_by_role("button", name="Rückgängig").click()
    await expect(sidebar.get_by_role("link", name="Zähle")).to_be_visible()


async def test_an_error_is_named_in_german_and_keeps_its_details(
    german: Page, fake: Fake, libraries: Path
) -> None:
    await fake.order(mode="status-401")
    await _ask(german, "hallo")
    problem = _last(german).locator(".problem")
    await expect(problem).to_contain_text("Der Endpunkt hat den Schlüssel nicht angenommen.")
    await expect(problem.locator("small[lang=en]")).to_contain_text("Check the key")
    await expect(problem.get_by_role("button", name="Erneut versuchen")).to_be_visible()
    assert await violations(german, libraries) == {}


async def test_a_language_is_chosen_by_hand_and_kept(page: Page) -> None:
    await page.get_by_role("textbox", name="Message").fill("my draft")
    async with page.expect_navigation():
        await run_module(page, "const t = await load('lib/t.js'); t.choose('de')")
    box = page.get_by_role("textbox", name="Nachricht")
    await expect(box).to_have_value("my draft")
    await page.reload()
    await expect(box).to_have_attribute("placeholder", "Frage stellen")
    async with page.expect_navigation():
        await run_module(page, "const t = await load('lib/t.js'); t.choose(null)")
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("my draft")


async def test_a_language_that_is_not_spoken_gets_english(browser: Browser, server: Server) -> None:
    context = await browser.new_context(locale="fi-FI")
    page = await context.new_page()
    await page.goto(server.url)
    await expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await context.close()


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_page_that_is_read_from_the_right_has_room_for_all(
    german: Page, fake: Fake, width: int
) -> None:
    await german.set_viewport_size({"width": width, "height": 800})
    await german.evaluate("document.documentElement.dir = 'rtl'")
    await fake.order(mode="markdown", text="| a | b |\n|-|-|\n| 1 | 2 |\n\n```\ncode\n```")
    await _ask(german, "zeige alles")
    await expect(_last(german).locator(".stats")).to_contain_text("Token")
    assert await german.evaluate(OVERFLOWING) == []
    if width < 768:
        await german.locator("main .drawer-button").click()
    sidebar = await german.locator("side-drawer").bounding_box()
    assert sidebar is not None
    assert sidebar["x"] + sidebar["width"] == width
    await german.get_by_role("button", name="Einstellungen").click()
    for name in ("Allgemein", "Tasten", "Daten"):
        await german.get_by_role("tab", name=name).click()
        await expect(german.get_by_role("tabpanel", name=name)).to_be_visible()
        assert await german.evaluate(OVERFLOWING) == []
