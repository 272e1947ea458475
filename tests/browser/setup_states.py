"""The states of the settings of a chat, the presets and the prompts with places."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Fake
from tests.browser.steps import ask_and_wait, composer

PRESETS = [
    {"name": "Poet", "icon": "🪶", "colour": "violet", "starters": ["Write about the sea."]},
    {"name": "Reviewer", "icon": "", "colour": "teal", "starters": []},
    {"name": "Terse", "icon": "—", "colour": "orange", "starters": []},
]
SYSTEM = "You are a poet. Answer in rhymes, whatever the question is."


def root(page: Page) -> str:
    """The address of the page, without the chat in view."""
    return page.url.split("#")[0]


async def keep_presets(page: Page) -> None:
    """Only these presets are there."""
    await forget_presets(page)
    for preset in PRESETS:
        body = {**preset, "settings": {"system": SYSTEM, "temperature": 1.2}}
        await page.request.post(f"{root(page)}api/presets", data=body)
    await page.reload()


async def forget_presets(page: Page) -> None:
    """No presets are there."""
    await _forget(page, "presets")


async def forget_prompts(page: Page) -> None:
    """No prompts are there."""
    await _forget(page, "prompts")


async def _forget(page: Page, what: str) -> None:
    response = await page.request.get(f"{root(page)}api/{what}")
    for one in (await response.json())["items"]:
        await page.request.delete(f"{root(page)}api/{what}/{one['id']}")


async def keep_prompts(page: Page, **prompts: str) -> None:
    """Only these prompts are there."""
    await forget_prompts(page)
    for name, text in prompts.items():
        await page.request.post(f"{root(page)}api/prompts", data={"name": name, "text": text})


async def open_setup(page: Page) -> Locator:
    """The settings of the chat in view."""
    await page.get_by_role("button", name="Set up this chat").click()
    dialog = page.get_by_role("dialog", name="Set up this chat")
    await expect(dialog.locator(".sent-code")).not_to_be_empty()
    return dialog


async def _setup(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "What is a monad?")
    dialog = await open_setup(page)
    await dialog.get_by_role("textbox", name="System prompt").fill(SYSTEM)
    await dialog.get_by_role("textbox", name="Temperature").fill("1.2")
    await expect(dialog.get_by_role("status").last).to_contain_text("Saved.")


async def _setup_wrong(page: Page, fake: Fake) -> None:
    dialog = await open_setup(page)
    await dialog.get_by_role("textbox", name="Temperature").fill("hot")
    await dialog.get_by_text("JSON schema", exact=True).click()
    await dialog.get_by_role("textbox", name="Schema", exact=True).fill('{\n  "type": objec\n}')
    await expect(dialog.get_by_text("This is no JSON object, from line 2")).to_be_visible()
    await dialog.get_by_role("textbox", name="Schema", exact=True).scroll_into_view_if_needed()


async def _presets_welcome(page: Page, fake: Fake) -> None:
    await keep_presets(page)
    await page.get_by_role("button", name="Poet").click()
    await expect(page.get_by_role("button", name="Write about the sea.")).to_be_visible()


async def _presets_picker(page: Page, fake: Fake) -> None:
    await _presets_welcome(page, fake)
    await page.locator(".picker-button").click()
    await expect(page.get_by_role("button", name="Change presets")).to_be_visible()


async def _presets(page: Page, fake: Fake) -> None:
    await _presets_picker(page, fake)
    await page.get_by_role("button", name="Change presets").click()
    dialog = page.get_by_role("dialog", name="Presets")
    await dialog.get_by_role("button", name="Edit: Poet").click()
    await expect(dialog.get_by_role("textbox", name="Name")).to_have_value("Poet")


async def _filling(page: Page, fake: Fake) -> None:
    await keep_prompts(page, Mail="Write to {{who}} about {{what=the weather}}, {{tone=kindly}}.")
    await composer(page).press_sequentially("/")
    await page.get_by_role("option", name="Mail").click()
    await expect(page.get_by_role("dialog", name="Mail")).to_be_visible()


async def _summarised(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "What is a monad, and do I need to know that?")
    await fake.order(mode="markdown", text="They asked what a **monad** is. It was explained.")
    await composer(page).press_sequentially("/comp")
    await expect(page.get_by_role("option", name="Summarise this chat")).to_be_visible()
    await composer(page).press("Enter")
    await expect(page.locator("chat-message[data-line]")).to_be_visible()
    await ask_and_wait(page, "And a functor?")


SETUP_STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "chat settings": _setup,
    "chat settings wrong": _setup_wrong,
    "preset chosen": _presets_welcome,
    "presets in the picker": _presets_picker,
    "presets": _presets,
    "filling a prompt": _filling,
    "summarised": _summarised,
}
