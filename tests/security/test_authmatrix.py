"""T-AUTHMATRIX and T-ROUTES: each credential, in each state it can be in, at each kind of route."""

from __future__ import annotations

import itertools
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest
from aiohttp import web

from llmchat.domain.access import Caller, Role, Rule, Scope, Way, is_allowed
from llmchat.domain.job import Delta
from llmchat.server.routes import ROUTES
from llmchat.server.rules import guest, register
from llmchat.storage.sessions import IDLE_MS, WHOLE_MS
from tests.security.gates import GUEST, ROOT, USER, Site, bearer, cookie, site

Headers: TypeAlias = Mapping[str, str] | Sequence[tuple[str, str]]
KINDS = {
    Rule.PUBLIC: "/api/session",
    Rule.GUEST: "/models",
    Rule.USER: "/api/keys",
    Rule.ADMIN: "/api/users",
    Rule.PROGRAM: "/v1/models",
}
NOBODY = [200, 401, 401, 401, 401]
SQL = ["' or '1'='1", "x') union select 1,'','v1',null,'admin' --", "llmchat-' or 1=1 --", "%00"]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Site]:
    async with site(tmp_path, [Delta("hi")]) as started:
        yield started


async def _statuses(running: Site, headers: Headers) -> list[int]:
    return [(await running.call("GET", path, headers=headers)).status for path in KINDS.values()]


async def _age(running: Site, column: str, milliseconds: int) -> None:
    """Make all sessions older, as if time had passed."""

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(f"update session set {column} = {column} - ?", (milliseconds,))

    await running.database.write(work)
    await running.gate.callers.changed()


async def test_each_valid_credential_opens_what_is_for_it_and_no_more(running: Site) -> None:
    soon = time.time_ns() // 1_000_000 + 60_000
    expected: list[tuple[Headers, list[int]]] = [
        ({}, NOBODY),
        (cookie(await running.sign_in(GUEST)), [200, 200, 403, 403, 401]),
        (cookie(await running.sign_in(USER)), [200, 200, 200, 403, 401]),
        (cookie((await running.log_in("  ÜNAL ")).cookie), [200, 200, 200, 403, 401]),
        (cookie(await running.sign_in(ROOT)), [200, 200, 200, 200, 401]),
        (bearer(await running.key(USER, Scope.PROGRAMS, expires=soon)), [200, 403, 403, 403, 200]),
        (bearer(await running.key(USER, Scope.READ)), [200, 200, 200, 403, 403]),
        (bearer(await running.key(USER, Scope.WRITE)), [200, 200, 200, 403, 403]),
        (bearer(await running.key(USER, Scope.ADMIN)), [200, 403, 403, 403, 403]),
        (bearer(await running.key(ROOT, Scope.ADMIN)), [200, 403, 403, 200, 403]),
        (bearer(await running.key(GUEST, *Scope)), [200, 200, 403, 403, 200]),
        ({"X-Api-Key": await running.key(USER, *Scope)}, [200, 200, 200, 403, 200]),
        ({"authorization": f"bEARER   {await running.key(ROOT, *Scope)} "}, [200] * 5),
    ]
    for headers, statuses in expected:
        assert await _statuses(running, headers) == statuses, headers


