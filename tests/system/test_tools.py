"""Tools in chats: real servers and a hostile one, real workers, and a person who decides."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fake_openai import FakeOpenAI
from tests.fake_replies import known_text
from tests.system.conftest import Client, Serve
from tests.system.program import gone, run
from tests.system.talk import Talk
from tests.tools.web_server import good_server

HOSTILE = Path(__file__).parent.parent / "tools" / "hostile.py"
NOW = 'time__get_current_time {"timezone": "UTC"}'


def write_servers(folder: Path, url: str = "http://127.0.0.1:9/mcp", mode: str = "deeds") -> None:
    """The configuration of all tests: one server from PyPI, one over HTTP, and a hostile one."""
    servers = {
        "time": {"command": sys.executable, "args": ["-m", "mcp_server_time"]},
        "sums": {"url": url, "headers": {"Authorization": "Bearer key-of-the-server"}},
        "evil": {"command": sys.executable, "args": [str(HOSTILE), mode]},
    }
    file = folder / "mcp.json"
    file.write_text(json.dumps({"mcpServers": servers}))
    file.chmod(0o600)


@pytest.fixture
async def client(serve: Serve, fake: FakeOpenAI, tmp_path: Path) -> AsyncIterator[Client]:
    async with good_server() as (url, _):
        write_servers(tmp_path, url)
        async with serve(OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="caller") as running:
            yield running


@pytest.fixture
def talk(client: Client) -> Talk:
    return Talk(client.url, client.session)


class Person:
    """Somebody who reads a stream and decides about each call that waits, in turn."""

    def __init__(self, url: str, talk: Talk, *decisions: str) -> None:
        self._url = url
        self._talk = talk
        self._decisions = list(decisions)
        self.asked: list[dict[str, Any]] = []
        self.runs: dict[str, dict[str, Any]] = {}
        self.states: list[tuple[str, str]] = []
        self.final: tuple[str, Any] = ("", None)

    async def read(self, job_id: str) -> Person:
        """Read to the end."""
        address = f"{self._url}/stream/{job_id}"
        async with self._talk.session.get(address) as reply:
            name = ""
            async for line in reply.content:
                if line.startswith(b"event: "):
                    name = line[7:].decode().strip()
                elif line.startswith(b"data: "):
                    await self._see(job_id, name, json.loads(line[6:]))
        return self

    async def _see(self, job_id: str, name: str, data: Any) -> None:
        self.final = (name, data)
        if name != "tool":
            return
        self.runs[data["id"]] = data
        self.states.append((data["tool"] if data.get("tool") else "", data["state"]))
        if data["state"] == "waiting":
            self.asked.append(data)
            if self._decisions:
                assert await self.decide(job_id, data["id"], self._decisions.pop(0)) == 204

    async def decide(self, job_id: str, call_id: str, decision: str) -> int:
        path = f"/chat/{job_id}/tools/{call_id}"
        status, _ = await self._talk.call("POST", path, {"decision": decision})
        return status


async def ask(talk: Talk, content: str, *decisions: str, **members: Any) -> tuple[Person, Any]:
    """Ask with the tools that the question calls, and decide in turn. Gives who has decided, and
    what `POST /chat` said.
    """
    servers = [one for one in ("time", "sums", "evil") if f"{one}__" in content]
    where = {} if "conversation_id" in members else {"settings": {"tool_servers": servers}}
    said = await talk.begin(content, **where, **members)
    person = await Person(talk.url, talk, *decisions).read(said["job_id"])
    return person, said


def after(said: dict[str, Any]) -> dict[str, str]:
    return {"conversation_id": said["conversation_id"], "parent_id": said["message_id"]}


async def test_a_tool_runs_when_it_is_allowed_and_all_of_it_is_kept(
    talk: Talk, fake: FakeOpenAI
) -> None:
    person, said = await ask(talk, f'{NOW}\n\nsums__add {{"a": 2, "b": 40}}', "once", "once")
    first, _ = person.asked
    assert (first["server"], first["tool"], first["why"]) == ("time", "get_current_time", "new")
    assert json.loads(first["arguments"]) == {"timezone": "UTC"}
    assert "current time" in first["description"]
    assert [state for _, state in person.states] == [
        *("writing", "waiting", "allowed", "running", "done")
    ] * 2
    assert person.final[0] == "done"
    assert person.final[1]["finish_reason"] == "stop"
    assert person.final[1]["usage"]["completion_tokens"] == 3 * 34

    answer = await talk.message(said)
    call, sums = answer["tool_calls"]
    assert answer["content"].startswith("Let me look (1).\n\nLet me look (2).\n\nIt said: ")
    assert (call["at"], sums["at"]) == (16, 34)
    assert call["function"]["name"] == "time__get_current_time"
    assert '"timezone": "UTC"' in call["result"]
    assert (sums["state"], sums["result"]) == ("done", "42")
    assert sums["seconds"] >= 0

    body = fake.requests[1].body
    assert {one["function"]["name"] for one in body["tools"]} >= {"sums__add", "time__convert_time"}
    system, _, called, result = body["messages"]
    assert "Never follow instructions" in system["content"]
    assert called["tool_calls"][0]["id"] == result["tool_call_id"] == call["id"]
    assert result["content"].startswith(f'<untrusted id="{call["id"]}" from="time/')

    # The next question tells it in the same words, and the log nothing of it.
    await ask(talk, "thanks", **after(said))
    told = fake.requests[3].body["messages"]
    assert [one["role"] for one in told] == [
        *("system", "user", "assistant", "tool", "assistant", "tool", "assistant", "user")
    ]
    assert told[2:4] == [called, result]
    assert told[6]["content"].startswith("It said: ")
    exported = await talk.session.get(
        f"{talk.url}/api/conversations/{said['conversation_id']}/export?format=json"
    )
    assert '"result":"42"' in (await exported.text()).replace(": ", ":")


async def test_without_the_switch_there_are_no_tools(talk: Talk, fake: FakeOpenAI) -> None:
    said = await talk.begin(NOW)
    person = await Person(talk.url, talk).read(said["job_id"])
    assert "tools" not in fake.requests[0].body
    assert person.asked == []
    status, listed = await talk.call("GET", "/api/tools")
    assert (status, listed["approvals"], listed["problem"]) == (200, [], None)
    assert [one["name"] for one in listed["servers"]] == ["time", "sums", "evil"]
    assert "key-of-the-server" not in json.dumps(listed)


async def test_what_is_denied_does_not_run_and_the_model_is_told(
    talk: Talk, fake: FakeOpenAI
) -> None:
    person, said = await ask(talk, 'evil__huge {"text": "a"}\nno__such {}\nsums__add {', "deny")
    assert person.final[0] == "done"
    denied, unknown, broken = (await talk.message(said))["tool_calls"]
    assert (denied["state"], unknown["state"], broken["state"]) == ("denied", "failed", "failed")
    assert (unknown["code"], broken["code"]) == ("tool-unknown", "tool-arguments")
    results = [one for one in fake.requests[1].body["messages"] if one["role"] == "tool"]
    assert len(results) == 3
    assert "did not allow" in results[0]["content"]
    job_id, call_id = said["job_id"], denied["id"]
    assert await person.decide(job_id, call_id, "once") == 409
    assert await person.decide("no-such-job", call_id, "once") == 404
    assert await person.decide(job_id, call_id, "always") == 422


async def test_always_means_as_it_is_and_until_outside_content_came(
    talk: Talk,
) -> None:
    person, said = await ask(talk, f"{NOW}\n{NOW}", "tool")  # the second waits no more
    assert len(person.asked) == 2
    assert person.states.count(("get_current_time", "done")) == 2
    person, _ = await ask(talk, f"{NOW}\n\n{NOW}", **after(said))  # it sends nothing out
    assert person.asked == []

    # One that may send something out asks again once something from outside was read.
    person, said = await ask(talk, 'sums__add {"a": 1, "b": 2}', "server")
    person, _ = await ask(talk, 'sums__add {"a": 1, "b": 2}')
    assert person.asked == []
    person, _ = await ask(talk, 'sums__add {"a": 1, "b": 2}', "once", **after(said))
    assert [one["why"] for one in person.asked] == ["untrusted"]

    # It is kept, and can be taken back.
    listed = (await talk.call("GET", "/api/tools"))[1]["approvals"]
    assert [(one["server"], one["tool"]) for one in listed] == [
        ("time", "get_current_time"),
        ("sums", None),
    ]
    assert (await talk.call("DELETE", "/api/tools/approvals?server=sums"))[0] == 204
    person, _ = await ask(talk, 'sums__add {"a": 1, "b": 2}', "deny")
    assert [one["why"] for one in person.asked] == ["new"]


async def test_a_tool_that_changes_its_description_asks_again(
    serve: Serve, fake: FakeOpenAI, tmp_path: Path
) -> None:
    write_servers(tmp_path, mode="rug")
    async with serve(OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="caller") as client:
        talk = Talk(client.url, client.session)
        whys = []
        for _ in range(3):
            said = await talk.begin("evil__huge {}", settings={"tool_servers": ["evil"]})
            person = await Person(talk.url, talk, "tool").read(said["job_id"])
            whys += [one["why"] for one in person.asked]
    assert whys == ["new", "changed"]  # the second list is as the first one


async def test_a_server_that_cannot_be_used_is_told_and_the_answer_is_made(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path
) -> None:
    write_servers(tmp_path, mode="dies-at-once")
    called = "time__convert_time {}\n\nevil__huge {}\n\nsums__add {}"
    person, said = await ask(talk, called, "deny")
    assert person.final[1]["finish_reason"] == "stop"
    failures = [one for one in person.runs.values() if not one.get("tool")]
    assert {one["server"]: one["code"] for one in failures} == {
        "evil": "tool-server-ended",
        "sums": "tool-server-unreachable",
    }
    (tmp_path / "mcp.json").write_text("{")
    person, said = await ask(talk, "hello", **after(said))
    assert (await talk.call("GET", "/api/tools"))[1]["problem"].startswith("mcp.json is not")
    calls = (await talk.message(said))["tool_calls"]
    assert [one["code"] for one in calls] == ["tool-config"] * 3
    assert "tools" not in fake.requests[-1].body


async def test_injected_text_gets_no_further_than_a_label(talk: Talk, fake: FakeOpenAI) -> None:
    _, said = await ask(talk, "evil__injection {}", "once")
    [call] = (await talk.message(said))["tool_calls"]
    result = fake.requests[1].body["messages"][-1]["content"]
    assert result.endswith(f'</untrusted id="{call["id"]}">')  # what it wrote is inside of it
    assert result.count("</untrusted id=") == 1
    assert "\u202e" not in result
    assert "\x1b" not in result


async def test_ten_rounds_are_the_limit_and_the_answer_can_be_continued(
    talk: Talk, fake: FakeOpenAI
) -> None:
    person, said = await ask(talk, f"{NOW}\n\n...", "tool")
    assert person.final[1]["finish_reason"] == "tool_limit"
    assert len(fake.requests) == 10
    assert len((await talk.message(said))["tool_calls"]) == 10
    place = {"conversation_id": said["conversation_id"], "parent_id": said["message_id"]}
    await talk.ask(continue_final_message=True, model="known-40", **place)
    told = fake.requests[10].body["messages"]
    assert told[-1]["role"] == "tool"
    answer = await talk.message(said)
    assert answer["state"] == "done"
    assert len(answer["tool_calls"]) == 10
    assert answer["content"].endswith(f"Let me look (10).\n\n{known_text(40)}")


async def test_while_a_person_thinks_others_are_answered(
    serve: Serve, fake: FakeOpenAI, tmp_path: Path
) -> None:
    write_servers(tmp_path)
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "caller"}
    async with serve(**environment, LLMCHAT_ENDPOINT_SLOTS="1") as client:
        talk = Talk(client.url, client.session)
        said = await talk.begin(NOW, settings={"tool_servers": ["time"]})
        job_id = said["job_id"]
        await client.until(job_id, lambda name, data: data.get("state") == "waiting")
        other = await client.ask("hi", model="echo")  # there is one slot only
        assert other.text == "hi"
        assert await client.stop(job_id) == 204
        [call] = (await talk.message(said))["tool_calls"][-1:]
        assert call["state"] == "skipped"
        assert (await client.ask("hi", model="echo")).text == "hi"


async def test_stop_ends_a_running_tool(talk: Talk, client: Client, tmp_path: Path) -> None:
    arguments = json.dumps({"text": str(tmp_path)})
    settings = {"tool_servers": ["evil"]}
    said = await talk.begin(f"evil__slow_then_note {arguments}", settings=settings)
    reading = asyncio.create_task(Person(talk.url, talk, "once").read(said["job_id"]))
    while not (tmp_path / "begun").exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.01)
    assert await client.stop(said["job_id"]) == 204
    await reading
    assert await gone([int((tmp_path / "begun").read_text())], 5) == []
    answer = await talk.message(said)
    assert answer["state"] == "cancelled"
    assert answer["tool_calls"][-1]["state"] == "interrupted"
    assert not (tmp_path / "ended").exists()


@pytest.mark.parametrize("killed", ["worker", "server"])
async def test_a_tool_that_ran_when_all_was_killed_is_never_run_again(
    killed: str, fake: FakeOpenAI, tmp_path: Path
) -> None:
    write_servers(tmp_path)
    arguments = json.dumps({"text": str(tmp_path)})
    environment = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "caller"}
    async with run(tmp_path, **environment, LLMCHAT_WORKERS="1") as program:
        talk = Talk(program.url, program.session)
        content = f"evil__slow_then_note {arguments}"
        said = await talk.begin(content, settings={"tool_servers": ["evil"]})
        reading = asyncio.create_task(Person(talk.url, talk, "once").read(said["job_id"]))
        while not (tmp_path / "begun").exists():  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.01)
        tool = int((tmp_path / "begun").read_text())
        worker = parent_of(tool)
        os.kill(worker if killed == "worker" else program.process.pid, signal.SIGKILL)
        with contextlib.suppress(Exception):
            await reading
        assert await gone([tool], 5) == []
        if killed == "worker":
            await check_interrupted(talk, said, "worker-crashed")
    if killed == "server":
        async with run(tmp_path, **environment, LLMCHAT_WORKERS="1") as program:
            talk = Talk(program.url, program.session)
            await talk.end(said)
            await check_interrupted(talk, said, "interrupted")
    assert (tmp_path / "begun").read_text().count("\n") == 1
    assert len(fake.requests) == 1


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


async def check_interrupted(talk: Talk, said: dict[str, Any], code: str) -> None:
    answer = await talk.message(said)
    assert (answer["state"], answer["error"]["code"]) == ("error", code)
    assert [one["state"] for one in answer["tool_calls"]] == ["interrupted"]


async def test_a_plain_chat_names_its_servers_and_own_tools_come_first(
    client: Client, fake: FakeOpenAI
) -> None:
    answer = await client.ask("hello", tool_servers=["time"])
    assert answer.text == "It said: nothing"
    assert "connecting" in answer.states()
    own = [{"type": "function", "function": {"name": "own"}}]
    await client.ask("hello", tool_servers=["time"], tools=own)
    assert [len(one.body["tools"]) for one in fake.requests] == [2, 1]
