"""The states of the numbers and of the settings of models."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Fake
from tests.browser.side import open_settings
from tests.browser.steps import ask, ask_and_wait, choose_several

PRICE = {"prompt": 2, "cached": 0.5, "completion": 10}
NOTE = {"price": PRICE, "vision": True, "tools": True, "context_window": 131072}


async def note_model(page: Page, model: str, note: object) -> None:
    """Note something of a model, as the settings do."""
    await page.evaluate(
        """([model, note]) => fetch("api/settings", {
            method: "PATCH", headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ models: { [model]: note } })
        })""",
        [model, note],
    )


async def counted_chat(page: Page, fake: Fake) -> None:
    """Two answers whose price is known."""
    await note_model(page, "echo", NOTE)
    await page.reload()
    await fake.order(mode="counted-1200-340")
    await ask_and_wait(page, "How much?")
    await ask_and_wait(page, "And this?")
    await expect(page.locator(".total-stats")).to_be_visible()
    await note_model(page, "echo", None)


def _month() -> dict[str, object]:
    today = datetime.now(UTC).date()
    items = []
    for ago in range(29, -1, -1):
        day = today - timedelta(days=ago)
        for model, share in (("gpt-5-mini", 1.0), ("qwen3:8b", 0.55)):
            answers = round(
                14 * share * abs(math.sin(ago * 1.7)) * (0.3 if day.weekday() > 4 else 1)
            )
            if answers:
                tokens = {"prompt": answers * 1840, "completion": answers * 410}
                items.append(
                    {
                        "day": day.isoformat(),
                        "model": model,
                        "endpoint": "OpenAI" if share == 1 else "Ollama",
                        "answers": answers,
                        "failed": int(ago == 12),
                        "prompt_tokens": tokens["prompt"],
                        "cached_tokens": answers * 900,
                        "completion_tokens": tokens["completion"],
                        "first_token_seconds": 0.42 / share,
                        "tokens_per_second": 96.4 * share,
                        "cost": None if share < 1 else tokens["completion"] * 2 / 1e6,
                    }
                )
    since = (today - timedelta(days=29)).isoformat()
    return {"since": since, "until": today.isoformat(), "items": items}


async def _numbers(page: Page, fake: Fake) -> None:
    async def answer(route: Route) -> None:
        await route.fulfill(json=_month())

    await page.route("**/api/statistics*", answer)
    await open_settings(page, "Numbers")
    await expect(page.locator("svg.bars")).to_be_visible()


async def _no_numbers(page: Page, fake: Fake) -> None:
    async def answer(route: Route) -> None:
        await route.fulfill(json={**_month(), "items": []})

    await page.route("**/api/statistics*", answer)
    panel = await open_settings(page, "Numbers")
    await expect(panel.get_by_role("status")).to_contain_text("No answers")


async def _models(page: Page, fake: Fake) -> None:
    await note_model(page, "echo", {**NOTE, "favourite": True})
    panel = await open_settings(page, "Models")
    await panel.locator("summary").first.click()
    await expect(panel.get_by_role("switch", name="Favourite")).to_be_checked()
    await note_model(page, "echo", None)


async def _several(page: Page, fake: Fake) -> None:
    await choose_several(page, "markdown", "reasoning")
    await ask(page, "How do I add numbers?")
    await expect(page.locator("chat-message[data-side] .stats")).to_have_count(3)


async def _several_models(page: Page, fake: Fake) -> None:
    await choose_several(page, "markdown", "reasoning")
    await page.locator(".picker-button").click()
    await expect(page.get_by_role("checkbox", name="markdown", exact=True)).to_be_checked()


async def _favourites(page: Page, fake: Fake) -> None:
    await note_model(page, "echo", {**NOTE, "favourite": True})
    await page.reload()
    await page.locator(".picker-button").click()
    await expect(page.get_by_role("group", name="Favourites")).to_be_visible()
    await note_model(page, "echo", None)


NUMBER_STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "cost of a chat": counted_chat,
    "numbers": _numbers,
    "no numbers": _no_numbers,
    "models": _models,
    "favourite models": _favourites,
    "several models": _several_models,
    "answers side by side": _several,
}
