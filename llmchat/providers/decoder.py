"""Turns the bytes of a reply into events, and judges how the reply ended."""

from __future__ import annotations

from collections.abc import Mapping

from llmchat.domain.chat import JSON
from llmchat.domain.job import Done, Event, Status, Usage
from llmchat.providers.answer import Answer, text_limit_bytes
from llmchat.providers.base import Limits
from llmchat.providers.chunks import (
    NOT_QUICK,
    Choice,
    Chunk,
    json_or_text,
    lenient_chunk,
    only_text,
    plain_json,
    quick_chunk,
    quick_chunks,
    usage_of,
)
from llmchat.providers.failures import ReplyError, error_in_reply
from llmchat.providers.sse import LineReader, LineTooLongError

_USUAL = b"data: {"
_NEXT = b"\n\n" + _USUAL
_SEVERAL_BYTES = 1000  # of a read, from which reading its events at once is quicker
_DATA_LINES = 1000  # of one event: more would cost their square, and only pretty JSON has several
# Of all lines of one event: each further line has all of them read again.
_LINES_BYTES = 1024 * 1024
_FINISH = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "end_turn": "stop",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}


class ReplyDecoder:
    """Feed it the body of a 200 reply, cut anywhere. Everything raises ReplyError.

    Servers disagree about where an event ends, so any data that is whole JSON is one: with
    blank lines between, without, or before the rest of a read has come.
    """

    def __init__(self, limits: Limits, parameters: Mapping[str, JSON]) -> None:
        text_bytes = text_limit_bytes(parameters, limits.answer_bytes)
        self._answer = Answer(text_bytes, limits.answer_bytes)
        self._lines = LineReader(limits.line_bytes)
        self._body_left = limits.answer_bytes
        self._body: list[bytes] | None = None
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._event = b""
        self._known = False  # some line was an event's
        self._foreign = False  # some line was not
        self._finish = ""
        self._usage: Usage | None = None
        self.done = False

    @property
    def pieces(self) -> int:
        """Grows with each content, and with nothing else."""
        return self._answer.pieces

    @property
    def finished(self) -> bool:
        """The endpoint said why it stopped, though not yet that nothing follows."""
        return bool(self._finish)

    def feed(self, data: bytes) -> list[Event]:
        """The events that `data` completes."""
        if len(data) >= _SEVERAL_BYTES and not (self.done or self._data or self._event):
            data = self._take_block(data)
        try:
            for line in self._lines.feed(data):
                if self.done:
                    break
                # The blank line after a usual event says nothing: half of all lines are such.
                if line or self._data or self._event or self._body is not None:
                    self._take_line(line)
        except LineTooLongError as error:
            raise ReplyError("upstream-too-large", "a single event is too long") from error
        return self._answer.take()

    def take(self) -> list[Event]:
        """What had been said when `feed` or `end` raised."""
        return self._answer.take(last=True)

    def end(self, *, cut: bool = False) -> list[Event]:
        """The last events, a Done among them; or the error that this end of the body means."""
        if not self.done and not cut:
            self._end_of_body()
        if self._finish or self.done:
            return self._final()
        raise self._unfinished(cut=cut)

    def _take_block(self, data: bytes) -> bytes:
        """Take many usual events with one decode; what is left has to be read line by line."""
        block, rest = self._lines.block(data)
        if self._body is not None or not block.startswith(_USUAL):
            return data
        # A text in JSON holds no line break: what looks like the start of an event is one.
        joined = block[6:].replace(_NEXT, b",{")
        try:
            chunks = quick_chunks(b"[%b]" % joined)
        except NOT_QUICK:
            return data
        starts = (len(block) - 6 - len(joined)) // (len(_NEXT) - 2)
        if len(chunks) != starts + 1:
            return data
        self._lines.skip()
        self._known = True
        taken = self._take_texts(chunks)
        if taken < len(chunks):
            rest = _USUAL + _NEXT.join(block[7:].split(_NEXT)[taken:]) + b"\n\n" + rest
        return rest

    def _take_texts(self, chunks: list[Chunk]) -> int:
        """Take the chunks before the first that is more than text. Gives how many."""
        texts: list[str] = []
        for chunk in chunks:
            if not (text := only_text(chunk)):
                break
            texts.append(text)
        if texts:
            self._answer.add_text("".join(texts), len(texts))
        return len(texts)

    def _take_line(self, line: bytes) -> None:
        if line.startswith(_USUAL) and not self._event and not self._data:
            try:
                chunk = quick_chunk(line[6:])
            except NOT_QUICK:
                self._take_field(line)
            else:
                self._known = True
                self._take_chunk(chunk, line[6:])
        elif line and self._body is None:
            self._take_field(line)
        elif self._body is not None:
            self._collect(line)
        else:
            self._take_blank()

    def _take_field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match name:
            case b"data":
                self._known = True
                self._take_data(value)
            case b"event":
                self._known = True
                self._event = value.strip()
            case b"error":  # llama.cpp before 2026 (llama.cpp#16104)
                raise error_in_reply(json_or_text(value))
            case b"" | b"id" | b"retry":
                pass
            case _:
                self._take_foreign(line)

    def _take_data(self, value: bytes) -> None:
        if not self._data and value.startswith(b"[DONE]"):
            self.done = True
            return
        if value or self._data:
            self._data.append(value)
            self._data_bytes += len(value)
        if len(self._data) > _DATA_LINES:
            raise ReplyError("upstream-bad-json", "an event is not JSON")
        if len(self._data) > 1 and self._data_bytes > _LINES_BYTES:
            raise ReplyError("upstream-too-large", "an event is larger than llmchat takes")
        data = b"\n".join(self._data)
        try:
            whole = plain_json(data)
        except ValueError:
            return  # the rest of it may come in a further line; a blank line is the last word
        self._clear_data()
        if self._event == b"error":
            raise error_in_reply(whole)
        self._take_chunk(lenient_chunk(whole), data)

    def _take_blank(self) -> None:
        data, event = b"\n".join(self._data), self._event
        self._clear_data()
        self._event = b""
        if event == b"error":
            raise error_in_reply(json_or_text(data))
        if data.strip():
            raise _malformed(data)

    def _clear_data(self) -> None:
        self._data.clear()
        self._data_bytes = 0

    def _take_chunk(self, chunk: Chunk, data: bytes) -> None:
        if chunk.error or chunk.kind == "error":
            # Quick decoding skips what it does not need: the rest may be no JSON at all.
            raise error_in_reply(json_or_text(data))
        for choice in chunk.choices or ():
            if choice.index == 0:
                self._take_choice(choice)
        if chunk.usage is not None:
            self._usage = usage_of(chunk.usage)
        if chunk.prompt_progress is not None and chunk.prompt_progress.total > 0:
            share = chunk.prompt_progress.processed / chunk.prompt_progress.total
            self._answer.add_event(Status("reading", progress=min(1.0, max(0.0, share))))

    def _take_choice(self, choice: Choice) -> None:
        part = choice.delta or choice.message
        if part is not None:
            thought = part.reasoning_content or part.reasoning or part.thinking
            if thought:
                self._answer.add_reasoning(thought)
            if part.content:
                self._answer.add_text(part.content)
            if part.refusal:
                self._answer.add_text(part.refusal)
            for call in part.tool_calls or ():
                self._answer.add_call(call)
        if choice.finish_reason == "error":
            raise error_in_reply(None)
        if choice.finish_reason:
            word = choice.finish_reason
            self._finish = _FINISH.get(word) or f"other:{word[:32]}"

    def _take_foreign(self, line: bytes) -> None:
        """A line that is no field: the reply may be no event stream at all."""
        if self._known:
            return
        first = line.lstrip()[:1]
        if first == b"<":
            raise ReplyError("upstream-not-an-api", "a web page")
        if first in b"{[" and first:
            self._body = []
            self._collect(line)
        self._foreign = True

    def _collect(self, line: bytes) -> None:
        self._body_left -= len(line) + 1
        if self._body is None or self._body_left < 0:
            raise ReplyError("upstream-too-large", "the reply is longer than llmchat takes")
        self._body.append(line)

    def _end_of_body(self) -> None:
        last = self._lines.end()
        if last:
            self._take_line(last)
        if self._body is not None:
            self._take_whole(b"\n".join(self._body))

    def _take_whole(self, body: bytes) -> None:
        """A reply that is not streamed although we asked for it."""
        try:
            whole = plain_json(body)
        except ValueError as error:
            raise _malformed(body) from error
        chunk = lenient_chunk(whole)
        if not chunk.choices and not chunk.error and chunk.kind != "error":
            raise ReplyError("upstream-not-an-api", "JSON that is no answer")
        self._take_chunk(chunk, body)
        self.done = True

    def _final(self) -> list[Event]:
        events = self._answer.take(last=True)
        if self._usage is not None:
            events.append(self._usage)
        finish = self._finish or "unknown"
        if finish == "stop" and self._answer.called:  # as Gemini says it
            finish = "tool_calls"
        events.append(Done(finish, usage=self._usage))
        return events

    def _unfinished(self, *, cut: bool) -> ReplyError:
        if cut:
            return ReplyError("upstream-cut", "the connection broke", transient=True)
        if self._known:
            return ReplyError("upstream-truncated", "the answer stopped without an end")
        if self._foreign:
            return ReplyError("upstream-not-an-api", "a text that is no answer")
        return ReplyError("upstream-empty", "nothing")


def _malformed(data: bytes) -> ReplyError:
    try:
        data.decode()
    except UnicodeDecodeError:
        return ReplyError("upstream-bad-utf8", "bytes that are no UTF-8")
    return ReplyError("upstream-bad-json", "an event that is no JSON")
