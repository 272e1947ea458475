"""T-OIDC: the whole way of a browser, to a provider and back to the page, signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from yarl import URL

from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcProvider
from tests.security.gates import Reply, Site, cookie, site

CROSS_SITE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}


@asynccontextmanager
async def _running(folder: Path, provider: OidcProvider, *allowed: str) -> AsyncIterator[Site]:
    async with site(
        folder,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_name="Example",
        oidc_allowed=allowed,
    ) as running:
        yield running


async def _begin(running: Site, query: str = "") -> tuple[str, str]:
    """The path to come back to, and the cookie that belongs to it."""
    begun = await running.call("GET", f"/api/oidc/start{query}")
    assert begun.status == 303
    assert all(mark in begun.cookies[0] for mark in ("HttpOnly", "SameSite=Lax"))
    async with (
        aiohttp.ClientSession() as browser,
        browser.get(URL(begun.headers["Location"]), allow_redirects=False) as sent,
    ):
        back = URL(sent.headers["Location"])
    assert str(back.origin()) == running.url
    return str(back.relative()), begun.cookie


async def _sign_in(running: Site, query: str = "") -> Reply:
    path, binding = await _begin(running, query)
    return await running.call("GET", path, headers={**CROSS_SITE, **cookie(binding)})


async def test_who_may_join_gets_an_account_and_has_it_the_next_time(tmp_path: Path) -> None:
    async with (
        OidcProvider() as provider,
        _running(tmp_path, provider, "example.com") as running,
    ):
        state = (await running.call("GET", "/api/session")).body
        assert (state["ways"], state["oidc"]) == (["password", "oidc"], "Example")
        seen = set()
        for query, place in (("?next=/%23chat", "/#chat"), ("?next=//evil.example", "/")):
            reply = await _sign_in(running, query)
            assert (reply.status, reply.headers["Location"]) == (303, place)
            [made] = [
                one for one in reply.cookies if one.startswith("llmchat-") and "oidc" not in one
            ]
            assert "HttpOnly" in made
            me = await running.call("GET", "/api/session", headers=cookie(made.split(";")[0]))
            account = me.body["account"]
            assert (account["name"], account["role"]) == ("Anna Bell", "user")
            seen.add(account["id"])
        assert len(seen) == 1
        await running.database.write(
            lambda one: one.execute("update account set disabled = 1 where subject is not null")
        )
        assert (await _sign_in(running)).headers["Location"] == "/#oidc=not-allowed"


async def test_whoever_may_not_join_is_sent_back_to_the_page_with_a_reason(tmp_path: Path) -> None:
    async with (
        OidcProvider() as provider,
        _running(tmp_path, provider, "example.org", "bob@example.com") as running,
    ):
        reply = await _sign_in(running)
        assert (reply.status, reply.headers["Location"]) == (303, "/#oidc=not-allowed")
        assert reply.cookies == []
        # In another browser than the one that has begun it, and without any beginning.
        path, _ = await _begin(running)
        for place in (path, "/api/oidc/callback", "/api/oidc/callback?code=x&state=y"):
            reply = await running.call("GET", place, headers=CROSS_SITE)
            assert (reply.status, reply.headers["Location"]) == (303, "/#oidc=expired")
        linked = await running.call("GET", "/api/oidc/start", headers=CROSS_SITE)
        assert linked.status == 403  # no other site begins it


async def test_without_an_issuer_there_is_nothing(tmp_path: Path) -> None:
    async with site(tmp_path, people=False) as running:
        for path in ("/api/oidc/start", "/api/oidc/callback"):
            assert (await running.call("GET", path)).status == 404
        assert (await running.call("GET", "/api/session")).body["ways"] == []
