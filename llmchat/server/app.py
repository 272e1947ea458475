"""The web application and what runs it, from their parts."""

from __future__ import annotations

from aiohttp import web

from llmchat.config import Settings
from llmchat.jobs.service import JobService
from llmchat.server.assets import Assets
from llmchat.server.guard import guard
from llmchat.server.headers import secure
from llmchat.server.keys import ASSETS, FILES, HOST_NAMES, IMPORTS, JOBS, LIMITS, STREAMS
from llmchat.server.limits import Limits
from llmchat.server.problems import problems
from llmchat.server.protocol import Server
from llmchat.server.request_id import identify
from llmchat.server.routes import ROUTES
from llmchat.server.sse import Streams
from llmchat.storage.files import FileStore
from llmchat.transfer.service import ImportService

# Streams end by themselves at shutdown; other handlers take milliseconds. aiohttp waits twice.
_SHUTDOWN_SECONDS = 0.5


def make_web_app(
    settings: Settings,
    service: JobService,
    assets: Assets,
    limits: Limits | None = None,
    *,
    files: FileStore | None = None,
) -> web.Application:
    """The application. It neither starts nor closes `service`. Without `files`, none are taken."""
    app = web.Application(middlewares=[problems, guard])
    app[JOBS] = service
    app[ASSETS] = assets
    app[LIMITS] = limits or Limits(connections=settings.max_connections)
    if files is not None:
        app[FILES] = files
        app[IMPORTS] = ImportService(files, files.blobs.folder.parent)
        app.on_shutdown.append(_end_imports)
    app[STREAMS] = Streams()
    app[HOST_NAMES] = frozenset({"localhost", *settings.allowed_hosts})
    app.add_routes(ROUTES)
    app.on_response_prepare.append(secure)
    app.on_response_prepare.append(identify)
    app.on_shutdown.append(_end_streams)
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


async def _end_imports(app: web.Application) -> None:
    await app[IMPORTS].close()


async def _end_streams(app: web.Application) -> None:
    app[STREAMS].end()
