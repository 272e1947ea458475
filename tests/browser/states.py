"""The states that the page can be in, each with the way there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.composer_states import COMPOSER_STATES
from tests.browser.conftest import Fake
from tests.browser.message_states import MESSAGE_STATES
from tests.browser.number_states import NUMBER_STATES
from tests.browser.project_states import PROJECT_STATES
from tests.browser.settings_states import SETTINGS_STATES
from tests.browser.setup_states import SETUP_STATES
from tests.browser.share_states import SHARE_STATES
from tests.browser.side import delete_chat, open_drawer
from tests.browser.side_states import SIDE_STATES
from tests.browser.steps import answer, ask, ask_and_wait, last_message
from tests.browser.trouble_states import TROUBLE_STATES

RICH = (Path(__file__).parent / "rich_answer.txt").read_text(encoding="utf-8")


async def _empty(page: Page, fake: Fake) -> None:
    await expect(page.locator(".model-name")).to_have_text("echo")


async def _waiting(page: Page, fake: Fake) -> None:
    await fake.order(mode="silent")
    await ask(page, "Are you there?")
    await expect(page.locator(".waiting")).to_contain_text("Waiting")


async def _streaming(page: Page, fake: Fake) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")


async def _answered(page: Page, fake: Fake) -> None:
    await fake.order(mode="markdown", text=RICH)
    await ask_and_wait(page, "Show all that you can")


async def _thought(page: Page, fake: Fake) -> None:
    await fake.order(mode="reasoning")
    await ask_and_wait(page, "2 + 2?")
    await last_message(page).locator("summary").click()


async def _stopped(page: Page, fake: Fake) -> None:
    await _streaming(page, fake)
    await page.keyboard.press("Escape")
    await expect(last_message(page)).to_contain_text("Stopped.")


async def _failed(page: Page, fake: Fake) -> None:
    await fake.order(mode="status-401")
    await ask(page, "hello")
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()


async def _cut(page: Page, fake: Fake) -> None:
    await fake.order(mode="truncated")
    await ask(page, "hello")
    await expect(page.get_by_role("button", name="Continue", exact=True)).to_be_visible()


async def _continuing(page: Page, fake: Fake) -> None:
    await _cut(page, fake)
    await fake.order(mode="silent")
    await page.get_by_role("button", name="Continue", exact=True).click()
    await expect(page.locator(".waiting")).to_contain_text("Waiting")


async def _too_long(page: Page, fake: Fake) -> None:
    await fake.order(mode="finish-length")
    await ask(page, "hello")
    await expect(page.get_by_role("button", name="Continue", exact=True)).to_be_visible()


async def _retrying(page: Page, fake: Fake) -> None:
    await fake.order(mode="rate-limit-7")
    await ask(page, "hello")
    await expect(page.locator(".waiting")).to_contain_text("Trying again")


async def _reading(page: Page, fake: Fake) -> None:
    await fake.order(mode="reading")
    await ask(page, "hello")
    await expect(page.locator(".waiting")).to_contain_text("40 %")


async def _deleted(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "hello")
    await open_drawer(page)
    await delete_chat(page, "hello")
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()


async def _chats(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "hello")
    await open_drawer(page)


async def _models(page: Page, fake: Fake) -> None:
    await page.locator(".picker-button").click()
    await expect(page.get_by_role("radio", name="echo")).to_be_visible()


STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "empty": _empty,
    "waiting": _waiting,
    "streaming": _streaming,
    "answered": _answered,
    "thought": _thought,
    "stopped": _stopped,
    "failed": _failed,
    "cut": _cut,
    "continuing": _continuing,
    "too long": _too_long,
    "retrying": _retrying,
    "reading": _reading,
    "deleted": _deleted,
    "chats": _chats,
    "models": _models,
    **MESSAGE_STATES,
    **COMPOSER_STATES,
    **SIDE_STATES,
    **PROJECT_STATES,
    **SETTINGS_STATES,
    **SETUP_STATES,
    **NUMBER_STATES,
    **SHARE_STATES,
    **TROUBLE_STATES,
}