async def test_whatever_is_wrong_with_a_credential_it_opens_nothing_and_hears_the_same(
    running: Site,
) -> None:
    good, key = await running.sign_in(ROOT), await running.key(ROOT, *Scope)
    name, text = good.split("=")
    ended = await running.sign_in(ROOT)
    assert (await running.call("DELETE", "/api/session", headers=cookie(ended))).status == 204
    past = time.time_ns() // 1_000_000 - 1
    expired = await running.key(ROOT, *Scope, expires=past)
    wrong: list[Headers] = [
        cookie(ended),
        *(cookie(f"{name}={value}") for value in ("", "x", text[:-1], text + "x", text.upper())),
        *(cookie(f"{name}={value}") for value in SQL),
        cookie(f"{name}={text}; {name}=other"),
        cookie(f"__Host-llmchat=x; {good}"),
        cookie(f"llmchat-1={text}"),
        cookie(f"{name}={key}"),
        *(bearer(value) for value in ("", "x", key[:-1], key + "x", key.upper(), text, *SQL)),
        *({"X-Api-Key": value} for value in ("", "x", key[:-1], *SQL)),
        bearer(expired),
        {"Authorization": key},
        {"Authorization": f"Basic {key}"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {key} {key}"},
        {"Authorization": f"Bearer {key}" + "x" * 400},
        [("Authorization", f"Bearer {key}"), ("Authorization", f"Bearer {key}")],
        [("Authorization", f"Bearer {key}"), ("X-Api-Key", key)],
        [("X-Api-Key", key), ("X-Api-Key", key)],
        # What was given and is wrong is never replaced by another one.
        {**bearer("wrong"), **cookie(good)},
        {"X-Api-Key": "wrong", **cookie(good)},
    ]
    nobody = await running.call("GET", "/models")
    assert nobody.headers["WWW-Authenticate"] == "Bearer"
    for headers in wrong:
        assert await _statuses(running, headers) == NOBODY, headers
        reply = await running.call("GET", "/models", headers=headers)
        assert (reply.body, reply.headers["WWW-Authenticate"]) == (nobody.body, "Bearer"), headers
        asked = await running.call("GET", "/api/session", headers=headers)
        assert asked.body["account"] is None
    assert await _statuses(running, cookie(good)) == [200, 200, 200, 200, 401]
    assert await _statuses(running, bearer(key)) == [200] * 5


async def test_sessions_end_when_they_are_not_used_and_at_last_anyway(running: Site) -> None:
    good = cookie(await running.sign_in(USER))
    await _age(running, "seen", IDLE_MS - 60_000)
    assert (await running.call("GET", "/models", headers=good)).status == 200
    await running.database.write(lambda _: None)  # the use is noted
    await _age(running, "seen", IDLE_MS + 1)
    assert await _statuses(running, good) == NOBODY
    again = cookie(await running.sign_in(USER))
    await _age(running, "created", WHOLE_MS + 1)
    assert await _statuses(running, again) == NOBODY
    assert (await running.gate.entrance.sessions(running.accounts[USER])) == []


async def test_nobody_gets_anything_of_any_route_but_the_public_ones(running: Site) -> None:
    """Each route of the table, with the credentials that it is not for."""
    visitor, person = await running.sign_in(GUEST), await running.sign_in(USER)
    refused = 0
    for one in ROUTES:
        path = re.sub(r"\{.*?\}", "x", re.sub(r"\{[^{}]*:[^/]*\}(?=/|$)", "x", one.path))
        cases: list[tuple[Headers, int]] = [({}, 401)]
        if one.lock.rule in (Rule.USER, Rule.ADMIN):
            cases.append((cookie(visitor), 403))
        if one.lock.rule is Rule.ADMIN:
            cases.append((cookie(person), 403))
        for headers, status in [] if one.lock.rule is Rule.PUBLIC else cases:
            body: object = {} if one.method in {"POST", "PATCH"} else None
            reply = await running.call(one.method, path, body, headers)
            assert (one.method, path, reply.status) == (one.method, path, status)
            refused += 1
    assert refused > 80


def test_an_application_with_a_route_without_a_rule_does_not_start() -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response()

    ruled = guest(web.get("/there", handler))
    locks = register(web.UrlDispatcher(), [ruled])
    assert {route.method for route in locks} == {"GET", "HEAD"}
    with pytest.raises(RuntimeError, match="GET /forgotten has no rule"):
        register(web.UrlDispatcher(), [ruled, web.get("/forgotten", handler, allow_head=False)])


def test_every_route_has_a_rule_and_few_are_for_everybody() -> None:
    public = {f"{one.method} {one.path}" for one in ROUTES if one.lock.rule is Rule.PUBLIC}
    assert public == {
        *(
            "GET /licenses",
            "GET /",
            "GET /s/{hash}/{path:.+}",
            "GET /health/live",
            "GET /health/ready",
        ),
        *("GET /api/session", "POST /api/session", "DELETE /api/session", "POST /api/setup"),
        *("GET /api/oidc/start", "GET /api/oidc/callback"),
        *(f"GET /share/{{token}}{rest}" for rest in ("", "/data", "/files/{number}")),
    }


async def test_no_key_reaches_what_is_for_the_person_itself(running: Site) -> None:
    key = bearer(await running.key(ROOT, *Scope))
    other = running.accounts[USER]
    for method, path, body in (
        ("POST", "/api/keys", {"name": "another"}),
        ("DELETE", "/api/keys/x", None),
        ("DELETE", "/api/sessions", None),
        ("DELETE", "/api/sessions/x", None),
        ("PATCH", "/api/account", {"password": "another horse battery"}),
        ("DELETE", "/api/account", {}),
        ("POST", "/api/users", {"name": "another"}),
        ("PATCH", f"/api/users/{other}", {"role": "admin"}),
        ("DELETE", f"/api/users/{other}", None),
    ):
        reply = await running.call(method, path, body, key)
        assert (method, path, reply.status) == (method, path, 403)
        assert reply.body["code"] == "forbidden"


def test_a_rule_lets_in_who_is_enough_and_a_key_only_with_its_scope() -> None:
    needed = {Rule.GUEST: 0, Rule.USER: 1, Rule.ADMIN: 2}
    for rule, way, (rank, role) in itertools.product(Rule, Way, enumerate(Role)):
        enough = rank >= needed.get(rule, 0) and (rule is not Rule.PROGRAM or way is Way.KEY)
        for scope in Scope:
            caller = Caller("a", role, way, scopes=frozenset({scope}))
            assert is_allowed(caller, rule, scope) is enough
            bare = Caller("a", role, way)
            assert is_allowed(bare, rule, scope) is (enough and way is not Way.KEY)
