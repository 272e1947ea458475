"""What people have told their system about colours and motion holds on the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.conftest import Fake
from tests.browser.states import STATES
from tests.browser.steps import ask_and_wait, composer

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOVING = """() => document.getAnimations().filter((one) => {
  const { duration, iterations } = one.effect.getComputedTiming()
  return iterations > 1 || duration > 1
}).map((one) => one.animationName ?? one.transitionProperty)"""
AT_REST = "() => Promise.allSettled(document.getAnimations().map((one) => one.finished))"
FOCUS = """() => {
  const { outerHTML, tagName } = document.activeElement
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement)
  return [tagName === "BODY" ? "" : outerHTML.slice(0, 120), outlineStyle, parseFloat(outlineWidth)]
}"""


@pytest.mark.parametrize("state", ["waiting", "streaming", "chats", "menu of an answer"])
async def test_nothing_moves_for_who_wants_no_motion(state: str, page: Page, fake: Fake) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.evaluate(AT_REST)  # what had begun to move before it was wished
    await STATES[state](page, fake)
    assert await page.evaluate(MOVING) == []


async def test_something_moves_while_an_answer_is_waited_for(page: Page, fake: Fake) -> None:
    await STATES["waiting"](page, fake)
    assert await page.evaluate(MOVING) != []


@pytest.mark.parametrize("state", ["empty", "streaming", "answered", "chats"])
async def test_in_forced_colours_all_can_be_told_apart(
    state: str, page: Page, fake: Fake, libraries: Path
) -> None:
    await page.emulate_media(forced_colors="active")
    await STATES[state](page, fake)
    await page.evaluate((libraries / "axe-core/axe.min.js").read_text(encoding="utf-8"))
    found = await page.evaluate(
        "async () => (await axe.run()).violations.map((one) => [one.id, one.nodes[0].html])"
    )
    assert found == []


async def test_in_forced_colours_the_focus_is_seen_on_everything(page: Page) -> None:
    await page.emulate_media(forced_colors="active")
    await ask_and_wait(page, "hello")
    await composer(page).focus()
    seen = set()
    for _ in range(14):
        await page.keyboard.press("Tab")
        name, style, width = await page.evaluate(FOCUS)
        if name:  # it is not on its way through the browser's own buttons
            assert style != "none", name
            assert width >= 2, name
            seen.add(name)
    assert len(seen) > 8
