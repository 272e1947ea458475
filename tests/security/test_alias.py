"""T-ALIAS: a role gets to the endpoints that it may use, whatever a model is called on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from llmchat.config import load_settings
from llmchat.domain.access import Role, Scope
from llmchat.domain.chat import ChatRequest
from llmchat.domain.endpoint import EMBEDDED, Configured, Endpoint, Listing, Model
from llmchat.domain.errors import RequestError
from llmchat.domain.job import Failed, Job, JobId, Target
from llmchat.domain.modelfile import ModelFile
from llmchat.jobs.archive import Archive
from llmchat.jobs.catalogue import Catalogue
from llmchat.jobs.records import Record
from llmchat.jobs.recovery import aim
from llmchat.server.gate import GATE
from llmchat.storage.accounts import AccountStore, Change
from llmchat.storage.database import Database
from llmchat.storage.jobs import JobStore
from tests.fake_openai import FakeOpenAI
from tests.system.conftest import running
from tests.system.talk import Talk

LEAST = (Role.ADMIN, Role.USER, Role.ADMIN, Role.GUEST)
"""Who may use each of the endpoints, in their order."""
NAMES = (
    *(None, "shared", "secret-admin", "secret-user", "SECRET-ADMIN", "secret-admin:latest"),
    *("default", "{admin}/secret-admin", "{admin}", "local:secret-admin"),
)


@dataclass
class Person:
    """What somebody with a role has: a session, and a key for programs."""

    role: Role
    id: str
    talk: Talk
    key: str

    async def program(self, path: str, body: object = None) -> tuple[int, Any]:
        """What a program gets with the key; of a stream its text."""
        method = "GET" if body is None else "POST"
        headers = {"Authorization": f"Bearer {self.key}"}
        url = self.talk.url + path
        async with aiohttp.request(method, url, json=body, headers=headers) as reply:
            is_json = reply.content_type == "application/json"
            return reply.status, await (reply.json() if is_json else reply.text())


@dataclass
class Team:
    """A server whose endpoints are each for some, and people."""

    fakes: list[FakeOpenAI]
    people: dict[Role, Person]

    def names(self) -> list[str | None]:
        """Names of models, and what may be taken for one."""
        admin = endpoint_of(self.fakes[0])
        return [name and name.replace("{admin}", admin) for name in NAMES]

    def check(self, role: Role) -> None:
        """No endpoint was asked that the role may not use, and some endpoint was."""
        order = list(Role)
        asked = [least for fake, least in zip(self.fakes, LEAST, strict=True) if fake.requests]
        assert asked, role
        assert all(order.index(role) >= order.index(least) for least in asked), (role, asked)


def endpoint_of(fake: FakeOpenAI) -> str:
    return fake.url.removeprefix("http://").removesuffix("/v1")


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with AsyncExitStack() as stack:
        fakes = [
            await stack.enter_async_context(FakeOpenAI(models=(f"secret-{least}", "shared")))
            for least in LEAST
        ]
        apps: list[web.Application] = []
        environment = {
            "LLMCHAT_USER_LIMITS": "per_minute=0",  # as many questions as there are ways
            "LLMCHAT_GUEST_LIMITS": "per_minute=0",
            "OPENAI_BASE_URL": ",".join(fake.url for fake in fakes),
            "LLMCHAT_ENDPOINT_ROLES": "admin,user,admin",
            "LLMCHAT_AUTH": "password",
        }
        client = await stack.enter_async_context(running(tmp_path, environment, apps.append))
        callers = apps[0][GATE].callers
        port = client.url.rpartition(":")[2]
        people = {}
        for role in Role:
            account = (await callers.accounts.create(f"a {role}", role)).id
            _, text = await callers.sessions.create(account, "password", "", "")
            _, key = await callers.keys.create(account, "key", (Scope.PROGRAMS,))
            session = aiohttp.ClientSession(headers={"Cookie": f"llmchat-{port}={text}"})
            talk = Talk(client.url, await stack.enter_async_context(session))
            people[role] = Person(role, account, talk, key)
        await client.service.lists()
        yield Team(fakes, people)


async def _all_ways(person: Person, name: str | None) -> list[tuple[str, int, Any]]:
    """Ask in every way there is. Gives of each what was said."""
    talk, said = person.talk, list[tuple[str, int, Any]]()
    model = {} if name is None else {"model": name}
    words = {"messages": [{"role": "user", "content": "hi"}]}

    async def ask(way: str, **body: Any) -> dict[str, Any] | None:
        status, reply = await talk.call("POST", "/chat", body)
        said.append((way, status, reply))
        if status != 202:
            return None
        await talk.end(reply)
        return dict(reply)

    await ask("chat", **words, **model)
    await ask("temporary", **words, **model, temporary=True)
    first = await talk.ask("hi")
    place = {"conversation_id": first["conversation_id"]}
    question = {**place, "parent_id": first["user_message_id"]}
    answer = {**place, "parent_id": first["message_id"]}
    await ask("continue", **answer, **model, continue_final_message=True)
    await ask("turn", content="hi", **model)
    further = await ask("next", content="more", **answer, **model)
    if further is not None:
        await ask("compact", **place, parent_id=further["message_id"], **model, compact=True)
    second = await ask("regenerate", **question, **model)
    await ask("beside", **question, **model, side_by_side=True)
    if second is not None:
        both = [first["message_id"], second["message_id"]]
        await ask("merge", **question, **model, merge=both)
    # As a preset does, which is settings under a name.
    await ask("settings", content="hi", settings={**model})
    if person.role is not Role.GUEST:  # who may not rehearse
        asked = {"content": "hi", **model}
        said.append(("rehearse", *await talk.call("POST", "/api/request", asked)))
    for stream in (False, True):
        spoken = {**words, **model, "stream": stream}
        said.append(("program", *await person.program("/v1/chat/completions", spoken)))
    if name is not None:
        body = {"model": name, "input": "text"}
        said.append(("embeddings", *await person.program("/v1/embeddings", body)))
    return said


@pytest.mark.parametrize("role", Role)
@pytest.mark.timeout(120)
async def test_no_way_and_no_name_leads_to_what_a_role_may_not_use(team: Team, role: Role) -> None:
    named = set()
    for name in team.names():
        for way, status, body in await _all_ways(team.people[role], name):
            assert status in (200, 202), (way, name, status, body)
            named |= {body["endpoint"]} if "endpoint" in body else set()
    team.check(role)
    asked = {endpoint_of(fake) for fake in team.fakes if fake.requests}
    assert named == asked


@pytest.mark.parametrize("role", [Role.USER, Role.GUEST])
async def test_what_is_hidden_is_answered_as_what_does_not_exist(team: Team, role: Role) -> None:
    person = team.people[role]

    def plain(said: object, name: str) -> str:
        """Without the name, and what is another one each time."""
        if isinstance(said, dict):
            said = {k: v for k, v in said.items() if not k.endswith("id") and k != "stream"}
        return json.dumps(said).replace(name, "NAME") if isinstance(said, dict) else ""

    hidden, unknown = [
        [(way, status, plain(body, name)) for way, status, body in await _all_ways(person, name)]
        for name in ("secret-admin", "unheard-admin")
    ]
    ours = {"program", "embeddings"}  # they have a time and an id of their own inside
    assert [one[:2] for one in hidden] == [one[:2] for one in unknown]
    assert [o for o in hidden if o[0] not in ours] == [o for o in unknown if o[0] not in ours]
    answers = [await person.program(f"/v1/models/{n}") for n in ("secret-admin", "unheard-admin")]
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


async def test_lists_have_what_the_role_may_use(team: Team) -> None:
    seen: dict[Role, tuple[set[str], set[str], str]] = {}
    for role, person in team.people.items():
        _, listed = await person.talk.call("GET", "/models")
        _, programs = await person.program("/v1/models")
        ids = {one["id"] for one in listed["data"] if one["endpoint"] != EMBEDDED}
        assert ids <= {one["id"] for one in programs["data"]}
        assert ("secret-admin" in json.dumps(programs)) is (role is Role.ADMIN)
        endpoints = {one["name"] for one in listed["endpoints"]} - {EMBEDDED}
        seen[role] = ids, endpoints, listed["default"]
        [default] = [one for one in listed["data"] if one["default"]]
        assert default["endpoint"] in endpoints
    admin, user, _, guest = map(endpoint_of, team.fakes)
    assert seen[Role.GUEST] == ({"secret-guest", "shared"}, {guest}, "secret-guest")
    assert seen[Role.USER] == (
        {"secret-user", "secret-guest", "shared"},
        {user, guest},
        "secret-user",
    )
    assert seen[Role.ADMIN][1:] == ({endpoint_of(fake) for fake in team.fakes}, "secret-admin")
    assert admin in seen[Role.ADMIN][1]


async def test_where_an_endpoint_fails_the_next_one_that_the_role_may_use_answers(
    team: Team,
) -> None:
    for fake in team.fakes[:3]:
        fake.mode = "status-401"
    for role, asked in ((Role.GUEST, "0001"), (Role.USER, "0101"), (Role.ADMIN, "1111")):
        person = team.people[role]
        for fake in team.fakes:
            fake.requests.clear()
        answer = await person.talk.message(await person.talk.ask("hi"))
        assert answer["state"] == "done"
        assert "".join(str(min(fake.posts, 1)) for fake in team.fakes) == asked
    # Where all that a role may use fail, the rest is not turned to.
    team.fakes[3].mode = "status-401"
    for fake in team.fakes:
        fake.requests.clear()
    guest = team.people[Role.GUEST].talk
    assert (await guest.message(await guest.ask("hi")))["state"] == "error"
    team.check(Role.GUEST)


async def test_a_role_that_is_lowered_counts_from_the_next_question_on(team: Team) -> None:
    root, person = team.people[Role.ADMIN], team.people[Role.USER]
    said = await person.talk.ask("hi", model="secret-user")
    assert said["endpoint"] == endpoint_of(team.fakes[1])
    place = f"/api/users/{person.id}"
    status, _ = await root.talk.call("PATCH", place, {"role": "guest"})
    assert status == 200
    for fake in team.fakes:
        fake.requests.clear()
    place_of = {"conversation_id": said["conversation_id"], "parent_id": said["user_message_id"]}
    await person.talk.ask(**place_of, model="secret-user")
    await _all_ways(person, "secret-user")
    team.check(Role.GUEST)


async def test_who_may_use_an_endpoint_of_the_page_is_said_there_and_counts_at_once(
    team: Team,
) -> None:
    root, guest = team.people[Role.ADMIN].talk, team.people[Role.GUEST].talk
    async with FakeOpenAI(models=("rare",)) as fake:

        async def reached() -> bool:
            fake.requests.clear()
            await guest.ask("hi", model="rare")
            return fake.posts == 1

        body = {"base_url": fake.url, "roles": "admin"}
        status, item = await root.call("POST", "/api/endpoints", body)
        assert (status, item["roles"]) == (201, "admin")
        place = f"/api/endpoints/{item['id']}"
        while '"rare"' not in json.dumps(await root.call("GET", "/models")):  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.02)
        assert not await reached()
        for roles, expected in (("guest", True), ("user", False), ("guest", True)):
            status, item = await root.call("PATCH", place, {"roles": roles})
            assert (status, item["roles"]) == (200, roles)
            assert await reached() is expected
        status, problem = await root.call("PATCH", place, {"roles": "everybody"})
        assert (status, problem["errors"][0]["pointer"]) == (422, "/roles")
        status, _ = await guest.call("PATCH", place, {"roles": "guest"})
        assert status == 403
    _, listed = await root.call("GET", "/api/endpoints")
    told = [one["roles"] for one in listed["items"] if one["source"] == "environment"]
    assert told == list(LEAST)


def _catalogue(**environment: str) -> Catalogue:
    return Catalogue(load_settings({}, environment, {}), Model("small", EMBEDDED))


def _refusal(ask: Callable[[], object]) -> tuple[str, int, str]:
    with pytest.raises(RequestError) as caught:
        ask()
    return caught.value.code, caught.value.status, caught.value.message


@pytest.mark.parametrize("wanted", [None, "big"])
def test_files_of_models_are_for_those_whom_the_settings_name(wanted: str | None) -> None:
    environment = {"LLMCHAT_DISCOVER": "0", "LLMCHAT_MODEL_FILES_ROLES": "user"}
    if wanted is not None:
        environment["DEFAULT_MODEL"] = wanted
    catalogue = _catalogue(**environment)
    catalogue.set_local([ModelFile("big", "big.gguf", "", 1, "Big", "", "", 1, None, 0, True)])
    for role, ids in ((Role.GUEST, {"small"}), (Role.USER, {"big", "small"})):
        assert {one.id for one in catalogue.models(role=role)} == ids
        default = catalogue.default_for(role)
        assert default is not None
        assert default.id == (wanted if wanted in ids else "small")
        assert catalogue.resolve(None, role=role)[0].model == default.id
    assert catalogue.resolve("big", role=Role.USER)[0].model == "big"
    hidden = _refusal(lambda: catalogue.resolve("big"))
    assert hidden == _refusal(lambda: catalogue.resolve("unheard-of"))
    assert hidden[:2] == ("validation", 422)


def test_the_built_in_model_can_be_for_some_as_other_endpoints_of_the_settings() -> None:
    lists = {"OPENAI_BASE_URL": "http://a/v1,embedded", "DEFAULT_MODEL": "mine,small"}
    catalogue = _catalogue(**lists, LLMCHAT_ENDPOINT_ROLES="user,admin")
    assert catalogue.default_for(Role.GUEST) is None
    assert catalogue.reason_for(Role.GUEST) is None
    assert catalogue.states(Role.GUEST) == []
    assert _refusal(lambda: catalogue.resolve(None))[0] == "no-model"
    assert [one.endpoint for one in catalogue.resolve(None, role=Role.USER)] == ["a"]
    assert [one.endpoint for one in catalogue.resolve(None, role=Role.ADMIN)] == ["a", EMBEDDED]


async def test_a_job_that_is_taken_up_again_is_asked_where_its_account_may(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "llmchat.db")
    archive = Archive(JobStore(database))
    accounts = AccountStore(database)
    account = (await accounts.create("somebody", Role.ADMIN)).id
    job = Job(JobId("job"), ChatRequest([], "mine"), Target("A", "mine"))
    await archive.add(Record(job, account=account, role=Role.ADMIN))
    catalogue = _catalogue(LLMCHAT_DISCOVER="0")
    one, two = (Endpoint(name, "configured", f"http://{name}/v1") for name in "AB")
    catalogue.configure([Configured(one, "mine", Role.USER), Configured(two, "mine")])
    catalogue.learn(Listing("A", (Model("mine", "A"),)))
    for role, expected in ((Role.ADMIN, ["A", "B"]), (Role.GUEST, ["B"])):
        await accounts.change(account, Change(role=role))
        [record] = await archive.unfinished()
        assert record.role is role
        assert aim(record, catalogue) is None
        assert [one.endpoint for one in (record.job.target, *record.job.fallbacks)] == expected
    catalogue.configure([Configured(one, "mine", Role.USER)])
    [record] = await archive.unfinished()
    hidden = _refusal(lambda: catalogue.resolve("mine", account, Role.GUEST))
    assert hidden == _refusal(lambda: catalogue.resolve("unheard-of", account, Role.GUEST))
    assert aim(record, catalogue) == Failed("no-such-endpoint", hidden[2])
    await database.close()
