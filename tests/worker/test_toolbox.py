"""What a worker does with the calls of a model, up to the tool itself."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from llmchat.domain.chat import ChatRequest
from llmchat.domain.job import Done, Event, Job, JobId, Target, ToolCall, ToolRun, Usage
from llmchat.domain.messages import Begin, Decide
from llmchat.tools.limits import ToolLimits
from llmchat.tools.sessions import Sessions
from llmchat.worker.decisions import Decisions
from llmchat.worker.toolbox import Toolbox, ToolKit, reads_from_outside
from llmchat.worker.turn import Call, Turn, add_usage

HOSTILE = Path(__file__).parent.parent / "tools" / "hostile.py"
LIMITS = ToolLimits(
    approval_seconds=0.05, end_seconds=0.2, calls=3, answer_characters=100, least_characters=10
)


def _job(*messages: dict[str, Any], servers: tuple[str, ...] = ()) -> Job:
    request = ChatRequest(list(messages), tool_servers=servers)
    return Job(JobId("j"), request, Target("e", "m"))


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[ToolKit]:
    server = {"command": sys.executable, "args": [str(HOSTILE), "deeds"]}
    file = tmp_path / "mcp.json"
    file.write_text(json.dumps({"mcpServers": {"evil": server}}))
    file.chmod(0o600)
    sessions = Sessions(file, LIMITS, lambda _: None)
    yield ToolKit(sessions, Decisions(), LIMITS)
    await sessions.close()


async def test_who_does_not_decide_does_not_allow(kit: ToolKit) -> None:
    events: list[Event] = []

    async def emit(event: Event) -> None:
        events.append(event)
        if isinstance(event, ToolRun) and event.state == "running":
            kit.decisions.take(Begin(JobId("j"), event.id))
        if isinstance(event, ToolRun) and event.id == "allowed" and event.state == "waiting":
            # As from the queue: also what nobody waits for, and what comes twice.
            for command in (Decide(JobId("k"), event.id, "deny"), Begin(JobId("j"), event.id)):
                kit.decisions.take(command)
            for decision in ("once", "deny"):
                kit.decisions.take(Decide(JobId("j"), event.id, decision))

    toolbox = Toolbox(_job(servers=("evil", "gone")), (), kit, emit)
    await toolbox.open()
    assert [(one.server, one.code) for one in toolbox.failures] == [("gone", "tool-server-missing")]
    calls = [Call(name, "evil__huge", "{}") for name in ("allowed", "late", "third", "fourth")]
    messages = await toolbox.run(calls)
    ends = {one.id: one for one in events if isinstance(one, ToolRun)}
    assert [ends[one.id].state for one in calls] == ["done", "denied", "denied", "failed"]
    assert [ends[one.id].code for one in calls] == [
        *(None, "tool-unanswered", "tool-unanswered", "tool-too-many")
    ]
    assert ends["allowed"].result == "y" * 100 + (
        "\n[The rest is left out: the results of this answer are too long.]"
    )
    assert [one["tool_call_id"] for one in messages] == [one.id for one in calls]


async def test_a_session_is_kept_until_nobody_has_used_it_for_long(tmp_path: Path) -> None:
    server = {"command": sys.executable, "args": [str(HOSTILE), "deeds"]}
    file = tmp_path / "mcp.json"
    file.write_text(json.dumps({"mcpServers": {"evil": server}}))
    file.chmod(0o600)
    sessions = Sessions(file, ToolLimits(idle_seconds=0.2, end_seconds=0.2), lambda _: None)
    first, same = await asyncio.gather(sessions.get("evil"), sessions.get("evil"))
    assert first is same
    while first.alive:  # noqa: ASYNC110 - a timer ends it
        await asyncio.sleep(0.01)
    again = await sessions.get("evil")
    assert again is not first
    server["args"] = [str(HOSTILE), "names"]  # what is configured otherwise is another server
    file.write_text(json.dumps({"mcpServers": {"evil": server}}))
    assert len(await (await sessions.get("evil")).tools()) == 64
    assert not again.alive
    await sessions.close()


def test_a_file_or_a_result_in_a_chat_comes_from_outside() -> None:
    text = {"type": "text", "text": "a"}
    assert not reads_from_outside(_job({"role": "user", "content": "a"}))
    assert not reads_from_outside(_job({"role": "user", "content": [text]}))
    assert reads_from_outside(_job({"role": "user", "content": [text, {"type": "file_ref"}]}))
    assert reads_from_outside(_job({"role": "tool", "content": "a"}))


def test_calls_are_put_together_from_their_pieces() -> None:
    turn = Turn()
    first = turn.take(ToolCall(1, "", "b", ""))
    assert first is not None
    assert turn.take(ToolCall(1, None, None, '{"x":')) is None
    turn.take(ToolCall(0, "same", "a", "{}"))
    turn.take(ToolCall(1, None, None, "1}"))
    turn.take(ToolCall(2, "same"))  # never named
    turn.take(Done("tool_calls"))
    assert [(one.function, one.arguments) for one in turn.calls] == [("a", "{}"), ("b", '{"x":1}')]
    assert len({one.id for one in turn.calls}) == 2
    assert turn.message()["content"] is None


def test_usage_is_that_of_the_whole_answer() -> None:
    both = add_usage(Usage(10, 5, 0, None), Usage(30, 7, 20, 3))
    assert both == Usage(30, 12, 20, 3)
    assert add_usage(None, Usage(1)) == add_usage(Usage(1), None) == Usage(1)
