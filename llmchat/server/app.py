"""The web application and what runs it, from their parts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from aiohttp import web

from llmchat.access.oidc.client import OidcClient
from llmchat.access.proxies import Proxies
from llmchat.accounts.administration import Administration
from llmchat.accounts.callers import Callers
from llmchat.accounts.entrance import Entrance
from llmchat.accounts.opening import Opening
from llmchat.accounts.policy import oidc_settings, policy_of
from llmchat.accounts.proof import Proof
from llmchat.attachments.documents import Documents
from llmchat.attachments.limits import FileLimits
from llmchat.config import Settings
from llmchat.conversations.changes import Changes
from llmchat.conversations.projects import ProjectService
from llmchat.conversations.service import ConversationService
from llmchat.conversations.turns import Sources
from llmchat.domain.job import JobId
from llmchat.endpoints.keys import KeyStore
from llmchat.endpoints.registry import Registry
from llmchat.jobs.service import JobService
from llmchat.server.assets import Assets
from llmchat.server.base_path import mounted
from llmchat.server.gate import GATE, LOCKS, Gate
from llmchat.server.guard import guard
from llmchat.server.headers import secure
from llmchat.server.identity import admit
from llmchat.server.keys import (
    ASSETS,
    BASE_PATH,
    CONVERSATIONS,
    DOCUMENTS,
    ENDPOINTS,
    FILE_LIMITS,
    FILES,
    HOST_NAMES,
    IMPORTS,
    JOBS,
    LIMITS,
    PRESETS,
    PROGRAM_STREAMS,
    PROJECTS,
    PROMPTS,
    QUOTAS,
    SEARCH,
    SETTINGS,
    SHARES,
    STATISTICS,
    STREAMS,
    TOOLS_FILE,
)
from llmchat.server.limits import Limits
from llmchat.server.oidc import OIDC
from llmchat.server.problems import problems
from llmchat.server.protocol import Server
from llmchat.server.request_id import identify
from llmchat.server.rules import register
from llmchat.server.settings import note_models
from llmchat.server.sse import Streams
from llmchat.server.v1.errors import of_programs
from llmchat.storage.audit import AuditStore
from llmchat.storage.conversation_store import ConversationStore
from llmchat.storage.files import FileStore
from llmchat.storage.presets import PresetStore
from llmchat.storage.projects import ProjectStore
from llmchat.storage.prompts import PromptStore
from llmchat.storage.search import SearchStore
from llmchat.storage.settings import SettingsStore
from llmchat.storage.shares import ShareStore
from llmchat.storage.statistics import StatisticsStore
from llmchat.tools.configuration import FILE_NAME
from llmchat.transfer.service import ImportService

# Streams end by themselves at shutdown; other handlers take milliseconds. aiohttp waits twice.
_SHUTDOWN_SECONDS = 0.5


def make_web_app(
    settings: Settings,
    service: JobService,
    assets: Assets,
    limits: Limits | None = None,
    *,
    files: FileStore,
    endpoints: Registry | None = None,
    opening: Opening | None = None,
) -> web.Application:
    """The application. It neither starts nor closes `service`, `endpoints` and the store of
    `files`. Without `endpoints`, those that were set up before are not read; without `opening`
    there is neither a token nor a code.
    """
    app = web.Application(middlewares=[of_programs, problems, guard, admit])
    app[JOBS], app[QUOTAS] = service, service.quotas
    app[ENDPOINTS] = endpoints or _new_registry(settings, service, files)
    _add_stores(app, files)
    app[DOCUMENTS] = Documents(files)
    app[FILE_LIMITS] = FileLimits.of(settings)
    changes = Changes()
    _add_conversations(app, service, changes)
    service.tell(app[CONVERSATIONS].tell)
    app[ASSETS] = assets
    app[LIMITS] = limits or Limits(connections=settings.max_connections)
    app[IMPORTS] = ImportService(files, files.blobs.folder.parent, changes.reset)
    app.on_shutdown.append(_end_imports)
    app[TOOLS_FILE] = settings.data_dir.absolute() / FILE_NAME
    hourly = (files.collect_hourly, app[CONVERSATIONS].empty_bin, app[SHARES].forget_hourly)
    for work in (app[IMPORTS].tidy, *hourly):
        app.cleanup_ctx.append(_background(work))
    _add_gate(app, settings, files, opening or Opening())
    app[HOST_NAMES] = frozenset({"localhost", *settings.allowed_hosts})
    app[BASE_PATH] = settings.base_path
    app[LOCKS] = register(app.router, mounted(settings.base_path))
    app.on_response_prepare.append(secure)
    app.on_response_prepare.append(identify)
    app.on_startup.append(note_models)
    app.on_shutdown.append(_end_streams)
    return app


def _add_stores(app: web.Application, files: FileStore) -> None:
    app[FILES] = files
    app[SEARCH] = SearchStore(files.database)
    app[SETTINGS] = SettingsStore(files.database)
    app[PROMPTS] = PromptStore(files.database)
    app[PRESETS] = PresetStore(files.database)
    app[SHARES] = ShareStore(files.database)
    app[STATISTICS] = StatisticsStore(files.database)
    app[QUOTAS].tokens_since = app[STATISTICS].tokens


def _add_gate(app: web.Application, settings: Settings, files: FileStore, opening: Opening) -> None:
    callers = Callers(files.database)
    audit, proof = AuditStore(files.database), Proof()
    oidc = oidc_settings(settings)
    entrance = Entrance(
        *(callers, audit, proof),
        token=opening.token,
        setup=opening.setup,
        joins=None if oidc is None else oidc.may_join,
    )
    administration = Administration(
        *(files.database, callers, audit, proof),
        on_erase=lambda account: app[JOBS].owned.stop_all(account),
        remove=files.blobs.remove,
    )
    proxies = Proxies(settings.trusted_proxies, settings.proxy_hops)
    policy = policy_of(settings)
    app[GATE] = Gate(policy, callers, entrance, administration, proof, audit, proxies, settings)
    app[STREAMS], app[PROGRAM_STREAMS] = Streams(), Streams()
    callers.on_change = lambda: _end_revoked(app)
    callers.on_time = lambda now: _end_expired(app, now)
    app.cleanup_ctx.append(_background(callers.watch))
    if oidc is not None and policy.has_passwords:
        app[OIDC] = OidcClient(oidc)
    app.on_cleanup.append(_close_gate)


async def _end_revoked(app: web.Application) -> None:
    """Accounts, sessions or keys have changed: what is open of who may not any more ends."""
    gate, owned = app[GATE], app[JOBS].owned
    for streams in (app[STREAMS], app[PROGRAM_STREAMS]):
        await streams.check(gate.callers.still)
    for account in owned.accounts():
        if await gate.callers.accounts.find(account) is None:
            await owned.stop_all(account)
    if gate.entrance.wants_setup and await gate.callers.accounts.any_password():
        gate.entrance.end_setup()  # `llmchat user` was faster


def _end_expired(app: web.Application, now: int) -> None:
    for streams in (app[STREAMS], app[PROGRAM_STREAMS]):
        streams.end_expired(now)


async def _close_gate(app: web.Application) -> None:
    app[GATE].proof.close()
    if OIDC in app:
        await app[OIDC].close()


def _add_conversations(app: web.Application, service: JobService, changes: Changes) -> None:
    database = app[FILES].database
    sources = Sources(
        *(ConversationStore(database), ProjectStore(database), app[DOCUMENTS], app[FILE_LIMITS])
    )
    app[CONVERSATIONS] = ConversationService(
        sources, changes, stop=lambda account, job_id: service.cancel(account, JobId(job_id))
    )
    app[PROJECTS] = ProjectService(sources.projects, app[CONVERSATIONS], app[FILE_LIMITS])


def _new_registry(settings: Settings, service: JobService, files: FileStore) -> Registry:
    folder = files.blobs.folder.parent
    return Registry(
        settings,
        folder,
        KeyStore(folder, lambda: None),
        on_change=lambda further: service.configure(further),
    )


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


def _background(
    work: Callable[[], Coroutine[Any, Any, None]],
) -> Callable[[web.Application], AsyncIterator[None]]:
    """What is done beside the requests, until the application ends."""

    async def lifetime(_app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(work())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    return lifetime
