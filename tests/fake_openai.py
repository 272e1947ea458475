"""A stand-in for an OpenAI-compatible API: it streams known text, and misbehaves on demand.

The `model` of a request chooses the behaviour (or `mode`, for every request): a good one of
`GOOD`, with its numbers, as in `known-5000` or `paced-50-200`; or a bad one of `MODES`, whose
expected outcome stands beside it. In a test: `async with FakeOpenAI() as fake: fake.url`. For the
browser tests: `python tests/fake_openai.py --port 0` prints its URL and is driven over `/control`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

if __name__ == "__main__":  # started as a file: `tests` is found from the folder above
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.fake_faults import MODES
from tests.fake_replies import GOOD, Behaviour, Recorded, Reply, embeddings_of

__all__ = ["GOOD", "MODES", "FakeOpenAI", "Recorded"]


class FakeOpenAI:
    """The server. `requests` are the chat requests so far, oldest first."""

    def __init__(self, *, port: int = 0, models: tuple[str, ...] | None = None) -> None:
        self.port = port
        self.mode: str | None = None
        self.script = "# A title\n\nSome *text*.\n"
        self._listed: object = {"object": "list", "data": _listing(models or tuple(GOOD))}
        self.models: object = self._listed
        self.told: dict[str, object] = {}  # what it says of a model elsewhere, by path
        self.requests: list[Recorded] = []
        self.listings = 0
        self.key = ""  # without which nothing is answered
        self.heard: list[dict[str, str]] = []  # the headers of all requests for the list
        self.released = 0.0
        self._turn = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The base URL for an endpoint."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def posts(self) -> int:
        """Chat requests so far."""
        return len(self.requests)

    @property
    def open_streams(self) -> int:
        """Chat requests whose connection still stands."""
        return sum(one.ended is None for one in self.requests)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_post("/api/show", self._details)
        app.router.add_get("/props", self._details)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/embeddings", self._embed)
        app.router.add_get("/control", self._tell)
        app.router.add_post("/control", self._order)
        runner = web.AppRunner(
            app, handler_cancellation=True, shutdown_timeout=0.05, access_log=None
        )
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port, backlog=1024).start()
        self.port = runner.addresses[0][1]
        self._runner = runner
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def behaviour(self, recorded: Recorded) -> Behaviour:
        """How to answer a request that was just recorded."""
        return find_behaviour(self.mode or recorded.model)

    async def release(self, count: float = 1) -> None:
        """Let every `gate` stream send `count` more pieces; `inf` opens it for good."""
        async with self._turn:
            self.released += count
            self._turn.notify_all()

    async def passed(self, piece: int) -> None:
        """Wait until the gate lets the piece of that number through."""
        async with self._turn:
            await self._turn.wait_for(lambda: self.released >= piece)

    async def asked(self, count: int = 1) -> Recorded:
        """Wait for the `count`-th chat request, and return it."""
        async with self._turn:
            await self._turn.wait_for(lambda: len(self.requests) >= count)
        return self.requests[count - 1]

    def reset(self) -> None:
        """Forget requests, mode, releases and other models."""
        self.models = self._listed
        self.requests.clear()
        self.mode = None
        self.key = ""
        self.heard.clear()
        self.released = 0.0

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        headers = {name.title(): text for name, text in request.headers.items()}
        recorded = Recorded(await request.json(), headers, time.monotonic())
        if request.transport is not None:
            recorded.port = request.transport.get_extra_info("peername")[1]
        async with self._turn:
            self.requests.append(recorded)
            self._turn.notify_all()
        if not self._is_known(request):
            return _no_key(request)
        reply = Reply(self, request, recorded)
        try:
            await self.behaviour(recorded)(reply)
        except (asyncio.CancelledError, ConnectionResetError):
            recorded.disconnected = True
            raise
        finally:
            recorded.ended = time.monotonic()
            recorded.gone.set()
        # The reply went out behind aiohttp's back: it must not add one, nor read a next request.
        if request.transport is not None:
            request.transport.close()
        raise asyncio.CancelledError

    async def _list_models(self, request: web.Request) -> web.Response:
        self.listings += 1
        self.heard.append({name.title(): text for name, text in request.headers.items()})
        if not self._is_known(request):
            return _no_key(request)
        return web.json_response(self.models)

    async def _embed(self, request: web.Request) -> web.Response:
        """Of each text its length and its vowels; not of `echo`, as a model that only chats."""
        body = await request.json()
        recorded = Recorded(body, dict(request.headers), time.monotonic(), time.monotonic())
        self.requests.append(recorded)
        if recorded.model == "echo":
            problem = {"message": "echo makes no embeddings", "code": "model_not_supported"}
            return web.json_response({"error": problem}, status=400)
        return web.json_response(embeddings_of(body))

    def _is_known(self, request: web.Request) -> bool:
        return not self.key or request.headers.get("Authorization") == f"Bearer {self.key}"

    async def _details(self, request: web.Request) -> web.Response:
        if request.path not in self.told:
            raise web.HTTPNotFound
        return web.json_response(self.told[request.path])

    async def _tell(self, request: web.Request) -> web.Response:
        """What was asked so far; with `?asked=N` as soon as there were N requests, with `?closed=1`
        as soon as none of their connections stands any more.
        """
        if count := int(request.query.get("asked", "0")):
            await self.asked(count)
        if request.query.get("closed"):
            for one in self.requests:
                await one.until_ended()
        shown = [
            {
                "body": one.body,
                "headers": one.headers,
                "disconnected": one.disconnected,
                "seconds": one.ended and one.ended - one.started,
            }
            for one in self.requests
        ]
        return web.json_response(
            {"posts": self.posts, "open_streams": self.open_streams, "requests": shown}
        )

    async def _order(self, request: web.Request) -> web.Response:
        """Members: `reset`, `mode`, `text` (of `markdown`), `release` (a count; 0: for good),
        `models` (each with its `id`), `key` (that it wants).
        """
        order = await request.json()
        if order.get("reset"):
            self.reset()
        self.mode = order.get("mode", self.mode)
        self.script = order.get("text", self.script)
        self.key = order.get("key", self.key)
        if "models" in order:
            self.models = {"object": "list", "data": order["models"]}
        if "release" in order:
            await self.release(order["release"] or float("inf"))
        return web.json_response({})


def _no_key(request: web.Request) -> web.Response:
    """As OpenAI says it: with what it was sent."""
    sent = request.headers.get("Authorization", "none").removeprefix("Bearer ")
    message = f"Incorrect API key provided: {sent}."
    return web.json_response({"error": {"message": message, "code": "invalid_api_key"}}, status=401)


def _listing(names: tuple[str, ...]) -> list[dict[str, object]]:
    return [
        {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "fake"}
        for name in names
    ]


def find_behaviour(name: str) -> Behaviour:
    """The behaviour of a model name; numbers in it are its own business. Default: `echo`."""
    if name in MODES:
        return MODES[name].run
    family = next((known for known in GOOD if name.split("-")[0] == known.split("-")[0]), "echo")
    return GOOD.get(name, GOOD[family])


async def main(port: int) -> None:
    """Serve until the process is ended; the first line printed is the base URL."""
    async with FakeOpenAI(port=port) as fake:
        sys.stdout.write(f"{fake.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(main(parser.parse_args().port))
