"""What a person does to sign in and out, and servers that want it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, CookieJar
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Fake, Server, run_server

ADMIN, PASSWORD = "Ada Admin", "correct horse battery"


@asynccontextmanager
async def new_team(folder: Path, fake: Fake, **settings: str) -> AsyncIterator[tuple[Server, str]]:
    """A server with passwords that nobody has set up, and the code for its first admin."""
    chosen = {"LLMCHAT_AUTH": "password", **settings}
    async with run_server(folder, provider=fake.url, settings=chosen) as server:
        assert server.process.stdout is not None
        line = (await asyncio.wait_for(server.process.stdout.readline(), 20)).decode()
        yield server, line.split()[-1]


@asynccontextmanager
async def team(folder: Path, fake: Fake, **settings: str) -> AsyncIterator[Server]:
    """The same with its admin, and with the users Bob (a user) and Gus (a guest)."""
    async with new_team(folder, fake, **settings) as (server, code), calling(server) as session:
        first = {"code": code, "name": ADMIN, "password": PASSWORD}
        await post(session, "api/setup", first)
        for name, role in (("Bob", "user"), ("Gus", "guest")):
            await post(session, "api/users", {"name": name, "role": role, "password": PASSWORD})
        yield server


@asynccontextmanager
async def calling(server: Server) -> AsyncIterator[ClientSession]:
    """A program that keeps cookies as a browser does."""
    async with ClientSession(server.url, cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


async def post(session: ClientSession, path: str, body: dict[str, str]) -> None:
    """It has to succeed."""
    async with session.post(f"/{path}", json=body) as response:
        assert response.ok, await response.text()


async def end_sessions(server: Server, name: str, password: str = PASSWORD) -> None:
    """Sign somebody out in all browsers, from elsewhere."""
    async with calling(server) as session:
        await post(session, "api/session", {"name": name, "password": password})
        async with session.delete("/api/sessions") as response:
            assert response.ok


def card(page: Page) -> Locator:
    """Where one signs in."""
    return page.locator("sign-in")


async def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Type and send."""
    await card(page).get_by_label("Name").fill(name)
    await card(page).get_by_label("Password", exact=True).fill(password)
    await card(page).get_by_label("Password", exact=True).press("Enter")


async def signed_in(context: BrowserContext, server: Server, name: str) -> Page:
    """A page of somebody."""
    page = await context.new_page()
    await page.goto(server.url)
    await sign_in(page, name)
    await expect(account_button(page)).to_have_accessible_name(f"Account of {name}")
    return page


def account_button(page: Page) -> Locator:
    """In the corner of the chats."""
    return page.locator(".account-button")


async def sign_out(page: Page) -> None:
    """By the menu."""
    await account_button(page).click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await expect(card(page)).to_be_visible()
