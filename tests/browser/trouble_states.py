"""The states of trouble: no connection, a server that ends, a chat that went on elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Fake
from tests.browser.side import open_data
from tests.browser.side_states import exported, looked
from tests.browser.steps import ask, ask_and_wait, stored

NOTICES = [
    {
        "code": "disk-full",
        "message": "The disk is full, so nothing new is stored. Free some space on it: llmchat"
        " goes on by itself.",
    }
]
DOWN = "Ollama is not answering at http://localhost:11434. Start it with `ollama serve`."


async def _offline(page: Page, fake: Fake) -> None:
    """What is asked then waits in the page."""
    await ask_and_wait(page, "hello")
    await page.context.set_offline(True)
    await ask(page, "Are you there?")
    await expect(page.locator(".waiting, .problem").last).to_be_visible()


async def _reconnecting(page: Page, fake: Fake) -> None:
    await _break_streams(page, body="")
    await _ask_and_lose(page, fake, "Connection lost")


async def _restarting(page: Page, fake: Fake) -> None:
    await _break_streams(page, body="event: restart\ndata: {}\n\n")
    await _ask_and_lose(page, fake, "llmchat is restarting")


async def _break_streams(page: Page, *, body: str) -> None:
    """The stream of an answer ends with this, and the server is not there any more."""

    async def end(route: Route) -> None:
        await route.fulfill(content_type="text/event-stream", body=body)

    async def fail(route: Route) -> None:
        await route.abort()

    await page.route("**/stream/*", end)
    await page.route("**/api/jobs/**", fail)


async def _ask_and_lose(page: Page, fake: Fake, said: str) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(page.locator(".waiting")).to_contain_text(said)


async def _stale(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "first")
    last = (await stored(page))["messages"][-1]["id"]
    address = page.url.replace("#", "api/conversations/")

    async def overtake(route: Route) -> None:
        elsewhere = {"role": "user", "content": "second", "parent_id": last}
        await page.request.post(f"{address}/messages", data=elsewhere)
        await route.continue_()

    await page.route("**/chat", overtake)
    await ask(page, "mine")
    await expect(page.locator(".notice")).to_contain_text("went on elsewhere")


async def _told(page: Page, fake: Fake) -> None:
    """The server has something to say to people."""
    await _change_models(page, notices=NOTICES)
    await expect(page.locator(".server-notice")).to_be_visible()


async def _endpoint_down(page: Page, fake: Fake) -> None:
    down = {"name": "localhost:11434", "kind": "configured", "state": "error", "error": DOWN}
    await _change_models(page, data=[], default=None, reason=None, endpoints=[down])
    await expect(page.locator(".welcome-model")).to_contain_text("not answering")
    await page.locator(".picker-button").click()
    await expect(page.locator(".endpoint-error")).to_be_visible()


async def _change_models(page: Page, **members: object) -> None:
    async def change(route: Route) -> None:
        response = await route.fetch()
        await route.fulfill(response=response, json={**await response.json(), **members})

    await page.route("**/models", change)
    await page.reload()


async def _importing(page: Page, fake: Fake) -> None:
    await looked(page, fake)

    async def hold(route: Route) -> None:
        """It never ends."""

    await page.route("**/api/import*", hold)
    await page.get_by_role("button", name="Import 2 conversations").click()
    await expect(page.locator("import-file progress")).to_be_visible()


async def _not_imported(page: Page, fake: Fake) -> None:
    await open_data(page)
    good, bad = exported(2), exported(1, name="holiday.json")
    bad["buffer"] = b"no chats here"
    await page.locator("#import-input").set_input_files([good, bad])
    await expect(page.locator("import-file").last).to_contain_text("nothing in it")


# The browser itself says on the console that a request failed.
LOUD = {"offline", "upload failed", "reconnecting", "restarting", "stale", "not imported"}
TROUBLE_STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "offline": _offline,
    "reconnecting": _reconnecting,
    "restarting": _restarting,
    "stale": _stale,
    "told": _told,
    "endpoint down": _endpoint_down,
    "importing": _importing,
    "not imported": _not_imported,
}
