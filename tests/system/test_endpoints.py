"""Endpoints that are set up while the server runs: their keys, and what they change."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fake_openai import FakeOpenAI
from tests.system.conftest import Client, Serve

KEY = "sk-test-0123456789abcdef"
HEADER = "team-blue-0123456789"


class Endpoints:
    """`/api/endpoints`, and everything that it ever said."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.said: list[str] = []

    async def call(self, method: str, path: str = "", **body: object) -> tuple[int, Any]:
        address = f"{self._client.url}/api/endpoints{path}"
        sent = {"json": body} if method in ("POST", "PATCH") else {}
        async with self._client.session.request(method, address, **sent) as reply:  # type: ignore[arg-type]  # its options
            text = await reply.text()
        self.said.append(text)
        return reply.status, json.loads(text) if text else None

    async def add(self, **body: object) -> dict[str, Any]:
        status, item = await self.call("POST", "", **body)
        assert status == 201, item
        return dict(item)

    async def items(self) -> list[dict[str, Any]]:
        _, found = await self.call("GET")
        return list(found["items"])

    async def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """All that is told, once that is so."""
        while True:
            _, found = await self.call("GET")
            if holds(found):
                return dict(found)
            await asyncio.sleep(0.05)

    async def listed(self, name: str, state: str = "ok") -> dict[str, Any]:
        """The endpoint, once it has that state."""

        def those(found: dict[str, Any]) -> list[dict[str, Any]]:
            items = found["items"]
            return [one for one in items if (one["name"], one["state"]) == (name, state)]

        return those(await self.until(lambda found: bool(those(found))))[0]


@pytest.fixture
async def second() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as running:
        yield running


async def test_an_endpoint_answers_from_the_moment_it_is_added_and_its_key_never_comes_back(
    serve: Serve, fake: FakeOpenAI, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fake.key = KEY
    async with serve() as client:
        endpoints = Endpoints(client)
        assert await endpoints.items() == []
        item = await endpoints.add(
            base_url=f"{fake.url}/", key=f" {KEY}\n", headers={"X-Team": HEADER}, model="echo"
        )
        assert item["name"] == f"127.0.0.1:{fake.port}"
        assert item["key"] == {"set": True, "last4": "cdef"}
        assert item["headers"] == {"X-Team": {"set": True, "last4": "6789"}}
        await endpoints.listed(item["name"])
        assert (await client.ask("hello")).text == "hello"
        assert fake.requests[0].headers["Authorization"] == f"Bearer {KEY}"
        assert fake.requests[0].headers["X-Team"] == HEADER
        assert fake.heard[-1]["X-Team"] == HEADER
        # A wrong key: what the endpoint says of it is shown without it.
        wrong = "sk-wrong-0123456789abcdef"
        await endpoints.call("PATCH", f"/{item['id']}", key=wrong)
        failed = await client.ask("hello")
        assert failed.last[1]["code"] == "upstream-auth"
        error = (await endpoints.listed(item["name"], "error"))["error"]
        status, trial = await endpoints.call("POST", "/test", id=item["id"])
        assert (status, trial["code"]) == (200, "trial-auth")
        for text in (json.dumps(failed.last), error, json.dumps(trial)):
            assert "[hidden]" in text
        everything = "".join(
            [*endpoints.said, caplog.text, json.dumps(await client.get("/models"))]
        )
        everything += json.dumps(await client.get("/api/jobs?state=all"))
        for secret in (KEY, wrong, HEADER):
            assert secret not in everything
            assert secret not in (tmp_path / "endpoints.json").read_text()
            assert secret.encode() not in (tmp_path / "llmchat.db").read_bytes()
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "endpoints.json").stat().st_mode) == 0o600


async def test_what_is_set_up_is_there_after_a_restart_and_goes_when_it_is_removed(
    serve: Serve, fake: FakeOpenAI, tmp_path: Path
) -> None:
    fake.key = KEY
    async with serve() as client:
        item = await Endpoints(client).add(base_url=fake.url, key=KEY, name="Fake")
    async with serve() as client:
        endpoints = Endpoints(client)
        assert (await client.ask("again")).text == "again"  # the first question waits for the key
        pid = await client.worker_pid()
        os.kill(pid, signal.SIGKILL)
        assert (await client.ask("a new worker has it")).text == "a new worker has it"
        status, _ = await endpoints.call("DELETE", f"/{item['id']}")
        assert status == 204
        assert await endpoints.items() == []
        assert KEY not in (tmp_path / "keys.json").read_text()
        models = await client.get("/models")
        assert [one["kind"] for one in models["endpoints"]] == ["embedded"]
        assert (await endpoints.call("DELETE", f"/{item['id']}"))[0] == 404


