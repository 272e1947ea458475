"""Events as the JSON that readers get and the store keeps: encoded once, whoever reads it."""

from __future__ import annotations

from typing import Any

import msgspec

from llmchat.domain.chat import JSONObject
from llmchat.domain.job import EVENT_NAMES, Delta, Event, Reasoning

_encoder = msgspec.json.Encoder()
_decoders = {name: msgspec.json.Decoder(kind) for kind, name in EVENT_NAMES.items()}


def encode_event(event: Event) -> bytes:
    """The data of an event: its members that are set, as JSON without a line break."""
    if isinstance(event, Delta | Reasoning):
        return _encoder.encode(event)
    return _encoder.encode(_present(msgspec.to_builtins(event)))


def decode_event(name: str, data: bytes | str | msgspec.Raw) -> Event:
    """The event that was encoded; `name` is its SSE name."""
    event: Event = _decoders[name].decode(data)
    return event


def _present(members: dict[str, Any]) -> JSONObject:
    return {
        name: _present(value) if isinstance(value, dict) else value
        for name, value in members.items()
        if value is not None
    }
