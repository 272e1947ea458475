"""The states of signing in and of accounts, on a server without them: what it would say is told to
the page instead. The journeys of test_signing_in.py and test_accounts.py have real ones.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from playwright.async_api import Page, Route, expect

from tests.browser.accounts import account_button, card, sign_in
from tests.browser.conftest import Fake
from tests.browser.side import open_drawer, open_settings
from tests.browser.steps import answer, ask, composer, run_module

_NOW = time.time_ns() // 1_000_000
_MINUTE, _DAY = 60_000, 86_400_000
_NOBODY = {"auth": "password", "account": None, "signed_in": False, "setup": False}
_ADA = {"id": "ada", "name": "Ada Lovelace", "role": "admin", "has_password": True}
_SIGNED_IN = {"auth": "password", "account": _ADA, "signed_in": True, "setup": False}
_SESSIONS = [
    ("Firefox on Linux", "192.0.2.17", 0, True),
    ("Safari on iPhone", "198.51.100.4", 5 * _DAY, False),
    ("", "2001:db8::17", 12 * _DAY, False),
]
_USERS = [
    ("ada", "Ada Lovelace", "admin", 0, False, False),
    ("bob", "Bob", "user", 40 * _MINUTE, False, False),
    ("cleo", "cleopatra@example.org", "user", 3 * _DAY, False, True),
    ("gus", "Gus", "guest", None, True, False),
]
_DEEDS = [
    ("signed-in", "password", 0),
    ("account-disabled", "Gus", 30),
    ("password-changed", "Bob", 60),
    ("account-made", "cleopatra@example.org", 4000),
    ("key-made", "editor on the laptop", 5000),
    ("set-up", "Ada Lovelace", 9000),
]


async def _tell(page: Page, path: str, body: object, status: int = 200, **headers: str) -> None:
    async def fulfill(route: Route) -> None:
        await route.fulfill(status=status, json=body, headers=headers)

    await page.route(re.compile(rf"/{path}(\?.*)?$"), fulfill)


async def _outside(page: Page, **state: object) -> None:
    """The page as somebody gets it whom the server does not know: through a proxy."""
    await page.set_extra_http_headers({"X-Forwarded-For": "192.0.2.1"})
    if state:
        await _tell(page, "api/session", {**_NOBODY, "ways": [], "oidc": None, **state})
    await page.reload()
    await expect(card(page).get_by_role("heading")).to_be_visible()


async def _signing_in(page: Page, fake: Fake) -> None:
    await _outside(page, ways=["password", "oidc"], oidc="Example ID")


async def _connecting(page: Page, fake: Fake) -> None:
    await _outside(page)
    await card(page).get_by_label("Token", exact=True).fill("not-the-token")
    await card(page).get_by_role("button", name="Open llmchat").click()
    await expect(card(page)).to_contain_text("This is not the token")


async def _setting_up(page: Page, fake: Fake) -> None:
    await _outside(page, setup=True)


async def _waiting_to_sign_in(page: Page, fake: Fake) -> None:
    await _outside(page, ways=["password"])
    problem = {"code": "too-many-attempts", "title": "There were too many attempts"}
    await _tell(page, "api/session", problem, 429, **{"Retry-After": "48"})
    await sign_in(page, "Bob", "wrong password")
    await expect(card(page)).to_contain_text("Again in 4")


async def _signed_out(page: Page, fake: Fake) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await composer(page).fill("half a thought")
    await _tell(page, "api/session", {**_NOBODY, "ways": ["password"], "oidc": None})
    unknown = {"code": "unauthorized", "title": "You are not signed in"}
    await _tell(page, "api/conversations", unknown, 401)
    await run_module(page, "load('lib/api.js').then((api) => api.request('api/conversations'))")
    await expect(page.get_by_role("dialog", name="Sign in again")).to_be_visible()


async def _inside(page: Page) -> None:
    """The page as an admin gets it."""

    async def with_role(route: Route) -> None:
        response = await route.fetch()
        text = (await response.text()).replace("<html", '<html data-role="admin"', 1)
        await route.fulfill(response=response, body=text)

    await page.route(page.url, with_role)
    replies: Mapping[str, Any] = {
        "api/session": {**_SIGNED_IN, "ways": ["password"], "oidc": None},
        "api/sessions": [
            {"id": str(at), "device": device, "address": address, "created": 0, "current": own}
            | {"seen": _NOW - ago}
            for at, (device, address, ago, own) in enumerate(_SESSIONS)
        ],
        "api/users": [
            {"id": key, "name": name, "role": role, "created": 0, "disabled": disabled}
            | {"seen": None if ago is None else _NOW - ago}
            | {"has_password": not external, "external": external}
            for key, name, role, ago, disabled, external in _USERS
        ],
        "api/audit": [
            {"number": at, "time": _NOW - ago * _MINUTE, "actor": "ada", "name": "Ada Lovelace"}
            | {"action": action, "target": target, "address": "192.0.2.17"}
            for at, (action, target, ago) in enumerate(_DEEDS)
        ],
        "api/users/use": [
            {"id": _USERS[1][0], "questions": 41, "tokens": 58_204},
            {"id": _USERS[2][0], "questions": 1, "tokens": 903},
        ],
        "api/account/limits": {
            "per_minute": {"limit": 60, "used": 3},
            "running": {"limit": 4, "used": 1},
            "queued": {"limit": 100, "used": 0},
            "tokens_per_day": {"limit": 200_000, "used": 58_204},
            "streams": {"limit": 64, "used": 2},
            "day_ends": _NOW,
        },
        "holdings": {"conversations": 23, "messages": 418, "files": 7, "keys": 1},
    }
    for path, body in replies.items():
        await _tell(page, path, {"items": body, "next": 1} if isinstance(body, list) else body)
    await page.reload()
    await open_drawer(page)
    await expect(account_button(page)).to_be_visible()


async def _menu(page: Page, fake: Fake) -> None:
    await _inside(page)
    await account_button(page).click()
    await expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()


async def _account(page: Page, fake: Fake) -> None:
    await _inside(page)
    panel = await open_settings(page, "Account")
    await expect(panel.get_by_text("Safari on iPhone")).to_be_visible()


async def _limits(page: Page, fake: Fake) -> None:
    await _account(page, fake)
    await page.get_by_role("listitem").filter(has_text="Open streams").scroll_into_view_if_needed()


async def _leaving(page: Page, fake: Fake) -> None:
    await _account(page, fake)
    await page.get_by_role("button", name="Delete the account").click()
    await expect(page.get_by_text("This goes: 23 chats")).to_be_visible()


async def _users(page: Page, fake: Fake) -> None:
    await _inside(page)
    panel = await open_settings(page, "Users")
    await panel.get_by_role("button", name="Delete: Bob").click()
    await expect(panel.get_by_text("Delete Bob for good, with 23 chats")).to_be_visible()


async def _adding(page: Page, fake: Fake) -> None:
    await _inside(page)
    panel = await open_settings(page, "Users")
    made = {"id": "dora", "name": "Dora", "role": "user", "created": _NOW, "seen": None}
    made |= {"disabled": False, "has_password": True, "external": False}
    await _tell(page, "api/users", made, 201)
    await panel.get_by_label("Name", exact=True).fill("Dora")
    await panel.get_by_role("button", name="Add", exact=True).click()
    await expect(panel.get_by_role("group", name="The first password of Dora")).to_be_visible()


async def _log(page: Page, fake: Fake) -> None:
    await _inside(page)
    panel = await open_settings(page, "Log")
    await expect(panel.get_by_text("set up llmchat")).to_be_visible()


ACCESS_STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "signing in": _signing_in,
    "connecting a browser": _connecting,
    "setting up": _setting_up,
    "waiting to sign in": _waiting_to_sign_in,
    "signed out": _signed_out,
    "account menu": _menu,
    "account": _account,
    "limits of the account": _limits,
    "deleting the account": _leaving,
    "users": _users,
    "adding a user": _adding,
    "log of deeds": _log,
}
