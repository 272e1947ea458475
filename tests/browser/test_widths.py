"""From the smallest phone to the largest screen, and with more contrast: all is seen."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Fake, Watched
from tests.browser.states import STATES
from tests.browser.trouble_states import LOUD

pytestmark = pytest.mark.asyncio(loop_scope="session")

OVERFLOWING = """() => [...document.querySelectorAll("body, body *")].filter((one) => {
  const { overflowX, display, position } = getComputedStyle(one)
  return one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1
    && overflowX === "visible" && !display.startsWith("inline") && !one.closest("svg")
}).map((one) => one.outerHTML.slice(0, 120))"""
OUTSIDE = """() => [...document.querySelectorAll("button, a, input, textarea, dialog[open]")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("[inert]"))
  .filter((one) => !one.closest(".visually-hidden, pre, .table, .tabs"))
  .filter((one) => {
    const { left, right } = one.getBoundingClientRect()
    return left < -0.5 || right > innerWidth + 0.5
  }).map((one) => one.outerHTML.slice(0, 120))"""
CONTRASTS = """(names) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
  const light = (name) => {
    const probe = document.body.appendChild(document.createElement("i"))
    probe.style.color = `var(${name})`
    canvas.fillStyle = getComputedStyle(probe).color
    probe.remove()
    canvas.fillRect(0, 0, 1, 1)
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((one) => one / 255)
      .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
  }
  const grounds = ["--page", "--sunken", "--raised", "--tinted"]
  return Object.fromEntries(names.map((name) => [name, Math.min(...grounds.map((one) => {
      const [a, b] = [light(name), light(one)].sort((one, other) => one - other)
      return b / a
    }))]))
}"""
NEEDED = {
    "--text": 15,
    "--muted": 7,
    "--line": 4.5,
    "--outline": 7,
    "--accent": 7,
    "--danger": 7,
    "--good": 7,
    "--code-key": 7,
    "--code-text": 7,
    "--code-name": 7,
    "--code-value": 7,
}


@pytest.mark.parametrize("state", STATES)
async def test_on_360_pixels_nothing_sticks_out(
    page: Page, fake: Fake, watched: Watched, state: str
) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.emulate_media(reduced_motion="reduce")  # nothing is on its way
    await STATES[state](page, fake)
    assert await page.evaluate(OVERFLOWING) == []
    assert await page.evaluate(OUTSIDE) == []
    if state in LOUD:
        watched.console.clear()


@pytest.mark.parametrize("state", ["empty", "answered", "keys", "found", "looked at"])
async def test_on_3840_pixels_lines_stay_short_and_nothing_sticks_out(
    page: Page, fake: Fake, state: str
) -> None:
    await page.set_viewport_size({"width": 3840, "height": 2160})
    await STATES[state](page, fake)
    assert await page.evaluate(OVERFLOWING) == []
    assert await page.evaluate(OUTSIDE) == []
    composer = await page.locator(".composer").bounding_box()
    assert composer is not None
    assert composer["width"] < 1000


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_who_wants_more_contrast_gets_it_for_texts_and_edges(page: Page, theme: str) -> None:
    await page.emulate_media(contrast="more")
    await page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
    found = await page.evaluate(CONTRASTS, list(NEEDED))
    assert {name: found[name] for name, least in NEEDED.items() if found[name] < least} == {}
    await expect(page.locator(".composer")).to_have_css("border-top-width", re.compile(r"^[1-9]"))
