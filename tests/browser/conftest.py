"""The real server with its real worker, a fake provider behind it, and Chromium in front of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from scripts.browser_libraries import install
from scripts.chromium import NAMES
from tests import canary

ROOT = Path(__file__).resolve().parents[2]
TEST_SECONDS = 120  # a busy machine starts a browser, a server and a worker for some of them

expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys take longer than the tests of one function."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(TEST_SECONDS))


@dataclass
class Fake:
    """The fake provider, in a process of its own: see tests/fake_openai.py."""

    url: str
    session: ClientSession

    async def order(self, **members: object) -> None:
        """Tell it what to do next: `mode`, `text`, `release`, `models`, `reset`."""
        async with self.session.post(self._control, json=members) as response:
            response.raise_for_status()

    async def told(self, asked: int = 0) -> dict[str, Any]:
        """What it was asked so far, as soon as that are so many questions."""
        async with self.session.get(self._control, params={"asked": asked}) as response:
            told: dict[str, Any] = await response.json()
            return told

    async def until_closed(self) -> None:
        """Wait until nobody listens to an answer any more."""
        async with self.session.get(self._control, params={"closed": 1}) as response:
            assert (await response.json())["open_streams"] == 0

    @property
    def _control(self) -> str:
        return self.url.removesuffix("/v1") + "/control"


@dataclass
class Server:
    """A running llmchat."""

    url: str
    process: asyncio.subprocess.Process
    token: str = ""  # that the address had behind it, where it is needed

    @property
    def port(self) -> int:
        """Where it can be started again."""
        return urlsplit(self.url).port or 0

    async def forget_all(self) -> None:
        """Delete all conversations for good, the prompts, presets and projects, and the endpoints
        that the page has set up.
        """
        async with ClientSession() as session:
            await session.delete(f"{self.url}api/conversations?all=true")
            for name in ("endpoints", "prompts", "presets", "projects"):
                async with session.get(f"{self.url}api/{name}") as response:
                    kept = (await response.json())["items"]
                for one in kept:  # an endpoint of the environment stays
                    await session.delete(f"{self.url}api/{name}/{one['id']}")

    async def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        await self.process.wait()


@dataclass
class Watched:
    """What pages did besides what they were asked for."""

    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", lambda dialog: self.dialogs.append(dialog.message))

    def foreign(self, origin: str) -> list[str]:
        """Requests to any other origin."""
        own = (origin, "data:", "blob:")
        return [url for url in self.requests if not url.startswith(own)]


@asynccontextmanager
async def started(*command: str, **environment: str) -> AsyncIterator[tuple[str, Any]]:
    """A program of ours, and the first line that it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    assert "http://" in line, line
    try:
        yield line, process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


@asynccontextmanager
async def run_server(
    data_dir: Path,
    *,
    provider: str = "",
    port: int = 0,
    model: str = "echo",
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Server]:
    """An llmchat of the caller's own. Without a provider the embedded model answers.

    `settings` are further ones, by the names of their environment variables.
    """
    command = ["-m", "llmchat", "--port", str(port), "--no-browser", "--log-level", "warning"]
    configured = {"OPENAI_BASE_URL": provider, "OPENAI_API_KEY": canary.KEY, "DEFAULT_MODEL": model}
    chosen = configured if provider else {"LLMCHAT_DISCOVER": "0"}
    # A keyring of who runs the tests is left alone.
    options = {"LLMCHAT_KEY_STORE": "file", **chosen, **(settings or {})}
    async with started(*command, "--data-dir", str(data_dir), **options) as (line, process):
        address = next(word for word in line.split() if word.startswith("http://"))
        url, _, token = address.partition("#token=")
        yield Server(url.rstrip("/") + "/", process, token)


@pytest.fixture(scope="session")
def libraries() -> Path:
    """node_modules with what the tests need: axe-core."""
    install(ROOT, tests=True)
    return ROOT / "build/npm/node_modules"


def chromium() -> str | None:
    """Debian's where there is one, else the one that Playwright has fetched."""
    chosen = os.environ.get("LLMCHAT_TEST_CHROMIUM")  # `make test` asks scripts/chromium.py
    return chosen or next(filter(None, map(shutil.which, NAMES)), None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """For all tests of a process."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"]
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def provider() -> AsyncIterator[Fake]:
    """One fake provider for all tests."""
    async with AsyncExitStack() as stack:
        line, _ = await stack.enter_async_context(started("tests/fake_openai.py"))
        session = await stack.enter_async_context(ClientSession())
        yield Fake(line.strip(), session)


@pytest_asyncio.fixture(loop_scope="session")
async def fake(provider: Fake) -> AsyncIterator[Fake]:
    """The fake provider, as new."""
    await provider.order(reset=True)
    yield provider
    await provider.order(release=0)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(
    provider: Fake, libraries: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """One llmchat for all tests that do not end it."""
    async with run_server(tmp_path_factory.mktemp("data"), provider=provider.url) as server:
        yield server


@pytest.fixture
def watched() -> Watched:
    """What all pages of the test did."""
    return Watched()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser, watched: Watched) -> AsyncIterator[BrowserContext]:
    """A browser that has never been here."""
    context = await browser.new_context(viewport={"width": 1280, "height": 860})
    context.on("page", watched.attach)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(
    context: BrowserContext, server: Server, fake: Fake, watched: Watched
) -> AsyncIterator[Page]:
    """The empty page; at the end nothing may have been said or fetched that should not."""
    await server.forget_all()
    page = await context.new_page()
    await page.goto(server.url)
    yield page
    assert watched.console == []
    assert watched.foreign(server.url) == []
    assert watched.dialogs == []
