"""An answer that is over: what its job has said becomes the text of its message."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import msgspec

from llmchat.domain.chat import JSONObject
from llmchat.domain.conversation import Message, MessageId
from llmchat.domain.ids import now
from llmchat.domain.job import EVENT_NAMES, FINAL_NAMES, EventId, Status
from llmchat.storage import conversations as rows
from llmchat.storage import messages
from llmchat.storage.journal import StoredRow, new_events, read_row
from llmchat.storage.tool_runs import tool_runs

_FIND = """
select conversation, id from message
where job = (select id from job where number = ?) and state = 'running'
"""
_EVENTS = "select events from job_event where job = ? order by attempt, seq"
_STATUS = EVENT_NAMES[Status]
# Pieces of text look alike, `{"text":"..."}`: what is between the quotes is joined.
_TEXT = b'{"text":"'
_BEFORE, _AFTER = len(_TEXT), -len(b'"}')


def settle(
    connection: sqlite3.Connection,
    job: int,
    state: str,
    endpoint: str,
    thinking_seconds: float | None = None,
) -> rows.Changed | None:
    """Fold the events of a job, all in its rows by now, into the message that it writes; None if
    it writes none. What was there before, it goes on from. The rest is what its end says of it.
    """
    found = connection.execute(_FIND, (job,)).fetchone()
    if found is None:
        return None
    number, message_id = found
    events = list(_events(connection, job))
    final = _final(events)
    shown = list(_shown(events, final.get("seen")))
    before = messages.find_message(connection, number, message_id)
    time = now()
    messages.update_message(
        connection,
        before,
        content=before.content + _joined(shown, "delta"),
        reasoning=before.reasoning + _joined(shown, "reasoning"),
        tool_calls=messages.to_json(
            # Also those that nobody has seen: a tool that ran has run.
            [*before.tool_calls, *_tool_calls(shown), *tool_runs(events, len(before.content))]
        ),
        state=state,
        finish_reason=final.get("finish_reason"),
        error=messages.to_json(_error(final)) if state == "error" else None,
        model=final.get("model") or before.model,
        endpoint=final.get("endpoint") or endpoint,
        usage=messages.to_json(final.get("usage")),
        timings=messages.to_json(
            {
                **(final.get("timings") or {}),
                **_thinking(before, thinking_seconds),
                **_moved(events, final.get("endpoint") or endpoint),
            }
            or None
        ),
        revision=rows.touch(connection, number, time),
    )
    if state != "cancelled":  # who has stopped it has seen it
        rows.set_columns(connection, number, {"unread": True})
    return rows.changed(connection, number, [MessageId(message_id)])


def so_far(connection: sqlite3.Connection, message: Message) -> Message:
    """A message with what its job has said until now, while it is being written."""
    if message.state != "running":
        return message
    job = connection.execute("select number from job where id = ?", (message.job_id,)).fetchone()
    if job is None:
        return message
    events = [*_events(connection, job[0]), *new_events(connection, job[0])]
    return replace(
        message,
        content=message.content + _joined(events, "delta"),
        reasoning=message.reasoning + _joined(events, "reasoning"),
        tool_calls=[*message.tool_calls, *tool_runs(events, len(message.content), over=False)],
    )


def _events(connection: sqlite3.Connection, job: int) -> Iterator[StoredRow]:
    for (text,) in connection.execute(_EVENTS, (job,)):
        yield from read_row(text)


def _final(events: list[StoredRow]) -> dict[str, Any]:
    if events and events[-1].name in FINAL_NAMES:
        data: dict[str, Any] = msgspec.json.decode(events[-1].data)
        return data
    return {}


def _shown(events: Iterable[StoredRow], seen: str | None) -> Iterator[StoredRow]:
    """What belongs to the answer: the reader who stopped it may have seen less than there is."""
    last = None if seen is None else EventId.parse(seen)
    return (event for event in events if last is None or event[:2] <= last)


def _thinking(before: Message, seconds: float | None) -> JSONObject:
    """How long it was thought, also for what the answer goes on from."""
    earlier = (before.timings or {}).get("thinking_seconds")
    known = [one for one in (earlier, seconds) if isinstance(one, int | float)]
    return {"thinking_seconds": round(sum(known), 3)} if known else {}


def _moved(events: list[StoredRow], endpoint: str) -> JSONObject:
    """Which endpoint was asked first, if it was not the last one."""
    for event in events:
        if event.name == _STATUS and (first := msgspec.json.decode(event.data).get("endpoint")):
            return {"first_endpoint": first} if first != endpoint else {}
    return {}


def _joined(events: Iterable[StoredRow], name: str) -> str:
    pieces = [bytes(event.data) for event in events if event.name == name]
    if all(piece.startswith(_TEXT) for piece in pieces):
        text: str = msgspec.json.decode(b'"%b"' % b"".join([one[_BEFORE:_AFTER] for one in pieces]))
        return text
    return "".join(msgspec.json.decode(piece)["text"] for piece in pieces)


def _tool_calls(events: Iterable[StoredRow]) -> list[JSONObject]:
    """The calls in the shape of OpenAI, put together from their pieces."""
    calls: dict[int, dict[str, str]] = {}
    for event in events:
        if event.name != "tool_call":
            continue
        piece = msgspec.json.decode(event.data)
        call = calls.setdefault(piece["index"], {"id": "", "name": "", "arguments": ""})
        call["id"] = call["id"] or piece.get("id") or ""
        call["name"] += piece.get("name") or ""
        call["arguments"] += piece.get("arguments") or ""
    return [
        {
            "id": call["id"],
            "type": "function",
            "function": {"name": call["name"], "arguments": call["arguments"]},
        }
        for _, call in sorted(calls.items())
    ]


def _error(final: dict[str, Any]) -> JSONObject:
    return {name: final.get(name) for name in ("code", "message", "retryable")}
