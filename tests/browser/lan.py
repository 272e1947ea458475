"""A browser that reaches llmchat by a name over plain http: for it, the page is not secure."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext

from tests.browser.conftest import Fake, Server, chromium, run_server

NAME = "lan.example"


@asynccontextmanager
async def lan(
    browser: Browser, fake: Fake, folder: Path, **settings: str
) -> AsyncIterator[tuple[BrowserContext, Server, str]]:
    """A server, its address by the name, and a browser of its own that knows the name."""
    args = ["--no-sandbox", f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
    own = await browser.browser_type.launch(executable_path=chromium(), args=args)
    allowed = {"LLMCHAT_ALLOWED_HOSTS": NAME, **settings}
    async with run_server(folder, provider=fake.url, settings=allowed) as server:
        context = await own.new_context(viewport={"width": 1280, "height": 860})
        yield context, server, f"http://{NAME}:{server.port}/"
        await own.close()
