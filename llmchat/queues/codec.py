"""Messages as JSON bytes: never pickle, since what crosses a process may one day cross a socket.

A frame is a JSON array of messages. Those that carry events are the many: they are written by hand
and read in one pass, and the JSON of their events is passed on as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

from llmchat.domain.job import EVENT_NAMES, JobId, Packed
from llmchat.domain.messages import (
    Alive,
    Begin,
    Cancel,
    Command,
    Decide,
    Discover,
    Discovered,
    EngineFailed,
    EngineLoading,
    EngineReady,
    JobEvents,
    Listed,
    ListModels,
    RemoveEndpoint,
    Report,
    Run,
    SetEndpoint,
    Tried,
    TryEndpoint,
)

Message: TypeAlias = Command | Report

_KINDS: dict[type[Any], str] = {
    Run: "run",
    Cancel: "cancel",
    Decide: "decide",
    Begin: "begin",
    SetEndpoint: "set-endpoint",
    RemoveEndpoint: "remove-endpoint",
    TryEndpoint: "try-endpoint",
    ListModels: "list-models",
    Discover: "discover",
    Alive: "alive",
    Listed: "listed",
    Discovered: "discovered",
    Tried: "tried",
    EngineLoading: "engine-loading",
    EngineReady: "engine-ready",
    EngineFailed: "engine-failed",
}


class _Events(msgspec.Struct, tag="events", array_like=True):
    job_id: str
    attempt: int
    first_seq: int
    events: list[tuple[str, msgspec.Raw]]


class _Other(msgspec.Struct, tag="other", array_like=True):
    kind: str
    body: msgspec.Raw


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[_Events | _Other]).decode
_messages = {name: msgspec.json.Decoder(kind) for kind, name in _KINDS.items()}
_event_heads = {name: b'["%b",' % name.encode() for name in EVENT_NAMES.values()}


def encode(message: Message) -> bytes:
    """Encode one message. Raises UnicodeEncodeError for text with half a character in it."""
    if isinstance(message, JobEvents):
        return _encode_events(message)
    return _encode(("other", _KINDS[type(message)], message))


def frame(encoded: Sequence[bytes]) -> bytes:
    """Put encoded messages into one frame."""
    return b"[" + b",".join(encoded) + b"]"


def decode(data: bytes) -> list[Message]:
    """Decode a frame. Raises ValueError for anything else."""
    try:
        return [_message(one) for one in _decode(data)]
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError) as error:
        raise ValueError(f"not a frame: {error}") from error


def _encode_events(message: JobEvents) -> bytes:
    events = b",".join([_event_heads[name] + data + b"]" for name, data in message.events])
    head = (_encode(message.job_id), message.attempt, message.first_seq)
    return b'["events",%b,%d,%d,[%b]]' % (*head, events)


def _message(one: _Events | _Other) -> Message:
    if isinstance(one, _Events):
        # Copies: what is kept of a frame must not keep all of it.
        events = tuple([Packed(name, bytes(raw)) for name, raw in one.events])
        return JobEvents(JobId(one.job_id), one.attempt, one.first_seq, events)
    message: Message = _messages[one.kind].decode(one.body)
    return message
