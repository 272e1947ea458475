"""The composition root: builds the parts, starts them in order, and ends them in the reverse."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
import secrets
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from llmchat import __version__, garbage, listener, resources
from llmchat.accounts.opening import Opening, open_access
from llmchat.attachments.limits import FileLimits
from llmchat.attachments.parts import AttachedFiles
from llmchat.browser import has_screen, open_browser
from llmchat.config import Settings
from llmchat.domain.endpoint import EMBEDDED, Model
from llmchat.domain.errors import StorageError
from llmchat.endpoints.keyring import find_keyring
from llmchat.endpoints.keys import KeyStore
from llmchat.endpoints.registry import Registry
from llmchat.jobs.backend import Backend
from llmchat.jobs.local import FileOf, LocalModels
from llmchat.jobs.service import JobService
from llmchat.jobs.supervisor import Child, RestartPolicy
from llmchat.modelfiles.folder import FOLDER_NAME as MODELS_FOLDER
from llmchat.modelfiles.folder import ModelFolder
from llmchat.providers import engine
from llmchat.providers.base import Limits
from llmchat.storage.blobs import FOLDER_NAME
from llmchat.storage.database import Database
from llmchat.storage.files import FileStore
from llmchat.storage.jobs import JobStore
from llmchat.storage.location import Location
from llmchat.tools.configuration import FILE_NAME as TOOLS_FILE
from llmchat.watchdog import watchdog
from llmchat.worker import main as worker

log = logging.getLogger(__name__)

DRAIN_SECONDS = 10.0  # for running answers, when the server is asked to stop
ECHO_SECONDS = 0.5
HUNG_SECONDS = 10.0  # ten heartbeats of a worker
CONTEXT_TOKENS = 4096  # of one slot of the embedded model


async def serve(settings: Settings, hide: Callable[[str], None] = lambda _: None) -> None:
    """Run llmchat until SIGINT or SIGTERM. Raises ConfigError for what cannot be started. `hide`
    gets every key that must not come into the log.
    """
    stop = Stop()
    sockets = listener.bind(settings.host, settings.port)
    listener.tell_seldom(asyncio.get_running_loop())
    with Location(settings.data_dir, listener.url_of(sockets[0]) + settings.base_path) as location:
        database = Database.open(location.path)
        try:
            opening = await open_access(settings, location.path.parent, database)
            service = make_service(
                settings,
                JobStore(database),
                notices=location.notices,
                data=location.path.parent,
                expecting=True,
            )
            stores = (FileStore(database, location.path.parent / FOLDER_NAME), opening)
            await _run(settings, service, stores, sockets, stop, hide=hide)
        finally:
            await database.close()


async def _run(
    settings: Settings,
    service: JobService,
    stores: tuple[FileStore, Opening],
    sockets: list[Any],
    stop: Stop,
    *,
    hide: Callable[[str], None],
) -> None:
    (files, opening), port = stores, sockets[0].getsockname()[1]
    folder = files.blobs.folder.parent
    files.database.on_commit = service.metrics.committed
    service.local.folder.prepare()
    endpoints = make_registry(settings, folder, service, port, hide)
    # The workers import while this process does: the page and the first answer come sooner.
    service.start(own_port=port)
    following = asyncio.create_task(_keep(endpoints))
    try:
        async with watchdog():
            await _serve_http(settings, service, (files, endpoints, opening), sockets, stop)
    finally:
        following.cancel()
        await service.close()


async def _keep(endpoints: Registry) -> None:
    await endpoints.start()
    await endpoints.follow()


async def _serve_http(
    settings: Settings,
    service: JobService,
    stores: tuple[FileStore, Registry, Opening],
    sockets: list[Any],
    stop: Stop,
) -> None:
    # In a thread: half a second in which the loop already hears what the workers have found.
    await asyncio.to_thread(importlib.import_module, "llmchat.server.app")
    from aiohttp import web

    from llmchat.server.app import make_runner, make_web_app
    from llmchat.server.assets import load_assets
    from llmchat.server.keys import STREAMS

    assets = load_assets(resources.static_dir())
    files, endpoints, opening = stores
    app = make_web_app(settings, service, assets, files=files, endpoints=endpoints, opening=opening)
    runner = make_runner(app)
    await runner.setup()
    try:
        for listening in sockets:
            await web.SockSite(runner, listening, backlog=listener.BACKLOG).start()
        url = listener.url_of(sockets[0]) + (settings.base_path and f"{settings.base_path}/")
        _tell(opening, url)
        if not settings.no_browser and has_screen():
            await _open(opening, url, files.blobs.folder.parent)
        garbage.settle()
        await stop.asked.wait()
        if not stop.hurry.is_set():
            app[STREAMS].end()  # who comes back at once can still read what is being finished
            await service.drain(DRAIN_SECONDS, stop.hurry)
        # Final events first: then every open stream ends by itself, and nothing has to be cut.
        await service.close()
    finally:
        await runner.cleanup()


def _tell(opening: Opening, url: str) -> None:
    notice = opening.notice(url)
    with contextlib.suppress(OSError):  # nobody reads it: that is no reason not to serve
        print(  # noqa: T201 - to the person at the console, and the journal of a service
            f"llmchat {__version__} is at {opening.address(url)} (Ctrl+C ends it)",
            *([notice] if notice else []),
            sep="\n",
            flush=True,
        )


async def _open(opening: Opening, url: str, folder: Path) -> None:
    try:
        open_browser(await asyncio.to_thread(opening.to_open, url, folder))
    except StorageError as error:
        log.warning("the browser was not opened: %s", error.message)


@dataclass(frozen=True, slots=True)
class Children:
    """The processes to spawn; `embedded` is the model that the engine serves, `local` has those of
    the folder of models.
    """

    worker: Child[worker.WorkerConfig]
    engine: Child[engine.EngineConfig] | None
    embedded: Model | None
    local: LocalModels


def make_service(
    settings: Settings,
    store: JobStore,
    policy: Callable[[], RestartPolicy] = RestartPolicy,
    notices: Mapping[str, str] | None = None,
    data: Path | None = None,
    *,
    expecting: bool = False,
) -> JobService:
    """The job service with its real processes, not started yet. `data` is where the data really is,
    if that is not the folder of the settings. `expecting`: a registry will tell it of further
    endpoints.
    """
    children = make_children(settings, data)
    return JobService(
        settings,
        store,
        worker=children.worker,
        workers=settings.workers or max(1, (os.cpu_count() or 1) - 1),
        engine=children.engine,
        embedded=children.embedded,
        local=children.local,
        policy=policy,
        notices=notices,
        expecting=expecting,
    )


def make_registry(
    settings: Settings,
    folder: Path,
    service: JobService | Backend,
    own_port: int,
    hide: Callable[[str], None] = lambda _: None,
) -> Registry:
    """The endpoints that are set up, not read yet; their changes go to the service, which expects
    them. `folder` is that of what the page sets up.
    """
    find = find_keyring if settings.key_store == "auto" else _no_keyring
    return Registry(
        settings,
        folder,
        KeyStore(folder, find),
        on_change=service.configure,
        hide=hide,
        own_port=own_port,
    )


def _no_keyring() -> None:
    return None


def make_children(settings: Settings, data: Path | None = None) -> Children:
    """What the server spawns, as the settings want it."""
    data = data or settings.data_dir
    model_file = settings.model_file or resources.embedded_model()
    engine_child = embedded = None
    if model_file is not None:
        engine_child = _model_child(partial(_engine_config, model_file, settings.embedded_slots))
        embedded = Model(model_file.stem, EMBEDDED, "llmchat", CONTEXT_TOKENS, vision=False)
    worker_child = Child(
        "worker",
        worker.main,
        partial(_worker_config, settings, data / FOLDER_NAME),
        start_seconds=60.0,
        silence_seconds=HUNG_SECONDS,
    )
    local = LocalModels(
        ModelFolder(data / MODELS_FOLDER, frozenset({embedded.id} if embedded else ())),
        lambda file_of: _model_child(partial(_local_config, settings, file_of)),
        lambda file: file.needed_bytes(settings.model_slots, settings.model_context),
    )
    return Children(worker_child, engine_child, embedded, local)


def _model_child(config: Callable[[], engine.EngineConfig]) -> Child[engine.EngineConfig]:
    # A large model on a slow disk takes minutes to load.
    return Child(
        "model", engine.main, config, start_seconds=900.0, silence_seconds=3 * HUNG_SECONDS
    )


def _worker_config(settings: Settings, folder: Path) -> worker.WorkerConfig:
    limits = Limits(
        connect_seconds=settings.connect_timeout_seconds,
        first_token_seconds=settings.first_token_timeout_seconds,
        idle_seconds=settings.idle_timeout_seconds,
        total_seconds=settings.job_timeout_seconds,
    )
    # The server and its workers share a folder; workers of other machines will need a way to it.
    files = AttachedFiles(folder.absolute(), FileLimits.of(settings))
    return worker.WorkerConfig(
        *(os.getpid(), settings.log_level, limits, settings.log_format, files),
        tools_file=settings.data_dir.absolute() / TOOLS_FILE,
    )


def _engine_config(model_file: Path, slots: int) -> engine.EngineConfig:
    return engine.EngineConfig(
        parent_pid=os.getpid(),
        model_file=str(model_file),
        api_key=secrets.token_urlsafe(32),
        slots=slots,
        context_tokens=CONTEXT_TOKENS,
    )


def _local_config(settings: Settings, file_of: FileOf) -> engine.EngineConfig:
    file = file_of()
    if file is None:  # the engine says so
        return _engine_config(Path("that was removed"), settings.model_slots)
    return engine.EngineConfig(
        parent_pid=os.getpid(),
        model_file=file.path,
        api_key=secrets.token_urlsafe(32),
        slots=settings.model_slots,
        context_tokens=file.context_tokens(settings.model_context),
        alias=file.id,
        needed_bytes=file.needed_bytes(settings.model_slots, settings.model_context),
    )


class Stop:
    """SIGTERM asks for an end in order, with time for running answers; SIGINT for one at once,
    and so does a second signal.
    """

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.hurry = asyncio.Event()
        self._since = 0.0
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self._signal, number)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda got, _: loop.call_soon_threadsafe(self._signal, got))

    def _signal(self, number: int) -> None:
        now = asyncio.get_running_loop().time()
        if not self.asked.is_set():
            self._since = now
            self.asked.set()
        # A service manager signals a one-file executable twice: itself, and by its bootloader.
        elif now - self._since > ECHO_SECONDS:
            self.hurry.set()
        if number == signal.SIGINT:
            self.hurry.set()
