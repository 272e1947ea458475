"""What a person does on the page, and sees there."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, expect

_OVERFLOWING = """() => [...document.querySelectorAll("body, body *")].filter((one) => {
  const { overflowX, display, position } = getComputedStyle(one)
  return one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1
    && overflowX === "visible" && !display.startsWith("inline") && !one.closest("svg")
}).map((one) => one.outerHTML.slice(0, 120))"""
_OUTSIDE = """() => [...document.querySelectorAll("button, a, input, textarea, dialog[open]")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("[inert]"))
  .filter((one) => !one.closest(".visually-hidden, pre, .table, .tabs"))
  .filter((one) => {
    const { left, right } = one.getBoundingClientRect()
    return left < -0.5 || right > innerWidth + 0.5
  }).map((one) => one.outerHTML.slice(0, 120))"""

# All rules, and then those that look at colours: nothing else differs between the themes.
THEMES: dict[str, dict[str, list[str]]] = {
    "light": {},
    "dark": {"runOnly": ["color-contrast", "link-in-text-block"]},
}


def composer(page: Page) -> Locator:
    """Where a question is typed."""
    return page.get_by_role("textbox", name="Message", exact=True)


def answer(page: Page) -> Locator:
    """The text of the last answer."""
    return page.locator("chat-message").last.locator("article > .prose")


def last_message(page: Page) -> Locator:
    """The last answer with all that belongs to it."""
    return page.get_by_role("article", name="Answer").last


async def ask(page: Page, question: str) -> None:
    """Type a question and send it."""
    await composer(page).fill(question)
    touched = await page.evaluate("matchMedia('(pointer: coarse)').matches")
    await composer(page).press("Control+Enter" if touched else "Enter")


async def ask_and_wait(page: Page, question: str) -> None:
    """Ask, and wait until the answer is complete."""
    await ask(page, question)
    await expect(page.locator(".queue")).to_be_hidden()  # it waits for a chat that is being read
    await expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    await expect(last_message(page).locator("footer")).not_to_be_empty()


async def choose_several(page: Page, *models: str) -> None:
    """Ask these beside the one that is chosen."""
    await page.locator(".picker-button").click()
    await page.get_by_role("switch", name="Several side by side").click()
    for model in models:
        await page.get_by_role("checkbox", name=model, exact=True).check()
    await page.keyboard.press("Escape")


async def until_ended(page: Page) -> None:
    """Wait until the last answer is complete: on the server as well, then."""
    await expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    await expect(last_message(page).locator("footer")).to_be_visible()


async def stored(page: Page) -> dict[str, Any]:
    """The chat in view as the server has it."""
    place = urlsplit(page.url)
    address = f"{place.scheme}://{place.netloc}/api/conversations/{place.fragment}"
    response = await page.request.get(address)
    found: dict[str, Any] = await response.json()
    return found


async def stored_answers(page: Page) -> list[dict[str, Any]]:
    """The answers in it."""
    return [one for one in (await stored(page))["messages"] if one["role"] == "assistant"]


async def run_module(page: Page, body: str, argument: object = None) -> Any:
    """Run `body` in the page: `load(path)` imports a module of static/js/."""
    script = f"""async (argument) => {{
      const main = document.querySelector("script[type=module]").src
      await customElements.whenDefined("chat-app") // the last one, so the words are there, too
      const load = (path) => import(new URL(path, main))
      {body}
    }}"""
    return await page.evaluate(script, argument)


async def violations(page: Page, libraries: Path) -> dict[str, Any]:
    """What axe finds, in both themes; empty if all is well."""
    await page.emulate_media(reduced_motion="reduce")  # no colour in between
    if not await page.evaluate("'axe' in window"):
        await page.evaluate((libraries / "axe-core/axe.min.js").read_text(encoding="utf-8"))
    found = {}
    for scheme, rules in THEMES.items():
        await page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", scheme)
        all_found = await page.evaluate(
            """async (options) => (await axe.run(options)).violations.map((one) =>
              [one.id, ...one.nodes.map((node) => [node.html, node.failureSummary])])""",
            {"resultTypes": ["violations"], **rules},
        )
        if all_found:
            found[scheme] = all_found
    return found


async def sticking_out(page: Page) -> list[str]:
    """What is wider than its place, or beyond the edges of the window."""
    wide: list[str] = await page.evaluate(_OVERFLOWING)
    beyond: list[str] = await page.evaluate(_OUTSIDE)
    return wide + beyond
