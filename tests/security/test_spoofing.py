"""T-SPOOF and T-BRAKES: headers that say somebody else asks, and guessing."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from llmchat.access import peers
from llmchat.access.brakes import Brakes
from llmchat.domain.access import Role, Scope
from tests.security.gates import GUEST, PASSWORD, ROOT, USER, Reply, Site, bearer, site

LOOPBACK = (ip_network("127.0.0.1/32"),)
FORWARDED = [
    {"X-Forwarded-For": "192.0.2.7"},
    {"X-Forwarded-For": ""},
    {"X-Forwarded-For": "127.0.0.1"},
    {"Forwarded": "for=127.0.0.1"},
    {"X-Real-IP": "127.0.0.1"},
    {"X-Forwarded-Proto": "https"},
    {"Via": "1.1 cache"},
]
# As another user of this machine: it tells what it hears.
CURIOUS = """
import os, sys, urllib.error, urllib.request
"localhost".encode("idna")  # what Python loads later, the other user cannot read
os.setgid(65534), os.setuid(65534)
try:
    print(urllib.request.urlopen(sys.argv[1]).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


async def _me(running: Site, headers: Mapping[str, str]) -> str | None:
    reply = await running.call("GET", "/api/session", headers=headers)
    account = reply.body["account"]
    return None if account is None else account["name"]


@pytest.mark.skipif(not peers.can_be_known(), reason="the system does not tell who asks")
async def test_the_user_of_this_machine_needs_no_login_and_whoever_comes_by_a_proxy_does(
    tmp_path: Path,
) -> None:
    async with site(tmp_path, auth="auto") as running:
        assert (await running.call("GET", "/api/users")).status == 200
        assert await _me(running, {}) == ROOT
        for headers in FORWARDED:
            assert (await running.call("GET", "/models", headers=headers)).status == 401
            assert await _me(running, headers) is None
        # What a page cannot claim to be: these say nothing of a proxy, and give nothing.
        for name in ("X-Forwarded-User", "X-User", "Remote-User"):
            assert await _me(running, {name: USER, "X-Forwarded-For": "127.0.0.1"}) is None
        # Who signs in is who has signed in, here too.
        cookie = (await running.log_in(USER)).cookie
        assert await _me(running, {"Cookie": cookie}) == USER
        assert await _me(running, {"Cookie": cookie, **FORWARDED[0]}) == USER
        await running.call("DELETE", "/api/session", headers={"Cookie": cookie})
        assert await _me(running, {"Cookie": cookie}) == ROOT


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or not peers.can_be_known(),
    reason="only root can ask as another user",
)
async def test_another_user_of_this_machine_gets_nothing(tmp_path: Path) -> None:
    async with site(tmp_path, auth="auto") as running:
        for path, status in (("/models", b"401\n"), ("/api/session", b"200\n")):
            asking = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", "-c", CURIOUS, running.url + path), stdout=PIPE
            )
            told, _ = await asking.communicate()
            assert told == status


async def test_a_proxy_that_is_trusted_says_who_asks_and_nobody_else_can(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "proxy_user_header": "X-Remote",
        "proxy_groups_header": "X-Groups",
        "proxy_admin_groups": ("wheel",),
    }
    async with site(tmp_path, auth="proxy", trusted_proxies=LOOPBACK, **settings) as running:
        for headers, name, role in (
            ({}, None, None),
            ({"X-Forwarded-User": USER}, None, None),
            ({"X-Remote": "anna@example.org"}, "anna@example.org", "user"),
            ({"X-Remote": " Anna@Example.ORG ", "X-Groups": "a, b"}, "anna@example.org", "user"),
            ({"X-Remote": "anna@example.org", "X-Groups": "a,wheel"}, "anna@example.org", "admin"),
            ({"X-Remote": GUEST}, GUEST, "guest"),
            ({"X-Remote": "' or '1'='1"}, "' or '1'='1", "user"),
        ):
            reply = await running.call("GET", "/api/session", headers=headers)
            account = reply.body["account"] or {"name": None, "role": None}
            assert (account["name"], account["role"]) == (name, role), headers
            status = {None: 401, "admin": 200}.get(role, 403)
            assert (await running.call("GET", "/api/users", headers=headers)).status == status
        twice = [("X-Remote", USER), ("X-Remote", ROOT)]
        assert (await running.call("GET", "/models", headers=twice)).status == 400
        anna = await running.gate.callers.accounts.by_login("anna@example.org", Role.USER)
        place = f"/api/users/{anna.id}"
        root = {"X-Remote": ROOT}
        disabled = await running.call("PATCH", place, {"disabled": True}, root)
        assert disabled.status == 200
        assert await _me(running, {"X-Remote": "anna@example.org"}) is None
        # What the proxy was shown itself is passed on by some.
        for shown in ("Bearer eyJhbGciOiJSUzI1NiJ9." + "x" * 500, "Basic YTpi"):
            assert await _me(running, {"X-Remote": USER, "Authorization": shown}) == USER
        key = bearer(await running.key(USER, Scope.READ) + "x")
        assert await _me(running, {"X-Remote": USER, **key}) is None
        # Neither passwords nor sessions count beside it.
        assert (await running.log_in(USER)).status == 401
        cookie = await running.sign_in(ROOT)
        assert (await running.call("GET", "/models", headers={"Cookie": cookie})).status == 401
    elsewhere = (ip_network("192.0.2.0/24"),)
    async with site(tmp_path, auth="proxy", trusted_proxies=elsewhere, **settings) as running:
        assert await _me(running, {"X-Remote": ROOT}) is None
        assert (await running.call("GET", "/models", headers={"X-Remote": ROOT})).status == 401


