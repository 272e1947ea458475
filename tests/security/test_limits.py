"""T-LIMITS: what one account may take, and that another one does not wait for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from llmchat.domain.access import Role, Scope
from llmchat.server.gate import GATE
from tests.fake_openai import FakeOpenAI
from tests.system.conftest import Client, running
from tests.system.talk import Talk

PROGRAM = "/v1/chat/completions"
HI: dict[str, Any] = {"messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as started:
        yield started


def _people(keys: dict[str, str], **roles: Role) -> Callable[[web.Application], None]:
    """Accounts with a key each, which opens what their role does."""

    async def add(app: web.Application) -> None:
        callers = app[GATE].callers
        for name, role in roles.items():
            account = await callers.accounts.create(name, role)
            scopes = (Scope.PROGRAMS, Scope.READ, Scope.WRITE, Scope.ADMIN)
            _, keys[name] = await callers.keys.create(account.id, name, scopes, None)

    return lambda app: app.on_startup.append(add)


@asynccontextmanager
async def people(
    folder: Path, fake: FakeOpenAI, limits: str, **roles: Role
) -> AsyncIterator[tuple[Client, list[Talk]]]:
    """The server with its worker, as the owner of the machine and as each of them sees it."""
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "echo"}
    environment |= {"LLMCHAT_USER_LIMITS": limits, "LLMCHAT_GUEST_LIMITS": "per_minute=1"}
    keys: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            running(folder, environment, _people(keys, **roles))
        )
        talks = []
        for key in keys.values():
            session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"})
            talks.append(Talk(client.url, await stack.enter_async_context(session)))
        yield client, talks


async def refused(talk: Talk, path: str = "/chat", body: object = HI) -> tuple[str, str, int]:
    """The code and the sentence of a 429, and after how many seconds it is worth to come again."""
    async with talk.session.post(talk.url + path, json=body) as reply:
        told = await reply.json()
        assert reply.status == 429, told
        if path == "/chat":
            assert reply.content_type == "application/problem+json"
            return told["code"], told["detail"], int(reply.headers["Retry-After"])
        error = told["error"]
        assert error["type"] == "rate_limit_error"
        return error["code"], error["message"], int(reply.headers["Retry-After"])


async def used(talk: Talk) -> dict[str, Any]:
    status, found = await talk.call("GET", "/api/account/limits")
    assert status == 200, found
    return {name: one and (one["used"], one["limit"]) for name, one in found.items()
            if name != "day_ends"}  # fmt: skip


async def test_an_account_at_its_limits_is_told_so_and_slows_no_other_one(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    """Row 62. What runs beyond the limit waits; what waits beyond its own is refused."""
    limits = "per_minute=5 running=1 queued=2 streams=1"
    two = {"anna": Role.USER, "bert": Role.USER}
    async with people(tmp_path, fake, limits, **two) as (_, (anna, bert)):
        held = await anna.begin(**HI, model="gate")
        await fake.release()
        await anna.until_text(held, "piece")
        waiting = [await anna.begin("hello") for _ in range(2)]
        code, sentence, seconds = await refused(anna)
        assert (code, seconds > 0) == ("too-many-queued", True)
        assert "waiting as may: 2." in sentence
        program = {**HI, "model": "echo"}
        assert (await refused(anna, PROGRAM, program))[0] == "rate_limit_exceeded"
        # The endpoint has room, and of the other account nothing waits.
        await bert.ask("hello")
        status, answer = await bert.call("POST", PROGRAM, program)
        assert (status, answer["choices"][0]["finish_reason"]) == (200, "stop")
        assert await used(bert) == {
            "per_minute": (2, 5),
            "running": (0, 1),
            "queued": (0, 2),
            "tokens_per_day": None,
            "streams": (0, 1),
        }
        found = await used(anna)
        assert (found["per_minute"], found["running"], found["queued"]) == ((3, 5), (1, 1), (2, 2))
        async with anna.session.get(anna.url + held["stream"]) as reply:
            assert reply.status == 200
            status, told = await anna.call("GET", "/api/changes")
            assert (status, told["code"]) == (429, "too-many-streams")
            status, told = await anna.call("GET", waiting[0]["stream"])
            assert (status, told["code"]) == (429, "too-many-streams")
            await fake.release(float("inf"))
            assert "event: done" in await reply.text()
        for said in waiting:  # they had their turn when there was one
            await anna.end(said)
            assert (await anna.message(said))["content"] == "hello"
        for _ in range(2):
            await anna.ask("hello")
        code, sentence, seconds = await refused(anna)
        assert (code, 0 < seconds <= 60) == ("too-many-questions", True)
        assert sentence.endswith(f"It goes on in {seconds} s.")
        assert (await refused(anna, PROGRAM, program))[0] == "rate_limit_exceeded"
        embed = {"model": "echo", "input": "hi"}
        assert (await refused(anna, "/v1/embeddings", embed))[0] == "rate_limit_exceeded"
        await bert.ask("hello")


async def test_tokens_of_a_day_outlast_a_restart_and_admins_see_numbers_only(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    limits = "tokens_per_day=1"
    roles = {"anna": Role.USER, "root": Role.ADMIN}
    async with people(tmp_path, fake, limits, **roles) as (_, (anna, root)):
        await anna.ask("hello")
        code, sentence, seconds = await refused(anna)
        assert (code, 0 < seconds <= 25 * 3600) == ("tokens-used-up", True)
        assert "midnight" in sentence
        used_up = (await used(anna))["tokens_per_day"]
        assert used_up[0] > 1
        assert (await refused(anna, PROGRAM, {**HI, "model": "echo"}))[0] == "insufficient_quota"
        for _ in range(2):
            await root.ask("hello")
        assert set((await used(root)).values()) == {None}
        status, found = await root.call("GET", "/api/users/use")
        assert status == 200
        names = {
            one["id"]: one["name"] for one in (await root.call("GET", "/api/users"))[1]["items"]
        }
        by_name = {names[one["id"]]: (one["questions"], one["tokens"]) for one in found["items"]}
        assert by_name == {"anna": (1, used_up[0]), "root": (2, 2 * used_up[0])}
        assert all(set(one) == {"id", "questions", "tokens"} for one in found["items"])
        assert (await anna.call("GET", "/api/users/use"))[0] == 403
    async with people(tmp_path, fake, limits, bert=Role.USER) as (client, [bert]):
        # The account that has used its tokens has them no more after a restart.
        use = await client.service.quotas.use(next(one for one in names if names[one] == "anna"))
        assert use.used.tokens_per_day == used_up[0]
        await bert.ask("hello")


async def test_guests_have_limits_of_their_own_and_who_is_alone_has_none(
    tmp_path: Path, fake: FakeOpenAI
) -> None:
    async with people(tmp_path, fake, "per_minute=1", guest=Role.GUEST) as (client, [guest]):
        await guest.ask("hello")
        assert (await refused(guest))[0] == "too-many-questions"
        owner = Talk(client.url, client.session)
        for _ in range(3):
            await owner.ask("hello")
        assert set((await used(owner)).values()) == {None}
        key = (await owner.call("POST", "/api/keys", {"name": "mine"}))[1]["key"]
        for _ in range(2):
            headers = {"Authorization": f"Bearer {key}"}
            status, answer = await owner.call("POST", PROGRAM, {**HI, "model": "echo"}, **headers)
            assert status == 200, answer
