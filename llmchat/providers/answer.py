"""Puts the pieces of an answer together: one event for all text of a read, within limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from llmchat.domain.chat import JSON
from llmchat.domain.job import Delta, Event, Reasoning, ToolCall
from llmchat.providers.chunks import Call, whole
from llmchat.providers.failures import ReplyError

# An answer this much longer than was asked for is a fault of the endpoint: no tokenizer has
# tokens of 64 bytes on average, and short limits get the benefit of the doubt.
_BYTES_PER_TOKEN = 64
_LEAST_BYTES = 64 * 1024


def text_limit_bytes(parameters: Mapping[str, JSON], answer_bytes: int) -> int:
    """How long the text may get: far more than `max_tokens`, and never over `answer_bytes`."""
    asked = parameters.get("max_completion_tokens") or parameters.get("max_tokens")
    if not isinstance(asked, int):
        return answer_bytes
    return min(answer_bytes, max(_LEAST_BYTES, asked * _BYTES_PER_TOKEN))


class Answer:
    """Collects pieces in the order they come; `take` gives them as events.

    A character outside the basic plane may come as two halves in two pieces: they are joined,
    and a half alone becomes U+FFFD, for no store and no socket takes it.
    """

    def __init__(self, text_bytes: int, answer_bytes: int) -> None:
        self._text_left = text_bytes
        self._left = answer_bytes
        self._events: list[Event] = []
        self._kind: type[Delta] | type[Reasoning] = Delta
        self._parts: list[str] = []
        self._halves: dict[type[Delta] | type[Reasoning], str] = {}
        self._ids: dict[int, str] = {}  # of the tool calls so far
        self._moved: dict[int, int] = {}  # where a call is now whose index was taken
        self.pieces = 0
        self.called = False  # a tool

    def add_text(self, text: str, pieces: int = 1) -> None:
        """A piece of the answer, or several joined. Raises ReplyError over the limit."""
        size = len(text) if text.isascii() else _size(text)
        self._text_left -= size
        if self._text_left < 0:
            raise ReplyError("upstream-too-large", "the answer is far longer than was asked for")
        self._add(Delta, text, size, pieces)

    def add_reasoning(self, text: str) -> None:
        """A piece of the reasoning. Raises ReplyError over the limit."""
        self._add(Reasoning, text, _size(text))

    def add_call(self, call: Call) -> None:
        """A piece of a tool call. Raises ReplyError over the limit."""
        self._flush()
        self.called = True
        name = call.function.name if call.function else None
        arguments = (call.function.arguments if call.function else None) or ""
        self._grow(len(arguments) + 1)
        index = self._index(call, name)
        self._events.append(ToolCall(index, call.id, name, whole(arguments)))

    def add_event(self, event: Event) -> None:
        """An event that is no piece of the answer, in its place."""
        self._flush()
        self._events.append(event)

    def take(self, *, last: bool = False) -> list[Event]:
        """The events since the last time. `last`: no piece follows."""
        self._flush()
        if last:
            for kind, half in self._halves.items():
                if half:
                    self._events.append(kind("\ufffd"))
            self._halves.clear()
        events, self._events = self._events, []
        return events

    def _add(
        self, kind: type[Delta] | type[Reasoning], text: str, size: int, pieces: int = 1
    ) -> None:
        if kind is not self._kind:
            self._flush()
            self._kind = kind
        self.pieces += pieces
        self._left -= size
        if self._left < 0:
            self._refuse()
        self._parts.append(text)

    def _index(self, call: Call, name: str | None) -> int:
        """The index of the call that this is a piece of. Gemini numbers none of several calls side
        by side, so that another id with a name, at an index that is taken, begins another call.
        """
        known = self._moved.get(call.index, call.index)
        if not call.id:
            return known
        if name and self._ids.get(known, call.id) != call.id:
            known = self._moved[call.index] = max(self._ids) + 1
        self._ids.setdefault(known, call.id)
        return known

    def _grow(self, size: int) -> None:
        self.pieces += 1
        self._left -= size
        if self._left < 0:
            self._refuse()

    def _refuse(self) -> NoReturn:
        raise ReplyError("upstream-too-large", "the answer is longer than llmchat takes")

    def _flush(self) -> None:
        if not self._parts:
            return
        text = self._joined("".join(self._parts))
        self._parts.clear()
        if text:
            self._events.append(self._kind(text))

    def _joined(self, text: str) -> str:
        text = self._halves.pop(self._kind, "") + text
        if "\ud800" <= text[-1] <= "\udbff":
            self._halves[self._kind] = text[-1]
            text = text[:-1]
        return whole(text)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
