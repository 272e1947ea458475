"""Messages as JSON bytes: never pickle, since what crosses a process may one day cross a socket.

A frame is a JSON array of `[kind, body]` pairs. Events are pairs too: their names are those of
the SSE stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

from llmchat.domain.job import EVENT_NAMES, Event, JobId
from llmchat.domain.messages import (
    Alive,
    Cancel,
    Command,
    Discover,
    Discovered,
    EngineFailed,
    EngineReady,
    JobEvents,
    Listed,
    ListModels,
    Report,
    Run,
    SetEndpoint,
)

Message: TypeAlias = Command | Report

_KINDS: dict[type[Any], str] = {
    Run: "run",
    Cancel: "cancel",
    SetEndpoint: "set-endpoint",
    ListModels: "list-models",
    Discover: "discover",
    Alive: "alive",
    JobEvents: "job-events",
    Listed: "listed",
    Discovered: "discovered",
    EngineReady: "engine-ready",
    EngineFailed: "engine-failed",
}
_encoder = msgspec.json.Encoder()
_frames = msgspec.json.Decoder(list[tuple[str, msgspec.Raw]])
_job_events = msgspec.json.Decoder(tuple[str, int, int, list[tuple[str, msgspec.Raw]]])
_messages = {
    name: msgspec.json.Decoder(kind) for kind, name in _KINDS.items() if kind is not JobEvents
}
_events = {name: msgspec.json.Decoder(kind) for kind, name in EVENT_NAMES.items()}


def encode(message: Message) -> bytes:
    """Encode one message. Raises UnicodeEncodeError for text with half a character in it."""
    return _encoder.encode((_KINDS[type(message)], _body(message)))


def frame(encoded: Sequence[bytes]) -> bytes:
    """Put encoded messages into one frame."""
    return b"[" + b",".join(encoded) + b"]"


def decode(data: bytes) -> list[Message]:
    """Decode a frame. Raises ValueError for anything else."""
    try:
        return [_message(kind, body) for kind, body in _frames.decode(data)]
    except (msgspec.MsgspecError, KeyError) as error:
        raise ValueError(f"not a frame: {error}") from error


def _body(message: Message) -> object:
    if isinstance(message, JobEvents):
        events = [(EVENT_NAMES[type(event)], event) for event in message.events]
        return (message.job_id, message.attempt, message.first_seq, events)
    return message


def _message(kind: str, body: msgspec.Raw) -> Message:
    if kind == "job-events":
        job_id, attempt, first_seq, pairs = _job_events.decode(body)
        return JobEvents(JobId(job_id), attempt, first_seq, tuple(_event(*pair) for pair in pairs))
    message: Message = _messages[kind].decode(body)
    return message


def _event(name: str, body: msgspec.Raw) -> Event:
    event: Event = _events[name].decode(body)
    return event
