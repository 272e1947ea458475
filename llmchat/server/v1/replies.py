"""An answer in OpenAI's shapes: the chunks of a stream, or one whole document."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator

import msgspec

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.job import (
    Delta,
    Done,
    Failed,
    Job,
    Reasoning,
    Status,
    ToolCall,
    ToolRun,
    Usage,
)
from llmchat.jobs.log import Entry
from llmchat.server.sse import merge
from llmchat.server.v1.errors import ending, failed_body

PREFIX = "chatcmpl-"
PING = b": ping\n\n"
_DONE = b"data: [DONE]\n\n"
_TEXT = len(b'{"text":')
_NAMES = {"delta": b"content", "reasoning": b"reasoning_content"}
_FINISH = ("stop", "length", "tool_calls", "content_filter")
_encode = msgspec.json.Encoder().encode


def error_chunk(failure: Failed) -> bytes:
    """The last event of a stream that cannot go on."""
    return b"data: %b\n\n" % _encode(failed_body(failure))


class Answer:
    """What all shapes of an answer have in common; `model` is the one that answers in the end."""

    def __init__(self, job: Job) -> None:
        self.id = PREFIX + job.id
        self.created = int(time.time())
        self.model = job.model
        self._calls: dict[int, str] = {}

    def note(self, entry: Entry) -> None:
        """Learn from a status who answers."""
        event = entry.event
        if isinstance(event, Status) and event.state == "running" and event.model:
            self.model = event.model

    def call_id(self, call: ToolCall) -> str:
        """The id of a tool call, of our own where the endpoint gives none."""
        if call.index not in self._calls:
            self._calls[call.index] = call.id or f"call_{secrets.token_hex(12)}"
        return self._calls[call.index]

    def is_new(self, call: ToolCall) -> bool:
        """Whether this is the first piece of it."""
        return call.index not in self._calls


class Chunks:
    """Events as the chunks of a stream. `usage`: the last one tells it."""

    def __init__(self, job: Job, *, usage: bool) -> None:
        self._answer = Answer(job)
        self._usage = usage
        self._started = False

    def encode(self, batch: Iterable[Entry]) -> Iterator[bytes]:
        """The pieces to send for some events; after the final one nothing follows."""
        for entry in merge(list(batch)):
            if entry.name in _NAMES:
                # What is between the braces is JSON already, and most of all there is.
                yield self._chunk(b'{"%b":%b' % (_NAMES[entry.name], entry.data[_TEXT:]))
                continue
            match entry.event:
                case Status():
                    self._answer.note(entry)
                case ToolCall() as call:
                    yield self._chunk(_encode({"tool_calls": [self._call(call)]}))
                case Done() | Failed() as final:
                    yield self._end(ending(final))
                case Delta() | Reasoning() | Usage() | ToolRun():
                    pass  # texts are above, tokens at the end, and no tools run for programs

    def _chunk(self, delta: bytes, finish: bytes = b"null") -> bytes:
        first = b""
        if not self._started:
            self._started = True
            first = self._data(b'{"role":"assistant","content":""}', b"null")
        return first + self._data(delta, finish)

    def _data(self, delta: bytes, finish: bytes) -> bytes:
        choice = b'{"index":0,"delta":%b,"logprobs":null,"finish_reason":%b}' % (delta, finish)
        return self._event(b"[%b]" % choice, b"null")

    def _event(self, choices: bytes, usage: bytes) -> bytes:
        one = self._answer
        return (
            b'data: {"id":%b,"object":"chat.completion.chunk","created":%d,"model":%b,'
            b'"choices":%b%b}\n\n'
        ) % (
            _encode(one.id),
            one.created,
            _encode(one.model),
            choices,
            b',"usage":%b' % usage if self._usage else b"",
        )

    def _call(self, call: ToolCall) -> JSONObject:
        function: JSONObject = {"arguments": call.arguments}
        if call.name is not None:
            function["name"] = call.name
        if not self._answer.is_new(call):
            return {"index": call.index, "function": function}
        call_id = self._answer.call_id(call)
        return {"index": call.index, "id": call_id, "type": "function", "function": function}

    def _end(self, final: Done | Failed) -> bytes:
        if isinstance(final, Failed):  # a client that sees it raises an error
            return error_chunk(final)
        last = self._chunk(b"{}", _encode(_finish(final)))
        if self._usage and final.usage is not None:
            last += self._event(b"[]", _encode(_usage(final.usage)))
        return last + _DONE


class Whole:
    """Events as one document."""

    def __init__(self, job: Job) -> None:
        self._answer = Answer(job)
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._calls: dict[int, dict[str, str]] = {}

    def take(self, batch: Iterable[Entry]) -> None:
        """Add some events."""
        for entry in batch:
            match entry.event:
                case Status():
                    self._answer.note(entry)
                case Delta(text):
                    self._texts.append(text)
                case Reasoning(text):
                    self._thoughts.append(text)
                case ToolCall() as call:
                    self._add(call)
                case Usage() | ToolRun() | Done() | Failed():
                    pass  # `document` is told of them

    def _add(self, call: ToolCall) -> None:
        call_id = self._answer.call_id(call)
        known = self._calls.setdefault(call.index, {"id": call_id, "name": "", "arguments": ""})
        known["name"] = known["name"] or call.name or ""
        known["arguments"] += call.arguments

    def document(self, final: Done) -> JSONObject:
        """The whole answer."""
        text = "".join(self._texts)
        message: JSONObject = {"role": "assistant", "content": text or None, "refusal": None}
        if self._thoughts:
            message["reasoning_content"] = "".join(self._thoughts)
        if self._calls:
            message["tool_calls"] = [_call(one) for _, one in sorted(self._calls.items())]
        else:
            message["content"] = text
        choice: JSONObject = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": _finish(final),
        }
        return {
            "id": self._answer.id,
            "object": "chat.completion",
            "created": self._answer.created,
            "model": self._answer.model,
            "choices": [choice],
            "usage": None if final.usage is None else _usage(final.usage),
        }


def _call(call: dict[str, str]) -> JSON:
    function: JSONObject = {"name": call["name"], "arguments": call["arguments"]}
    return {"id": call["id"], "type": "function", "function": function}


def _finish(final: Done) -> str:
    """One of OpenAI's words: clients know no others."""
    return final.finish_reason if final.finish_reason in _FINISH else "stop"


def _usage(usage: Usage) -> JSONObject:
    prompt, completion = usage.prompt_tokens or 0, usage.completion_tokens or 0
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens or 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
    }
