"""The web application and what runs it, from their parts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from llmchat.config import Settings
from llmchat.conversations.changes import Changes
from llmchat.conversations.history import ReadFile
from llmchat.conversations.service import ConversationService, no_files
from llmchat.domain.job import JobId
from llmchat.jobs.service import JobService
from llmchat.server.assets import Assets
from llmchat.server.guard import guard
from llmchat.server.headers import secure
from llmchat.server.keys import (
    ASSETS,
    CONVERSATIONS,
    HOST_NAMES,
    JOBS,
    LIMITS,
    SEARCH,
    SETTINGS,
    STREAMS,
)
from llmchat.server.limits import Limits
from llmchat.server.problems import problems
from llmchat.server.protocol import Server
from llmchat.server.request_id import identify
from llmchat.server.routes import ROUTES
from llmchat.server.sse import Streams
from llmchat.storage.conversation_store import ConversationStore
from llmchat.storage.database import Database
from llmchat.storage.search import SearchStore
from llmchat.storage.settings import SettingsStore

# Streams end by themselves at shutdown; other handlers take milliseconds. aiohttp waits twice.
_SHUTDOWN_SECONDS = 0.5


def make_web_app(
    settings: Settings,
    service: JobService,
    assets: Assets,
    limits: Limits | None = None,
    *,
    database: Database,
    read_file: ReadFile = no_files,
) -> web.Application:
    """The application. It neither starts nor closes `service` and `database`. `read_file` gives the
    images that models are to see.
    """
    app = web.Application(middlewares=[problems, guard])
    app[JOBS] = service
    app[CONVERSATIONS] = ConversationService(
        ConversationStore(database),
        Changes(),
        stop=lambda job_id: service.cancel(JobId(job_id)),
        read=read_file,
    )
    service.tell(app[CONVERSATIONS].tell)
    app[SETTINGS] = SettingsStore(database)
    app[SEARCH] = SearchStore(database)
    app[ASSETS] = assets
    app[LIMITS] = limits or Limits(connections=settings.max_connections)
    app[STREAMS] = Streams()
    app[HOST_NAMES] = frozenset({"localhost", *settings.allowed_hosts})
    app.add_routes(ROUTES)
    app.on_response_prepare.append(secure)
    app.on_response_prepare.append(identify)
    app.on_shutdown.append(_end_streams)
    app.cleanup_ctx.append(_emptied_bin)
    return app


def make_runner(app: web.Application) -> web.AppRunner:
    """What serves the application on the sites that are added to it.

    `cleanup()` ends the open streams at once and takes at most a second.
    """
    return _Runner(app, shutdown_timeout=_SHUTDOWN_SECONDS)


class _Runner(web.AppRunner):
    __slots__ = ()

    async def _make_server(self) -> Server:
        return Server(await super()._make_server(), self.app[LIMITS])


async def _end_streams(app: web.Application) -> None:
    app[STREAMS].end()


async def _emptied_bin(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(app[CONVERSATIONS].empty_bin())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
