"""What a model says in one turn of an answer with tools: its text, and the calls it wants."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.job import Delta, Done, Event, ToolCall, Usage
from llmchat.tools.untrusted import call_part


@dataclass(slots=True)
class Call:
    """A call that a model wants. Its id is ours: endpoints leave theirs empty, or use one twice."""

    id: str = field(default_factory=lambda: f"call_{secrets.token_hex(8)}")
    function: str = ""
    arguments: str = ""


class Turn:
    """Put together from the events of one reply."""

    def __init__(self) -> None:
        self.text = ""
        self.done: Done | None = None
        self._calls: dict[int, Call] = {}

    @property
    def calls(self) -> list[Call]:
        """The calls in the order of the model."""
        return [call for _, call in sorted(self._calls.items()) if call.function]

    def take(self, event: Event) -> Call | None:
        """Note an event. Gives a call that has begun with it."""
        if isinstance(event, Delta):
            self.text += event.text
        elif isinstance(event, Done):
            self.done = event
        elif isinstance(event, ToolCall):
            return self._call(event)
        return None

    def message(self) -> JSONObject:
        """The turn as a message of the next request."""
        parts: list[JSON] = [call_part(one.id, one.function, one.arguments) for one in self.calls]
        return {"role": "assistant", "content": self.text or None, "tool_calls": parts}

    def _call(self, piece: ToolCall) -> Call | None:
        call = self._calls.setdefault(piece.index, Call())
        new = bool(piece.name) and not call.function
        call.function += piece.name or ""
        call.arguments += piece.arguments
        return call if new else None


def add_usage(before: Usage | None, usage: Usage | None) -> Usage | None:
    """What several turns have used: all that was written, and what the last one has read."""
    if before is None or usage is None:
        return usage or before
    return Usage(
        usage.prompt_tokens,
        _sum(before.completion_tokens, usage.completion_tokens),
        usage.cached_tokens,
        _sum(before.reasoning_tokens, usage.reasoning_tokens),
    )


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None and second is None else (first or 0) + (second or 0)