async def test_another_server_gets_no_key_that_was_not_entered_for_it(
    serve: Serve, fake: FakeOpenAI, second: FakeOpenAI, tmp_path: Path
) -> None:
    async with serve() as client:
        endpoints = Endpoints(client)
        item = await endpoints.add(base_url=fake.url, key=KEY, headers={"X-Team": HEADER})
        path = f"/{item['id']}"
        # Trying another address does not take the key there.
        _, trial = await endpoints.call("POST", "/test", id=item["id"], base_url=second.url)
        assert trial["code"] == "trial-ok"
        # The same server: the key stays, with the headers that were not named.
        moved = (await endpoints.call("PATCH", path, base_url=f"{fake.url}/", name="A"))[1]
        assert moved["key"]["set"]
        _, moved = await endpoints.call("PATCH", path, base_url=second.url)
        assert (moved["key"], moved["headers"]) == ({"set": False, "last4": ""}, {})
        await endpoints.listed("A")
        assert all("Authorization" not in heard for heard in second.heard)
        assert all("X-Team" not in heard for heard in second.heard)
        assert KEY not in (tmp_path / "keys.json").read_text()
        _, moved = await endpoints.call("PATCH", path, base_url=fake.url, key=KEY)
        assert moved["key"]["set"]
    # Somebody who can write the one file, but not read the other, learns no key.
    kept = (tmp_path / "endpoints.json").read_text()
    (tmp_path / "endpoints.json").write_text(kept.replace(fake.url, second.url))
    second.heard.clear()
    async with serve() as client:
        item = await Endpoints(client).listed("A")
        assert (item["key"]["set"], item["key_lost"]) == (False, True)
        assert "Authorization" not in second.heard[-1]


async def test_a_change_leaves_the_answers_that_are_being_made(
    serve: Serve, fake: FakeOpenAI, second: FakeOpenAI
) -> None:
    async with serve() as client:
        endpoints = Endpoints(client)
        item = await endpoints.add(name="A", base_url=fake.url, model="gate", slots=1)
        await endpoints.listed("A")
        second.mode = "echo"
        running = await client.submit("one")
        await fake.asked(1)
        waiting = await client.submit("two")
        await client.until(waiting, lambda _, data: data.get("position") == 1)
        path = f"/{item['id']}"
        await endpoints.call("PATCH", path, base_url=second.url, model="echo", slots=3)
        assert (await client.read(waiting)).text == "two"  # there is room for it now
        assert second.requests[0].model == "gate"  # what was asked for when it was sent
        await fake.release(float("inf"))
        assert (await client.read(running)).last[0] == "done"
        assert fake.posts == 1
        # Switched off: nobody is asked there any more, and the next one answers.
        await endpoints.add(name="B", base_url=fake.url, model="echo")
        await endpoints.call("PATCH", path, enabled=False)
        answer = await client.ask("three")
        assert (answer.text, answer.last[1]["endpoint"]) == ("three", "B")
        assert next(one["state"] for one in await endpoints.items()) == "off"
        await endpoints.call("PATCH", path, enabled=True)
        assert (await client.ask("four")).last[1]["endpoint"] == "A"
        await endpoints.call("PATCH", path, position=1)
        assert [one["name"] for one in await endpoints.items()] == ["B", "A"]
        assert (await client.ask("five")).last[1]["endpoint"] == "B"


async def test_the_limits_and_the_proxy_of_an_endpoint_are_its_own(
    serve: Serve, fake: FakeOpenAI
) -> None:
    async with serve() as client:
        endpoints = Endpoints(client)
        item = await endpoints.add(
            name="A", base_url=fake.url, model="silent", first_token_seconds=0.2, total_seconds=30
        )
        path = f"/{item['id']}"
        await endpoints.listed("A")
        assert (await client.ask()).last[1]["code"] == "upstream-timeout"
        await endpoints.call("PATCH", path, first_token_seconds=None, total_seconds=0.3)
        assert (await client.ask()).last[1]["code"] == "job-timeout"
        await endpoints.call("PATCH", path, proxy="http://127.0.0.1:9", total_seconds=None)
        assert (await client.ask()).last[1]["code"] == "upstream-unreachable"
        item = (await endpoints.items())[0]
        assert (item["proxy"], item["total_seconds"]) == ("http://127.0.0.1:9", None)


