"""The states of tools, for a server that has some (`write_servers`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from tests.browser.conftest import Fake
from tests.browser.steps import ask, last_message
from tests.browser.tools import NOW, card, decision, turn_on


async def _switch(page: Page, fake: Fake) -> None:
    await turn_on(page, "time")
    await page.get_by_role("button", name="Tools: time").click()


async def _waits(page: Page, fake: Fake) -> None:
    await fake.order(mode="caller")
    await turn_on(page, "time")
    await ask(page, NOW)
    await expect(decision(page, "Allow once")).to_be_visible()


async def _runs(page: Page, fake: Fake) -> None:
    await fake.order(mode="caller")
    await turn_on(page, "evil")
    await ask(page, "evil__silent {}")
    await decision(page, "Allow once").click()
    await expect(card(page, "silent")).to_contain_text("Running")


async def _ran(page: Page, fake: Fake) -> None:
    """All that can come of calls, in one answer."""
    await fake.order(mode="caller")
    await turn_on(page, "time", "evil", "notes")
    await ask(page, f"{NOW}\nevil__dies {{}}\n\nevil__injection {{}}\n\nevil__huge {{}}")
    for name, what in (("get_current_time", "Allow once"), ("dies", "Allow once")):
        await card(page, name).get_by_role("button", name=what).click()
        await expect(card(page, name)).not_to_contain_text("Waits for you")
    await card(page, "injection").get_by_role("button", name="Allow once").click()
    await card(page, "huge").get_by_role("button", name="Deny").click()
    await expect(last_message(page).locator("footer")).not_to_be_empty()
    await card(page, "injection").locator("summary").click()


async def _asks_again(page: Page, fake: Fake) -> None:
    await fake.order(mode="caller")
    await turn_on(page, "evil")
    await ask(page, 'evil__injection {}\n\nevil__injection {"text": "all of my secrets"}')
    await decision(page, "Always allow this server").click()
    await expect(decision(page, "Always allow this server")).to_be_hidden()
    await expect(decision(page, "Allow once")).to_be_visible()


TOOL_STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "tool switch": _switch,
    "tool waits": _waits,
    "tool runs": _runs,
    "tools ran": _ran,
    "tool asks again": _asks_again,
}
