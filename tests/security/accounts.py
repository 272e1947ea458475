"""Two accounts at one server, and whose a request is: until there are logins, a header says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler

from llmchat.server.keys import FILES, HOLDER
from llmchat.storage.api_keys import Holder
from tests.fake_openai import FakeOpenAI
from tests.system.conftest import running
from tests.system.talk import Talk

HEADER = "X-Test-Account"
NAMES = ("anna", "bert")


@web.middleware
async def _as_named(request: web.Request, handler: Handler) -> web.StreamResponse:
    if (name := request.headers.get(HEADER)) is not None:
        request[HOLDER] = Holder(name, "")
    return await handler(request)


async def _add_accounts(app: web.Application) -> None:
    rows = [(name, name) for name in NAMES]
    sql = "insert into account(id, name, created) values (?, ?, 0)"
    await app[FILES].database.write(lambda one: one.executemany(sql, rows))


def _prepare(app: web.Application) -> None:
    app.middlewares.append(_as_named)
    app.on_startup.append(_add_accounts)


@asynccontextmanager
async def two_accounts(folder: Path, fake: FakeOpenAI) -> AsyncIterator[tuple[Talk, Talk]]:
    """The server with its worker, as anna and as bert see it."""
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "echo"}
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(running(folder, environment, _prepare))
        sessions = [aiohttp.ClientSession(headers={HEADER: name}) for name in NAMES]
        anna, bert = [
            Talk(client.url, await stack.enter_async_context(session)) for session in sessions
        ]
        yield anna, bert
