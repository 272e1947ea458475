"""The page around the chat: layout, theme, models, keyboard, and access for everybody."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import ROOT, Fake, Server, Watched
from tests.browser.side import open_drawer, open_settings
from tests.browser.side_states import SIDE_STATES
from tests.browser.states import STATES
from tests.browser.steps import (
    answer,
    ask_and_wait,
    composer,
    last_message,
    sticking_out,
    violations,
)
from tests.browser.trouble_states import LOUD

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = 390
DESKTOP = 1280
SMALLEST_TARGET = 44
SMALLEST_PHONE = 360
HEIGHT = 760
# What is in a drawer on a phone, and what stands where there was room when it was opened.
MENUS = ["menu of an answer", "menu of a question", "add menu"]
OF_WIDTHS = [*SIDE_STATES, "chats", "deleted", *MENUS]


async def _all_is_well(page: Page, libraries: Path, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": HEIGHT})
    assert await violations(page, libraries) == {}
    assert await sticking_out(page) == []


@pytest.mark.parametrize("width", [DESKTOP, SMALLEST_PHONE])
@pytest.mark.parametrize("state", OF_WIDTHS)
async def test_axe_finds_nothing_and_nothing_sticks_out_where_it_was_opened(
    page: Page, fake: Fake, libraries: Path, state: str, width: int
) -> None:
    await page.set_viewport_size({"width": width, "height": HEIGHT})
    await STATES[state](page, fake)
    await _all_is_well(page, libraries, width)


@pytest.mark.parametrize("state", [one for one in STATES if one not in OF_WIDTHS])
async def test_axe_finds_nothing_and_nothing_sticks_out(
    page: Page, fake: Fake, libraries: Path, watched: Watched, state: str
) -> None:
    await page.set_viewport_size({"width": DESKTOP, "height": HEIGHT})
    await STATES[state](page, fake)
    for width in (DESKTOP, SMALLEST_PHONE):
        await _all_is_well(page, libraries, width)
    if state in LOUD:
        watched.console.clear()


@pytest.mark.parametrize("state", ["answered", "cut", "too long"])
async def test_targets_on_a_phone_are_large_enough(page: Page, fake: Fake, state: str) -> None:
    await page.set_viewport_size({"width": PHONE, "height": 780})
    await STATES[state](page, fake)
    await open_drawer(page)
    small = await page.evaluate(
        """(least) => [...document.querySelectorAll("button, summary, .chat-link, textarea")]
          .filter((one) => one.checkVisibility())
          .filter((one) => !one.closest(".note-link")) // in a line of text (WCAG 2.5.8)
          .filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < least)
          .map((one) => one.outerHTML)""",
        SMALLEST_TARGET,
    )
    assert small == []


@pytest.mark.parametrize("state", ["answered", "cut", "retrying"])
async def test_the_page_never_scrolls_sideways(page: Page, fake: Fake, state: str) -> None:
    await STATES[state](page, fake)
    for width in (DESKTOP, 768, PHONE, 320):
        await page.set_viewport_size({"width": width, "height": 780})
        for selector in ("html", "chat-thread"):
            sizes = await page.locator(selector).evaluate(
                "(one) => [one.scrollWidth, one.clientWidth]"
            )
            assert sizes[0] <= sizes[1], (width, selector)


async def test_nothing_moves_when_an_answer_ends(page: Page, fake: Fake) -> None:
    await STATES["streaming"](page, fake)
    await fake.order(release=3)
    await expect(answer(page)).to_contain_text("piece 3")
    before = await last_message(page).bounding_box()
    await fake.order(release=0)
    await expect(last_message(page).locator(".stats")).not_to_be_empty()
    assert await last_message(page).bounding_box() == before


async def test_a_chosen_theme_is_kept(page: Page) -> None:
    panel = await open_settings(page)
    await expect(panel.get_by_role("radio", name="System")).to_be_checked()
    await panel.get_by_text("Dark", exact=True).click()
    scheme = "getComputedStyle(document.documentElement).colorScheme"
    assert await page.evaluate(scheme) == "dark"
    await page.reload()
    assert await page.evaluate(scheme) == "dark"
    await expect((await open_settings(page)).get_by_role("radio", name="Dark")).to_be_checked()


async def test_the_picker_says_which_model_answers_and_why(page: Page, fake: Fake) -> None:
    await page.locator(".picker-button").click()
    await expect(page.locator(".model-why")).to_contain_text("configured")
    await expect(page.get_by_role("radio", name="echo")).to_be_checked()
    await page.get_by_text("known-1000").click()
    await expect(page.locator(".model-name")).to_have_text("known-1000")
    await expect(page.get_by_role("radio", name="echo")).to_be_hidden()
    await ask_and_wait(page, "hello")
    assert (await fake.told())["requests"][-1]["body"]["model"] == "known-1000"
    await page.reload()
    await expect(page.locator(".model-name")).to_have_text("known-1000")


async def test_the_empty_page_says_which_model_will_answer_and_why(page: Page) -> None:
    told = page.locator(".welcome-model")
    await expect(told).to_contain_text("echo answers.")
    await expect(told).to_contain_text("is configured")


async def test_a_panel_stays_inside_the_window(page: Page) -> None:
    for width in (DESKTOP, PHONE, 320):
        await page.set_viewport_size({"width": width, "height": 780})
        await page.locator(".picker-button").click()
        box = await page.locator(".model-panel").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= 780
        await page.keyboard.press("Escape")
        await expect(page.locator(".model-panel")).to_be_hidden()


async def test_on_a_phone_the_chats_are_a_drawer(page: Page) -> None:
    await page.set_viewport_size({"width": PHONE, "height": 780})
    await ask_and_wait(page, "about cats")
    chat = page.get_by_role("link", name="about cats")
    opener = page.get_by_role("button", name="Chats")
    await expect(chat).to_be_hidden()
    await opener.click()
    await expect(page.get_by_role("button", name="New chat")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(chat).to_be_hidden()
    await expect(opener).to_be_focused()
    await opener.click()
    await page.mouse.click(PHONE - 10, 400)
    await expect(chat).to_be_hidden()
    await opener.click()
    await chat.click()
    await expect(chat).to_be_hidden()
    await expect(answer(page)).to_be_visible()


async def test_the_column_of_chats_can_be_put_away(page: Page) -> None:
    new = page.get_by_role("button", name="New chat")
    await page.get_by_role("button", name="Chats").click()
    await expect(new).to_be_hidden()
    await page.reload()
    await expect(new).to_be_hidden()
    await page.get_by_role("button", name="Chats").click()
    await expect(new).to_be_visible()


async def test_the_keyboard_alone_is_enough(page: Page, fake: Fake) -> None:
    await expect(composer(page)).to_be_focused()
    await page.keyboard.insert_text("```js\nlet a\n```")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    await expect(composer(page)).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("button", name="Add", exact=True)).to_be_focused()
    for name in ("More", "Answer again", "Copy answer"):
        await page.keyboard.press("Shift+Tab")
        button = last_message(page).get_by_role("button", name=name)
        await expect(button).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("group", name="Code")).to_be_focused()
    await page.keyboard.press("Shift+Escape")
    await expect(composer(page)).to_be_focused()
    await page.keyboard.press("Control+Shift+KeyO")
    await expect(page.get_by_role("heading", name="What can I help with?")).to_be_visible()


async def test_the_focus_stays_while_an_answer_is_written(page: Page, fake: Fake) -> None:
    await STATES["streaming"](page, fake)
    await page.get_by_role("button", name="New chat").focus()
    await fake.order(release=0)
    await expect(last_message(page).locator(".stats")).not_to_be_empty()
    await expect(page.get_by_role("button", name="New chat")).to_be_focused()


async def test_a_starter_fills_the_composer_and_sends_nothing(page: Page, fake: Fake) -> None:
    await expect(composer(page)).to_be_focused()
    await page.get_by_role("button", name="Explain an error").click()
    await expect(composer(page)).to_have_value("Explain this error and how to fix it:\n")
    await expect(composer(page)).to_be_focused()
    assert (await fake.told())["posts"] == 0


async def test_starters_suit_the_model(page: Page) -> None:
    starters = page.locator(".starter")
    models = await (await page.request.get(f"{page.url}models")).json()
    for change, first in (
        ({"id": "some-coder"}, "Explain an error"),
        ({"capabilities": {"vision": True}}, "Describe a picture"),
        ({"kind": "embedded"}, "Write a haiku"),
    ):
        data = [{**models["data"][0], **change, "default": True}]
        changed = {**models, "data": data, "default": data[0]["id"]}
        await page.route("**/models", lambda route, _, found=changed: route.fulfill(json=found))
        await page.reload()
        await expect(starters.first).to_have_text(first)
        await page.unroute_all()
    await starters.first.click()
    await expect(composer(page)).to_have_value("Write a haiku about the sea.")


async def test_on_a_touch_screen_enter_is_a_new_line(
    browser: Browser, server: Server, fake: Fake, watched: Watched
) -> None:
    context = await browser.new_context(
        viewport={"width": PHONE, "height": 780}, has_touch=True, is_mobile=True
    )
    page = await context.new_page()
    watched.attach(page)
    await page.goto(server.url)
    await composer(page).tap()
    await page.keyboard.type("one")
    await page.keyboard.press("Enter")
    await page.keyboard.type("two")
    await expect(composer(page)).to_have_value("one\ntwo")
    await page.get_by_role("button", name="Send").tap()
    await expect(answer(page)).to_contain_text("two")
    await context.close()
    assert watched.console == []


def imported(module: Path, seen: set[Path]) -> set[Path]:
    """A module with all that it needs at once. `seen` has what is known of it before."""
    seen.add(module)
    text = module.read_text(encoding="utf-8")
    for name in re.findall(
        r"""^(?:import|export) (?:[^"]*? from )?"(\..+?)"$""", text, re.MULTILINE
    ):
        if (path := (module.parent / name).resolve()) not in seen:
            imported(path, seen)
    return seen


async def test_the_page_preloads_all_that_it_needs_at_once_and_nothing_else(page: Page) -> None:
    static = ROOT / "static"
    needed: set[Path] = {static / "js/words/en.js"}
    for name in ("start", "main"):
        imported(static / f"js/{name}.js", needed)
    modules = {path.relative_to(static).as_posix() for path in needed}
    assert "js/elements/settings-dialog.js" not in modules
    links = page.locator("link[rel=modulepreload]")
    hrefs = await links.evaluate_all("(all) => all.map((one) => one.getAttribute('href'))")
    preloaded = {re.sub(r".*\bs/[0-9a-f]{16}/", "", href) for href in hrefs}
    assert preloaded == modules


async def test_buttons_have_edges_where_colours_are_forced(page: Page, fake: Fake) -> None:
    await page.emulate_media(forced_colors="active", contrast="more")
    await STATES["answered"](page, fake)
    await expect(page.get_by_role("button", name="Send")).to_have_css("border-style", "solid")
