"""The whole server in this process, with real spawned workers, against a fake upstream."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import pytest
from aiohttp import web

from llmchat import listener
from llmchat.app import make_registry, make_service
from llmchat.config import load_settings
from llmchat.jobs.service import JobService
from llmchat.jobs.supervisor import RestartPolicy
from llmchat.server.app import make_runner, make_web_app
from llmchat.server.assets import Asset, Assets
from llmchat.storage.database import Database
from llmchat.storage.files import FileStore
from llmchat.storage.jobs import JobStore
from tests import canary
from tests.fake_openai import FakeOpenAI

_EMPTY = Asset(b"", "text/html", None)
ASSETS = Assets("0", _EMPTY, _EMPTY, _EMPTY, {}, {})


@dataclass
class Answer:
    """What one reader of a stream has got."""

    events: list[tuple[str, str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(data["text"] for _, name, data in self.events if name == "delta")

    @property
    def last(self) -> tuple[str, Any]:
        _, name, data = self.events[-1]
        return name, data

    def states(self) -> list[str]:
        return [data["state"] for _, name, data in self.events if name == "status"]


class Client:
    """A user of the HTTP API."""

    def __init__(self, url: str, session: aiohttp.ClientSession, service: JobService) -> None:
        self.url = url
        self.session = session
        self.service = service

    async def submit(self, content: str = "hi", model: str | None = None, **members: Any) -> str:
        body = {"messages": [{"role": "user", "content": content}], **members}
        if model is not None:
            body["model"] = model
        async with self.session.post(f"{self.url}/chat", json=body) as response:
            assert response.status == 202, await response.text()
            job_id: str = (await response.json())["job_id"]
            return job_id

    async def follow(
        self, job_id: str, after: str | None = None
    ) -> AsyncIterator[tuple[str, str, Any]]:
        """Yield `(id, event, data)` until the stream ends."""
        headers = {} if after is None else {"Last-Event-ID": after}
        address = f"{self.url}/stream/{job_id}"
        async with self.session.get(address, headers=headers) as response:
            assert response.status == 200, await response.text()
            fields: dict[str, str] = {}
            async for raw in response.content:
                name, _, value = raw.decode().rstrip("\r\n").partition(": ")
                if name:
                    fields[name] = value
                elif "data" in fields:
                    yield fields["id"], fields["event"], json.loads(fields["data"])
                    fields = {}

    async def read(self, job_id: str, after: str | None = None) -> Answer:
        """Read a stream to its end."""
        return Answer([event async for event in self.follow(job_id, after)])

    async def ask(self, content: str = "hi", model: str | None = None, **members: Any) -> Answer:
        return await self.read(await self.submit(content, model, **members))

    async def until(self, job_id: str, wanted: Callable[[str, Any], bool]) -> None:
        """Return when a reader of the stream has seen an event like that."""
        events = self.follow(job_id)
        async with contextlib.aclosing(events):  # type: ignore[type-var]  # it is a generator
            async for _, name, data in events:
                if wanted(name, data):
                    return
        raise AssertionError("the stream ended without it")

    async def stop(self, job_id: str, seen: str | None = None) -> int:
        query = {} if seen is None else {"seen": seen}
        address = f"{self.url}/chat/{job_id}"
        async with self.session.delete(address, params=query) as response:
            return response.status

    async def get(self, path: str) -> Any:
        async with self.session.get(self.url + path) as response:
            return await response.json()

    async def worker_pid(self) -> int:
        """The process id of the worker, once it is up."""
        while not self.service.pids()["worker"] or self.service.readiness():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)
        return self.service.pids()["worker"][0]


Serve: TypeAlias = Callable[..., AbstractAsyncContextManager[Client]]


@contextlib.asynccontextmanager
async def running(
    folder: Path,
    environment: Mapping[str, str],
    prepare: Callable[[web.Application], None] = lambda _: None,
) -> AsyncIterator[Client]:
    """A server with its data in a folder. `prepare` gets the application before it starts."""
    defaults: Mapping[str, str] = {"LLMCHAT_WORKERS": "1", "LLMCHAT_DISCOVER": "0"}
    defaults = {**defaults, "LLMCHAT_KEY_STORE": "file"}
    if environment.get("OPENAI_BASE_URL", ",").count(",") == 0:
        defaults = {**defaults, "OPENAI_API_KEY": canary.KEY}
    settings = load_settings({}, {**defaults, **environment}, {"LLMCHAT_DATA_DIR": str(folder)})
    database = Database.open(folder / "llmchat.db")
    service = make_service(
        settings,
        JobStore(database),
        lambda: RestartPolicy(intensity=1000),
        expecting=True,
    )
    database.on_commit = service.metrics.committed
    files = FileStore(database, folder / "files")
    sockets = listener.bind("127.0.0.1", 0)
    port = sockets[0].getsockname()[1]
    endpoints = make_registry(settings, folder, service, port)
    service.start(own_port=port)
    await endpoints.start()
    following = asyncio.create_task(endpoints.follow())
    app = make_web_app(settings, service, ASSETS, files=files, endpoints=endpoints)
    prepare(app)
    runner = make_runner(app)
    await runner.setup()
    await web.SockSite(runner, sockets[0]).start()
    url = listener.url_of(sockets[0])
    connector = aiohttp.TCPConnector(limit=0)
    try:
        async with aiohttp.ClientSession(connector=connector) as session:
            yield Client(url, session, service)
    finally:
        following.cancel()
        await service.close()
        await runner.cleanup()
        await database.close()


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """Start a server; its arguments are environment variables."""

    def start(**environment: str) -> AbstractAsyncContextManager[Client]:
        return running(tmp_path, environment)

    return start


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as running:
        yield running


@pytest.fixture
async def client(serve: Serve, fake: FakeOpenAI) -> AsyncIterator[Client]:
    """A server with one worker and the fake upstream as its endpoint."""
    async with serve(OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="echo") as running:
        yield running
