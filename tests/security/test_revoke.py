"""T-REVOKE: who may not any more sees nothing more, also of what was open before."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import aiohttp
import pytest

from llmchat.domain.access import Scope
from llmchat.domain.chat import ChatRequest
from llmchat.domain.job import Delta
from llmchat.storage.sessions import WHOLE_MS
from tests.security.gates import GUEST, PASSWORD, ROOT, USER, Site, bearer, cookie, site

ENDED = b'event: error\r\ndata: {"code":"session-ended"'
ASK = {"messages": [{"role": "user", "content": "hi"}]}
Deed = Callable[[Site, dict[str, str], dict[str, str]], Awaitable[object]]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Site]:
    async with site(tmp_path) as started:
        yield started


@contextlib.asynccontextmanager
async def reading(
    running: Site, path: str, headers: Mapping[str, str]
) -> AsyncIterator[aiohttp.StreamReader]:
    """A stream whose first bytes have come."""
    async with running.session.get(running.url + path, headers=headers) as reply:
        assert reply.status == 200
        assert (await reply.content.readany()).startswith(b": ok")
        yield reply.content


async def _rest(stream: aiohttp.StreamReader) -> bytes:
    """What comes until the server ends it, which it does within five seconds."""
    async with asyncio.timeout(5):
        return await stream.read()


async def _account(running: Site, own: dict[str, str]) -> str:
    reply = await running.call("GET", "/api/session", headers=own)
    account: str = reply.body["account"]["id"]
    return account


async def _sign_out(running: Site, own: dict[str, str], _admin: dict[str, str]) -> None:
    assert (await running.call("DELETE", "/api/session", headers=own)).status == 204


async def _end_all_others(running: Site, _own: dict[str, str], _admin: dict[str, str]) -> None:
    another = cookie(await running.sign_in(USER))
    assert (await running.call("DELETE", "/api/sessions", headers=another)).status == 204


async def _end_one(running: Site, own: dict[str, str], _admin: dict[str, str]) -> None:
    listed = await running.call("GET", "/api/sessions", headers=own)
    [item] = [one for one in listed.body["items"] if one["current"]]
    assert item["address"] == "127.0.0.1"
    another = cookie(await running.sign_in(USER))
    stranger = cookie(await running.sign_in(GUEST))
    place = f"/api/sessions/{item['id']}"
    assert (await running.call("DELETE", place, headers=stranger)).status == 404
    assert (await running.call("DELETE", place, headers=another)).status == 204
    assert (await running.call("DELETE", place, headers=another)).status == 404


async def _new_password(running: Site, _own: dict[str, str], _admin: dict[str, str]) -> None:
    another = cookie(await running.sign_in(USER))
    body = {"password": "a quite different one", "current": PASSWORD}
    assert (await running.call("PATCH", "/api/account", body, another)).status == 200
    # Who has changed it goes on.
    assert (await running.call("GET", "/models", headers=another)).status == 200


async def _disable(running: Site, own: dict[str, str], admin: dict[str, str]) -> None:
    place = f"/api/users/{await _account(running, own)}"
    reply = await running.call("PATCH", place, {"disabled": True}, admin)
    assert (reply.status, reply.body["disabled"]) == (200, True)


async def _delete(running: Site, own: dict[str, str], admin: dict[str, str]) -> None:
    place = f"/api/users/{await _account(running, own)}"
    assert (await running.call("DELETE", place, headers=admin)).status == 204


async def _by_command(running: Site, _own: dict[str, str], _admin: dict[str, str]) -> None:
    """As an admin at the console does, in a process of its own."""
    command = (sys.executable, "-m", "llmchat", "user", "disable", USER)
    folder = running.database.path.parent
    await asyncio.to_thread(
        subprocess.run, [*command, "--data-dir", str(folder)], check=True, capture_output=True
    )


@pytest.mark.parametrize(
    "deed",
    [_sign_out, _end_one, _end_all_others, _new_password, _disable, _delete, _by_command],
)
async def test_what_is_open_ends_with_the_session(running: Site, deed: Deed) -> None:
    own = cookie(await running.sign_in(USER))
    admin, other = cookie(await running.sign_in(ROOT)), cookie(await running.sign_in(GUEST))
    job = (await running.jobs.submit(ChatRequest([]), account=running.accounts[USER])).job
    async with (
        reading(running, f"/stream/{job.id}", own) as answer,
        reading(running, "/api/changes", own) as changes,
        reading(running, "/api/changes", other) as unconcerned,
    ):
        await deed(running, own, admin)
        for stream in (answer, changes):
            assert ENDED in await _rest(stream)
        refused = await running.call("GET", "/models", headers=own)
        assert (refused.status, refused.body["code"]) == (401, "unauthorized")
        assert not unconcerned.at_eof()
    assert (await running.call("GET", "/models", headers=other)).status == 200


async def test_what_is_open_ends_when_the_session_is_too_old(running: Site) -> None:
    own = cookie(await running.sign_in(USER))
    async with reading(running, "/api/changes", own) as changes:
        caller = next(iter(running.gate.callers._known.values())).caller
        assert caller.until is not None
        on_time = running.gate.callers.on_time
        assert on_time is not None
        on_time(caller.until - 1)
        assert not changes.at_eof()
        assert abs(caller.until - time.time() * 1000 - WHOLE_MS) < 60_000
        on_time(caller.until)
        assert ENDED in await _rest(changes)


@pytest.mark.parametrize("begun", [True, False], ids=["begun", "waiting"])
async def test_a_key_that_is_revoked_ends_what_is_asked_with_it(running: Site, begun: bool) -> None:
    text = await running.key(USER, Scope.PROGRAMS)
    [key] = await running.gate.callers.keys.list(running.accounts[USER])
    own = cookie(await running.sign_in(USER))
    came = asyncio.Queue[int]()

    async def ask(stream: bool) -> tuple[int, bytes]:
        body = {**ASK, "stream": stream, "model": "tiny"}
        address = f"{running.url}/v1/chat/completions"
        async with running.session.post(address, json=body, headers=bearer(text)) as reply:
            await came.put(reply.status)
            return reply.status, await _rest(reply.content)

    asking = [asyncio.create_task(ask(stream)) for stream in (True, False)]
    while (  # noqa: ASYNC110 - nothing announces it
        len(jobs := await running.jobs.list(running.accounts[USER], active_only=True, limit=9)) < 2
    ):
        await asyncio.sleep(0.01)
    if begun:
        for job in jobs:
            running.jobs.write(job.id, Delta("Hel"))
        assert await came.get() == 200
    assert (await running.call("DELETE", f"/api/keys/{key.id}", headers=own)).status == 204
    (status, streamed), (_, whole) = await asyncio.gather(*asking)
    assert status == (200 if begun else 401)
    assert (b"Hel" in streamed) is begun
    for told in (streamed, whole):
        assert b'"code":"invalid_api_key"' in told
        assert b"revoked while it was used" in told
    refused = await running.call("GET", "/v1/models", headers=bearer(text))
    assert refused.status == 401
