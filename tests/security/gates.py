"""A server with accounts, and clients with each kind of credential."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from llmchat.access.setup_code import SetupCode
from llmchat.access.token import Token
from llmchat.accounts.opening import Opening
from llmchat.domain.access import Role, Scope
from llmchat.domain.job import Event
from llmchat.server.gate import GATE, Gate
from llmchat.server.uploads import PATHS
from llmchat.storage.database import Database
from tests.server.jobs import ScriptedJobs
from tests.server.site import serve, site_assets

PASSWORD = "correct horse battery"
ROOT, USER, GUEST = "root", "Ünal", "visitor"


@dataclass
class Reply:
    """What a client got: its JSON if it is some, else its text."""

    status: int
    body: Any
    headers: Mapping[str, str]
    cookies: list[str] = field(default_factory=list)

    @property
    def cookie(self) -> str:
        """The one that was set, as it is sent back."""
        [made] = self.cookies
        [(name, morsel)] = SimpleCookie(made).items()
        return f"{name}={morsel.value}"


class Site:
    """A server in this process. Each call is a client of its own: no cookie is kept."""

    def __init__(self, port: int, app: web.Application, jobs: ScriptedJobs) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.gate: Gate = app[GATE]
        self.database: Database = self.gate.administration._database
        self.jobs = jobs
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self.accounts: dict[str, str] = {}

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    ) -> Reply:
        """`body` is JSON, or a form where files are taken."""
        form = None
        if path in PATHS:
            body, form = None, aiohttp.FormData({"file": "text"}, default_to_multipart=True)
        async with self.session.request(
            method, self.url + path, json=body, data=form, headers=headers, allow_redirects=False
        ) as reply:
            is_json = "json" in reply.content_type
            content = await reply.json(content_type=None) if is_json else await reply.text()
            cookies = reply.headers.getall("Set-Cookie", [])
            return Reply(reply.status, content, reply.headers.copy(), cookies)

    async def log_in(self, name: str, password: str = PASSWORD) -> Reply:
        return await self.call("POST", "/api/session", {"name": name, "password": password})

    async def sign_in(self, name: str) -> str:
        """The cookie of a new session, begun without the work that a password takes."""
        sessions = self.gate.callers.sessions
        _, text = await sessions.create(self.accounts[name], "password", "", "127.0.0.1")
        return f"llmchat-{self.port}={text}"

    async def key(self, name: str, *scopes: Scope, expires: int | None = None) -> str:
        """An API key of an account."""
        keys = self.gate.callers.keys
        _, text = await keys.create(self.accounts[name], name, scopes, expires)
        return text


@asynccontextmanager
async def site(
    folder: Path,
    script: Sequence[Event] | None = None,
    *,
    auth: str = "password",
    people: bool = True,
    setup: bool = False,
    **settings: Any,
) -> AsyncIterator[Site]:
    """A server on loopback, with an admin, a user and a guest if there are to be `people`."""
    jobs = ScriptedJobs(script)
    opening = Opening(Token(), SetupCode() if setup else None)
    access = {"auth": auth, **settings}
    assets = site_assets(folder / "static")
    async with serve(jobs, assets, access=access, opening=opening) as (port, runner):
        running = Site(port, runner.app, jobs)
        if people:
            await _people(running)
        async with running.session:
            yield running


async def _people(running: Site) -> None:
    hashed = await running.gate.proof.hash("", PASSWORD)
    accounts = running.gate.callers.accounts
    root = await accounts.set_up(ROOT, hashed)
    assert root is not None
    running.accounts[ROOT] = root.id
    for name, role in ((USER, Role.USER), (GUEST, Role.GUEST)):
        running.accounts[name] = (await accounts.create(name, role, hashed)).id


def cookie(text: str) -> dict[str, str]:
    return {"Cookie": text}


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}
