"""The states of the endpoints in the settings, and the way there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Locator, Page, Route, expect

from tests.browser.conftest import Fake
from tests.browser.side import open_settings

KEY = "sk-test-0123456789abcdef"
FOUND = [
    {
        "name": "Ollama",
        "base_url": "http://127.0.0.1:11434/v1",
        "models": ["llama3.2:3b", "qwen3:8b"],
        "added": False,
    }
]


async def set_up(page: Page, **body: object) -> dict[str, Any]:
    """An endpoint, by another program than the page."""
    address = page.url.partition("#")[0] + "api/endpoints"
    reply = await page.request.post(address, data=body)
    item: dict[str, Any] = await reply.json()
    assert reply.status == 201, item
    return item


async def find(page: Page, *items: object) -> None:
    """That these model servers run on this machine."""

    async def answer(route: Route) -> None:
        await route.fulfill(json={"items": list(items), "next": None})

    await page.route("**/api/endpoints/discovered", answer)


def row(page: Page, name: str) -> Locator:
    """An endpoint of the list."""
    return page.locator("endpoint-row").filter(has=page.get_by_text(name, exact=True))


async def open_endpoints(page: Page) -> Locator:
    """The endpoints in the settings."""
    panel = await open_settings(page, "Endpoints")
    await expect(panel.locator("endpoint-row").first).to_be_visible()
    return panel


async def open_form(page: Page, address: str = "") -> Locator:
    """The form of a new one."""
    panel = await open_endpoints(page)
    await panel.get_by_role("button", name="Add an endpoint").click()
    await panel.get_by_label("Address", exact=True).fill(address)
    return panel


async def _list(page: Page, fake: Fake) -> None:
    await find(page, *FOUND)
    await set_up(page, name="Team server", base_url=fake.url, key=KEY, model="echo")
    await set_up(page, name="Workstation", base_url="http://127.0.0.1:9/v1")
    off = await set_up(page, name="OpenRouter", base_url="https://openrouter.ai/api/v1", key=KEY)
    await page.request.patch(f"{page.url}api/endpoints/{off['id']}", data={"enabled": False})
    await open_endpoints(page)
    await expect(row(page, "Team server")).to_contain_text("ready")
    await expect(row(page, "Workstation")).to_contain_text("not answering")
    await expect(page.locator("found-servers li")).to_have_count(1)


async def _form(page: Page, fake: Fake) -> None:
    await find(page)
    panel = await open_form(page, fake.url)
    await panel.get_by_label("Key", exact=True).fill(KEY)
    await panel.get_by_role("button", name="Test").click()
    await expect(panel.locator("endpoint-verdict[data-state=ok]")).to_be_visible()


async def _failed_test(page: Page, fake: Fake) -> None:
    await find(page)
    panel = await open_form(page, fake.url.removesuffix("/v1"))
    await panel.get_by_role("button", name="Test").click()
    await expect(panel.get_by_role("button", name="Use http")).to_be_visible()


async def _more(page: Page, fake: Fake) -> None:
    await find(page)
    await set_up(page, name="Team", base_url=fake.url, key=KEY, headers={"X-Team": KEY}, slots=2)
    panel = await open_endpoints(page)
    await panel.get_by_role("button", name="Edit: Team").click()
    await panel.get_by_text("Headers, proxy and limits").click()
    await panel.get_by_label("Proxy", exact=True).select_option("own")
    await panel.get_by_role("button", name="Save").click()
    await expect(panel.locator("[aria-invalid]")).to_be_focused()


ENDPOINT_STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "endpoints": _list,
    "endpoint tested": _form,
    "endpoint at a wrong address": _failed_test,
    "endpoint with more": _more,
}
