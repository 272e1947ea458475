"""Tools on the page: the servers that a test has, and what a person does with them."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Fake, Server, run_server

NOW = 'time__get_current_time {"timezone": "Europe/Berlin"}'
HOSTILE = Path(__file__).parent.parent / "tools" / "hostile.py"


def write_servers(folder: Path) -> None:
    """A server of tools from PyPI, a hostile one, and one that is not there."""
    servers = {
        "time": {"command": sys.executable, "args": ["-m", "mcp_server_time"]},
        "evil": {"command": sys.executable, "args": [str(HOSTILE), "deeds"]},
        "notes": {"url": "http://127.0.0.1:9/mcp"},
    }
    file = folder / "mcp.json"
    file.write_text(json.dumps({"mcpServers": servers}))
    file.chmod(0o600)


@asynccontextmanager
async def server_with_tools(folder: Path, fake: Fake) -> AsyncIterator[Server]:
    """An llmchat with these servers, and a model that calls what it is told to."""
    write_servers(folder)
    async with run_server(folder, provider=fake.url, model="caller") as server:
        yield server


async def turn_on(page: Page, *names: str) -> None:
    """Let the chat in view use these servers, by the keys alone."""
    button = page.get_by_role("button", name="Tools", exact=True)
    await button.focus()
    await button.press("Enter")
    menu = page.get_by_role("menu", name="Tools in this chat")
    for name in names:
        switch = menu.get_by_role("menuitemcheckbox", name=name)
        await switch.focus()
        await switch.press("Enter")
        await expect(switch).to_have_attribute("aria-checked", "true")
        await expect(switch).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name=f"Tools: {', '.join(names)}")).to_be_visible()


def card(page: Page, name: str) -> Locator:
    """The last card of a tool."""
    return page.get_by_role("group", name=f"Tool {name}").last


def decision(page: Page, name: str) -> Locator:
    """A button of the call that waits."""
    return page.get_by_role("button", name=name, exact=True)
