"""The users: they ask, read in pieces and from several tabs, come back, stop, and ask twice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from random import Random
from typing import Any

import aiohttp

from tests.chaos.history import END, FINAL, History, Seen, Stop
from tests.chaos.plan import ReaderPlan, StopPlan
from tests.chaos.server import BrokenError, Server

LOST = (aiohttp.ClientError, ConnectionError, asyncio.IncompleteReadError)
_AWAY_SECONDS = 0.2  # before a lost connection is tried again
_REPLY_SECONDS = 60.0
_TEMPORARY = (503, 507)


class Users:
    """All users of one server, over one session. What no server may say is a BrokenError."""

    def __init__(self, server: Server, secrets: tuple[str, ...], note: str) -> None:
        self._server = server
        self._secrets = secrets
        self._note = note
        self._session = _session()
        self.refused = 0
        self.lost = 0

    async def close(self) -> None:
        await self._session.close()

    async def close_connections(self) -> None:
        """Leave no connection open that could be used again."""
        await self._session.close()
        self._session = _session()

    async def request(
        self, method: str, path: str, **options: Any
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, JSON and headers. Raises one of `LOST` while the server is away."""
        timeout = aiohttp.ClientTimeout(total=_REPLY_SECONDS)
        address = self._server.url + path
        try:
            async with self._session.request(method, address, timeout=timeout, **options) as reply:
                body = await reply.text()
                self._check(f"{method} {path}", reply, body)
                return reply.status, json.loads(body) if body else None, dict(reply.headers)
        except TimeoutError:
            raise BrokenError(f"I2: no reply to {method} {path}") from None

    def _check(self, what: str, reply: aiohttp.ClientResponse, body: str) -> None:
        if reply.status >= 500 and reply.status not in _TEMPORARY:
            raise BrokenError(f"I13: {what} got {reply.status}: {body[:300]}")
        if reply.status == 503 and not reply.headers.get("Retry-After", "").isdigit():
            raise BrokenError(f"I13: {what} got 503 without Retry-After: {body[:300]}")
        if any(secret in body for secret in self._secrets):
            raise BrokenError(f"I11: {what} got a key: {body[:300]}")

    async def submit(self, job: History) -> bool:
        """Ask until it is accepted. False if a question without a key was lost on its way."""
        posts = [self._post(job) for _ in range(job.plan.posts)]
        accepted = await asyncio.gather(*posts)
        return any(accepted)

    async def _post(self, job: History) -> bool:
        plan = job.plan
        headers = {"Idempotency-Key": f"key-{plan.tag}"} if plan.keyed else {}
        while True:
            await self._server.up.wait()
            try:
                status, told, _ = await self.request(
                    "POST", "/chat", json=plan.body(self._note), headers=headers
                )
            except LOST:
                self.lost += 1
                if not plan.keyed:
                    return False
                await asyncio.sleep(_AWAY_SECONDS)
                continue
            if status in (200, 202):
                job.job_ids.add(told["job_id"])
                return True
            if status != 503:
                raise BrokenError(f"a good question got {status}: {told}")
            self.refused += 1
            await asyncio.sleep(0.5)

    async def post_again(self, job: History) -> None:
        """The same question with its key is the same job; another question is refused."""
        if not job.plan.keyed:
            return
        await self._post(job)
        body = {"messages": [{"role": "user", "content": "another question"}]}
        if job.plan.user:
            body["user"] = job.plan.user  # type: ignore[assignment]  # it is only sent
        headers = {"Idempotency-Key": f"key-{job.plan.tag}"}
        with contextlib.suppress(*LOST):
            status, told, _ = await self.request("POST", "/chat", json=body, headers=headers)
            if status not in (422, 503):
                raise BrokenError(f"I6: another question with a used key got {status}: {told}")

    async def stop(self, job: History, plan: StopPlan) -> None:
        """Stop a job as planned, until the server says that it is stopped."""
        while plan.after_text and job.first_text is None and not job.over:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
        await asyncio.sleep(plan.delay)
        seen = None
        if plan.with_seen and job.readers and job.readers[0]:
            attempt, seq = job.readers[0][-1].id
            seen = f"{attempt}-{seq}"
        for _ in range(2 if plan.twice else 1):
            await self._stop(job, seen)

    async def _stop(self, job: History, seen: str | None) -> None:
        stop = Stop(seen)
        job.stops.append(stop)
        query = {"seen": seen} if seen else {}
        while True:
            await self._server.up.wait()
            with contextlib.suppress(*LOST):
                status, told, _ = await self.request("DELETE", f"/chat/{job.job_id}", params=query)
                if status == 204:
                    stop.acknowledged = time.monotonic()
                    return
                if status != 503:
                    raise BrokenError(f"a stop of an accepted job got {status}: {told}")
            await asyncio.sleep(_AWAY_SECONDS)

    async def read(self, job: History, plan: ReaderPlan) -> None:
        """Read the stream of a job as planned, coming back until its end is there."""
        events: list[Seen] = []
        job.readers.append(events)
        pick = Random(plan.seed)
        await asyncio.sleep(plan.delay)
        more = 0  # or an event that is longer than any allowance is never read
        while not events or events[-1].id != END:
            await self._server.up.wait()
            more = 2 * more + 500
            allowance = pick.choice((1, 30, 200, 1000, 5000)) + more if plan.cuts else 1 << 40
            try:
                cut = await self._read_some(job, events, allowance, 0.02 if plan.slow else 0.0)
            except LOST:
                cut = False
            if cut and plan.leaves:
                return
            await asyncio.sleep(pick.choice((0.0, 0.05, _AWAY_SECONDS)))

    async def _read_some(
        self, job: History, events: list[Seen], allowance: int, pause: float
    ) -> bool:
        """One connection, up to a number of bytes. True if it was left before its end."""
        headers = {}
        if events:
            attempt, seq = events[-1].id
            headers["Last-Event-ID"] = f"{attempt}-{seq}"
        address = f"{self._server.url}/stream/{job.job_id}"
        async with self._session.get(address, headers=headers) as reply:
            if reply.status != 200:
                body = await reply.text()
                self._check("GET /stream", reply, body)
                if reply.status != 503:
                    raise BrokenError(
                        f"I4: the stream of an accepted job got {reply.status}: {body}"
                    )
                return False
            buffer = b""
            while data := await reply.content.read(min(allowance, 4096 if pause else 65536)):
                buffer = _take_events(job, events, buffer + data)
                allowance -= len(data)
                if allowance <= 0:
                    reply.close()
                    return True
                await asyncio.sleep(pause)
        return False

    async def events(self, job: History, after: tuple[int, int] | None) -> list[Seen]:
        """The events of a job after an id, without a stream."""
        query = {} if after is None else {"after": f"{after[0]}-{after[1]}"}
        status, told, _ = await self.request("GET", f"/api/jobs/{job.job_id}", params=query)
        if status != 200:
            raise BrokenError(f"I4: an accepted job got {status}: {told}\n{job.describe()}")
        return [Seen(_id(one["id"]), one["event"], one["data"]) for one in told["events"]]


def _session() -> aiohttp.ClientSession:
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout)


def _take_events(job: History, events: list[Seen], buffer: bytes) -> bytes:
    """Note the whole events of a buffer. Returns the rest of it."""
    *blocks, rest = buffer.split(b"\r\n\r\n")
    for block in blocks:
        fields = dict(line.partition(": ")[::2] for line in block.decode().split("\r\n"))
        if "id" not in fields:
            continue  # a comment, or `restart`
        event = Seen(_id(fields["id"]), fields["event"], json.loads(fields["data"]))
        events.append(event)
        if event.name in {"delta", "reasoning", "tool_call"} and job.first_text is None:
            job.first_text = time.monotonic()
        if event.name in FINAL:
            job.over = True
    return rest


def _id(text: str) -> tuple[int, int]:
    attempt, _, seq = text.partition("-")
    return int(attempt), int(seq)
