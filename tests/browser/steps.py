"""What a person does on the page, and sees there."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, Page, expect


def composer(page: Page) -> Locator:
    """Where a question is typed."""
    return page.get_by_role("textbox", name="Message")


def answer(page: Page) -> Locator:
    """The text of the last answer."""
    return page.locator("chat-message").last.locator("article > .prose")


def last_message(page: Page) -> Locator:
    """The last answer with all that belongs to it."""
    return page.get_by_role("article", name="Answer").last


async def ask(page: Page, question: str) -> None:
    """Type a question and send it."""
    await composer(page).fill(question)
    await composer(page).press("Enter")


async def ask_and_wait(page: Page, question: str) -> None:
    """Ask, and wait until the answer is complete."""
    await ask(page, question)
    await expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    await expect(last_message(page).locator("footer")).not_to_be_empty()


async def run_module(page: Page, body: str, argument: object = None) -> Any:
    """Run `body` in the page: `load(path)` imports a module of static/js/."""
    script = f"""async (argument) => {{
      const main = document.querySelector("script[type=module]").src
      const load = (path) => import(new URL(path, main))
      {body}
    }}"""
    return await page.evaluate(script, argument)