async def test_guessing_is_slowed_down_whoever_is_said_to_guess(tmp_path: Path) -> None:
    async with site(tmp_path) as running:
        running.gate.proof._brakes = Brakes(lambda: 0.0)  # no wait is over, however slow this is

        async def guess(name: str, number: int) -> Reply:
            body = {"name": name, "password": f"guess number {number}"}
            forged = {"X-Forwarded-For": f"192.0.2.{number}", "X-Real-IP": f"192.0.2.{number}"}
            return await running.call("POST", "/api/session", body, forged)

        tries = [await guess(USER, number) for number in range(5)]
        assert [one.status for one in tries] == [401] * 5
        assert all(one.body == tries[0].body for one in tries)
        # Who has the right password waits, too: else it would be told by that.
        for reply in (await guess(USER, 6), await running.log_in(USER)):
            assert (reply.status, reply.body["code"]) == (429, "too-many-attempts")
            assert 1 <= int(reply.headers["Retry-After"]) <= 60
        listed = await running.gate.audit.list(None, 10)
        assert [one.action for one in listed] == []


async def test_nobody_hears_which_names_there_are(tmp_path: Path) -> None:
    async with site(tmp_path) as running:
        disabled = running.accounts[GUEST]
        root = {"Cookie": await running.sign_in(ROOT)}
        place = f"/api/users/{disabled}"
        assert (await running.call("PATCH", place, {"disabled": True}, root)).status == 200
        unknown = await running.log_in("nobody", "guess guess")
        for reply in (await running.log_in(USER, "guess guess"), await running.log_in(GUEST)):
            assert (reply.status, reply.body) == (401, unknown.body)
            assert not reply.cookies


async def test_the_token_of_the_folder_is_for_this_machine_where_there_are_accounts(
    tmp_path: Path,
) -> None:
    async with site(tmp_path) as running:
        token = running.gate.entrance._token
        assert token is not None
        given = bearer(token.secret)
        assert await _me(running, given) == ROOT
        assert await _me(running, {**given, **FORWARDED[0]}) is None
        refused = await running.call("POST", "/api/session", {"token": token.secret})
        assert (refused.status, refused.body["code"]) == (401, "login-failed")
    async with site(tmp_path, auth="auto") as running:
        token = running.gate.entrance._token
        assert token is not None
        assert await _me(running, {**bearer(token.secret), **FORWARDED[0]}) == ROOT
        body = {"token": token.secret}
        begun = await running.call("POST", "/api/session", body, FORWARDED[0])
        assert (begun.status, begun.body["signed_in"]) == (200, True)


async def test_a_password_is_changed_by_who_knows_the_one_before(tmp_path: Path) -> None:
    async with site(tmp_path) as running:
        own = {"Cookie": await running.sign_in(USER)}
        for body, status in (
            ({"password": "a new horse"}, 401),
            ({"password": "a new horse", "current": "wrong"}, 401),
            ({"password": "password1", "current": PASSWORD}, 422),
            ({"password": USER.upper() * 3, "name": USER.upper() * 3, "current": PASSWORD}, 422),
            ({"name": ROOT.upper(), "current": PASSWORD}, 409),
            ({"name": "\u202eroot", "current": PASSWORD}, 422),
            ({"name": "Ü", "password": "a new horse", "current": PASSWORD}, 200),
        ):
            reply = await running.call("PATCH", "/api/account", body, own)
            assert (body, reply.status) == (body, status), reply.body
        assert (await running.log_in(USER)).status == 401
        assert (await running.log_in("ü", "a new horse")).status == 200
        root = {"Cookie": await running.sign_in(ROOT)}
        for role in ("user", "guest"):
            reply = await running.call("PATCH", "/api/users/owner", {"role": role}, root)
            assert (reply.status, reply.body["code"]) == (409, "last-admin")
        assert (await running.call("DELETE", "/api/users/owner", headers=root)).status == 409
