"""Events as JSON: a worker encodes each once, and store and readers get those bytes."""

from __future__ import annotations

from typing import Any

import msgspec

from llmchat.domain.chat import JSONObject
from llmchat.domain.job import EVENT_NAMES, Delta, Event, Packed, Reasoning

_encoder = msgspec.json.Encoder()
_decoders = {name: msgspec.json.Decoder(kind) for kind, name in EVENT_NAMES.items()}


def pack(event: Event) -> Packed:
    """An event as its name and its members that are set, as JSON without a line break.

    Raises UnicodeEncodeError for text with half a character in it.
    """
    if isinstance(event, Delta | Reasoning):
        return Packed(EVENT_NAMES[type(event)], _encoder.encode(event))
    return Packed(EVENT_NAMES[type(event)], _encoder.encode(_present(msgspec.to_builtins(event))))


def unpack(packed: Packed) -> Event:
    """The event that was packed."""
    event: Event = _decoders[packed.name].decode(packed.data)
    return event


def _present(members: dict[str, Any]) -> JSONObject:
    return {
        name: _present(value) if isinstance(value, dict) else value
        for name, value in members.items()
        if value is not None
    }