async def test_the_environment_and_a_file_come_first_and_are_changed_where_they_are(
    serve: Serve, fake: FakeOpenAI, second: FakeOpenAI, tmp_path: Path
) -> None:
    path = tmp_path / "endpoints.toml"
    path.write_text(f'[[endpoint]]\nname = "Written"\nbase_url = "{second.url}"\nkey = "{KEY}"\n')
    async with serve(OPENAI_BASE_URL=fake.url, OPENAI_API_KEY=KEY, DEFAULT_MODEL="echo") as client:
        endpoints = Endpoints(client)
        own = await endpoints.add(base_url=fake.url.replace("127.0.0.1", "localhost"))
        items = await endpoints.items()
        assert [one["source"] for one in items] == ["environment", "file", "page"]
        assert [one["key"]["last4"] for one in items] == ["cdef", "cdef", ""]
        await endpoints.listed("Written")
        assert second.heard[-1]["Authorization"] == f"Bearer {KEY}"
        for item in items[:2]:
            for call in (("PATCH", {"name": "X"}), ("DELETE", {})):
                status, problem = await endpoints.call(call[0], f"/{item['id']}", **call[1])
                assert (status, problem["code"]) == (409, "locked")
            status, trial = await endpoints.call("POST", "/test", id=item["id"])
            assert trial["code"] == "trial-key-untried"
        # The file is followed; one that cannot be read changes nothing.
        _, found = await endpoints.call("GET")
        assert "chmod 600" in found["problems"][0]
        path.chmod(0o600)
        path.write_text("[[endpoint]]\nname =")
        await endpoints.until(lambda found: "is no TOML" in str(found["problems"]))
        assert [one["source"] for one in await endpoints.items()][1] == "file"
        path.write_text(f'[[endpoint]]\nname = "{own["name"]}"\nbase_url = "{second.url}"\n')
        await endpoints.listed(f"{own['name']} 2")  # the page's gives way
        assert (await endpoints.call("GET"))[1]["problems"] == []
        path.unlink()
        await endpoints.until(lambda found: len(found["items"]) == 2)
        assert KEY not in "".join(endpoints.said)


async def test_what_cannot_be_is_named_by_its_place(serve: Serve, fake: FakeOpenAI) -> None:
    async with serve() as client:
        endpoints = Endpoints(client)
        own_port = client.url.rpartition(":")[2]
        await endpoints.add(name="Taken", base_url=fake.url)
        for body, pointer in (
            ({}, "/base_url"),
            ({"base_url": "file:///etc/passwd"}, "/base_url"),
            ({"base_url": "http://169.254.169.254/v1"}, "/base_url"),
            ({"base_url": f"http://localhost:{own_port}/v1"}, "/base_url"),
            ({"base_url": f"http://127.1:{own_port}/v1"}, "/base_url"),
            ({"base_url": fake.url, "key": "a b"}, "/key"),
            ({"base_url": fake.url, "headers": {"Host": "x"}}, "/headers"),
            ({"base_url": fake.url, "name": "taken"}, "/name"),
            ({"base_url": fake.url, "name": "embedded"}, "/name"),
            ({"base_url": fake.url, "proxy": "socks://x"}, "/proxy"),
            ({"base_url": fake.url, "slots": 0}, "/slots"),
        ):
            status, problem = await endpoints.call("POST", **body)
            assert (status, problem["errors"][0]["pointer"]) == (422, pointer)
        assert len(await endpoints.items()) == 1


async def test_a_file_of_the_page_that_is_damaged_is_left_as_it_is(
    serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "endpoints.json").write_text("{")
    async with serve() as client:
        endpoints = Endpoints(client)
        _, found = await endpoints.call("GET")
        assert "endpoints.json is damaged" in found["problems"][0]
        status, problem = await endpoints.call("POST", base_url="http://h/v1")
        assert (status, problem["code"]) == (503, "storage")
    assert (tmp_path / "endpoints.json").read_text() == "{"


async def test_what_runs_on_this_machine_can_be_looked_for_and_is_known_when_it_is_added(
    serve: Serve,
) -> None:
    try:
        ollama = FakeOpenAI(port=11434, models=("llama",))
        await ollama.__aenter__()
    except OSError:
        pytest.skip("something else has Ollama's port")
    try:
        async with serve() as client:
            await client.worker_pid()
            endpoints = Endpoints(client)
            _, found = await endpoints.call("GET", "/discovered")
            (one,) = [one for one in found["items"] if one["name"] == "Ollama"]
            assert (one["models"], one["added"]) == (["llama"], False)
            await endpoints.add(name=one["name"], base_url="http://localhost:11434/v1")
            _, found = await endpoints.call("GET", "/discovered")
            assert [one["added"] for one in found["items"] if one["name"] == "Ollama"] == [True]
            assert (await endpoints.listed("Ollama"))["models"] == 1
    finally:
        await ollama.__aexit__(None, None, None)
