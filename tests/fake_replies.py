"""What the fake API says: chunks, whole replies, and its good behaviours."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from aiohttp import web

PIECE = 4  # characters of a chunk, about a token
_ALPHABET = "the quick brown fox jumps over the lazy dog — äöü ß 漢字かな 🙂🚀 \n"
# Replies are written behind aiohttp's back, so each connection serves one request.
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
    b"Connection: close\r\n\r\n"
)


def known_text(length: int) -> str:
    """`length` characters that are the same in every process, from one to four bytes each."""
    words = [f"{_ALPHABET}{number} " for number in range(length // len(_ALPHABET) + 1)]
    return "".join(words)[:length]


def chunk(
    text: str | None = None, *, finish: str | None = None, **delta: object
) -> dict[str, object]:
    """A chunk as OpenAI writes it; `delta` adds members such as `reasoning_content`."""
    if text is not None:
        delta["content"] = text
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "fake",
        "system_fingerprint": None,
        "choices": [choice],
    }


def usage_chunk(prompt: int, completion: int) -> dict[str, object]:
    """The chunk without choices that OpenAI sends last, with a count of cached tokens."""
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": prompt // 2},
    }
    return {**chunk(), "choices": [], "usage": usage}


def sse(item: object) -> bytes:
    """One server-sent event with `item` as JSON."""
    return b"data: " + json.dumps(item, ensure_ascii=False).encode() + b"\n\n"


def embeddings_of(body: dict[str, Any]) -> dict[str, object]:
    """A reply to `/v1/embeddings`: each vector has the length of its text, and how many `e` it has.

    As numbers, or as base64 of floats where that is asked for.
    """
    given = body["input"] if isinstance(body["input"], list) else [body["input"]]
    data = []
    for index, text in enumerate(map(str, given)):
        vector: object = [float(len(text)), float(text.count("e"))]
        if body.get("encoding_format") == "base64":
            packed = struct.pack("<2f", len(text), text.count("e"))
            vector = base64.b64encode(packed).decode()
        data.append({"object": "embedding", "index": index, "embedding": vector})
    usage = {"prompt_tokens": 7, "total_tokens": 7}
    return {"object": "list", "data": data, "model": body["model"], "usage": usage}


DONE = b"data: [DONE]\n\n"


@dataclass
class Recorded:
    """One request to the chat route: what was asked, and when its connection ended."""

    body: dict[str, Any]
    headers: dict[str, str]
    started: float
    ended: float | None = None
    port: int = 0  # of the client: tells which process asked
    disconnected: bool = False  # the client went away before the behaviour was at its end
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    sent: asyncio.Event = field(default_factory=asyncio.Event)

    async def until_ended(self) -> None:
        """Wait until its connection does not stand any more."""
        if self.ended is None:
            await self.gone.wait()

    @property
    def model(self) -> str:
        """What the request named."""
        return str(self.body.get("model"))

    def begun(self) -> str:
        """The text that this request asks to go on with, as its last message or before it."""
        ends = [one for one in self.body["messages"][-2:] if one.get("role") == "assistant"]
        return str(ends[-1]["content"]) if ends else ""

    def question(self) -> str:
        """The text of the last user message."""
        users = [one for one in self.body["messages"] if one.get("role") == "user"]
        content = users[-1]["content"] if users else ""
        return content if isinstance(content, str) else str(content[0].get("text", ""))


class Controls(Protocol):
    """What a behaviour may ask of the test that drives it."""

    script: str
    mode: str | None

    async def passed(self, piece: int) -> None:
        """Wait until the gate lets the piece of that number through."""
        ...


class Reply:
    """What a behaviour writes with: bytes on the socket, so that it may break HTTP as well."""

    def __init__(self, controls: Controls, request: web.Request, recorded: Recorded) -> None:
        self.controls = controls
        self.request = request
        self.recorded = recorded
        self._chunked = False

    @property
    def transport(self) -> asyncio.Transport:
        """The connection to the client. Raises ConnectionResetError when it is closed."""
        if self.request.transport is None:
            raise ConnectionResetError
        return self.request.transport

    async def raw(self, data: bytes) -> None:
        """Write bytes as they are, and let the loop send them."""
        if self.transport.is_closing():
            raise ConnectionResetError
        self.transport.write(data)
        self.recorded.sent.set()
        await asyncio.sleep(0)
        if self.transport.get_write_buffer_size() > 1 << 20:
            await self.request.protocol._drain_helper()  # what aiohttp's own writer awaits

    async def head(self) -> None:
        """Send the headers of a stream."""
        self._chunked = True
        await self.raw(HEAD)

    async def body(self, data: bytes) -> None:
        """Send a piece of the body as one HTTP chunk, after the headers."""
        if not self._chunked:
            await self.head()
        await self.raw(b"%x\r\n%b\r\n" % (len(data), data))

    async def text(self, text: str) -> None:
        """Stream text in pieces, without an end."""
        for start in range(0, len(text), PIECE):
            await self.body(sse(chunk(text[start : start + PIECE])))

    async def finish(self, reason: str = "stop", prompt: int = 12, completion: int = 34) -> None:
        """End an answer as OpenAI does: finish reason, usage, [DONE]."""
        await self.body(sse(chunk(finish=reason)))
        await self.body(sse(usage_chunk(prompt, completion)) + DONE)
        await self.end()

    async def end(self) -> None:
        """End the HTTP body."""
        await self.raw(b"0\r\n\r\n")

    async def whole(self, status: int, body: object, **headers: str) -> None:
        """Send a plain HTTP reply; `body` is JSON unless it is bytes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {"content_type": "application/json", "connection": "close", **headers}
        fields["content_length"] = str(len(data))
        lines = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in fields.items())
        await self.raw(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + data)

    def close(self) -> None:
        """Close the connection in the ordinary way."""
        self.transport.close()

    def reset(self) -> None:
        """Close the connection by a TCP reset."""
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    async def hold(self) -> None:
        """Stay silent until the client goes away."""
        await asyncio.Event().wait()


Behaviour: TypeAlias = Callable[[Reply], Awaitable[None]]


def _number(reply: Reply, place: int, default: int) -> int:
    parts = (reply.controls.mode or reply.recorded.model).split("-")
    return int(parts[place]) if len(parts) > place else default


async def _echo(reply: Reply) -> None:
    await reply.text(reply.recorded.question())
    await reply.finish()


async def _known(reply: Reply) -> None:
    await reply.text(known_text(_number(reply, 1, 1000)))
    await reply.finish()


async def _burst(reply: Reply) -> None:
    text = known_text(_number(reply, 1, 10_000))
    pieces = [sse(chunk(text[at : at + PIECE])) for at in range(0, len(text), PIECE)]
    await reply.body(b"".join(pieces))
    await reply.finish()


async def _paced(reply: Reply) -> None:
    pause, text = 1 / _number(reply, 1, 50), known_text(PIECE * _number(reply, 2, 200))
    for at in range(0, len(text), PIECE):
        await reply.text(text[at : at + PIECE])
        await asyncio.sleep(pause)
    await reply.finish()


async def _gate(reply: Reply) -> None:
    """The first piece at once, each further one when the test releases it."""
    words = [f"piece {number} " for number in range(_number(reply, 1, 5))]
    for number, word in enumerate(words):
        await reply.controls.passed(number)
        await reply.body(sse(chunk(word)))
    await reply.finish()


async def _resume(reply: Reply) -> None:
    """As `gate`, but begins where the answer stops that it is given to go on with."""
    words = [f"piece {number} " for number in range(_number(reply, 1, 5))]
    begun = reply.recorded.begun().count("piece ")
    for number, word in enumerate(words[begun:], begun):
        await reply.controls.passed(number)
        await reply.body(sse(chunk(word)))
    await reply.finish()


async def _headers(reply: Reply) -> None:
    """Headers and a first chunk without text; the text when the test releases it."""
    await reply.body(sse(chunk("", role="assistant")))
    await reply.controls.passed(1)
    await reply.text("after the gate")
    await reply.finish()


async def _silent(reply: Reply) -> None:
    """No headers until the test releases them."""
    await reply.controls.passed(1)
    await reply.text("after the silence")
    await reply.finish()


async def _markdown(reply: Reply) -> None:
    await reply.text(reply.controls.script)
    await reply.finish()


async def _parts(reply: Reply) -> None:
    """The text up to a form feed at once, each further part when the test releases it."""
    for number, part in enumerate(reply.controls.script.split("\f")):
        await reply.controls.passed(number)
        await reply.body(sse(chunk(part)))
    await reply.finish()


async def _code(reply: Reply) -> None:
    """Code, line by line and fast, until the test releases the end."""
    await reply.body(sse(chunk("```python\n")))
    for number in range(50_000):
        await reply.body(sse(chunk(f"value_{number} = compute({number})\n")))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(reply.controls.passed(1), 0.004)
            break
    await reply.body(sse(chunk("```\n")))
    await reply.finish()


async def _counted(reply: Reply) -> None:
    """A short answer with a usage of so many tokens of the prompt and of the answer."""
    await reply.text("counted")
    await reply.finish(prompt=_number(reply, 1, 12), completion=_number(reply, 2, 34))


async def _reasoning(reply: Reply) -> None:
    for thought in ("Let me ", "think."):
        await reply.body(sse(chunk(reasoning_content=thought)))
    await reply.text("The answer is 4.")
    await reply.finish()


async def _thinking(reply: Reply) -> None:
    """A thought, and the text when the test releases it."""
    await reply.body(sse(chunk(reasoning_content="Let me think.")))
    await reply.controls.passed(1)
    await reply.text("The answer is 4.")
    await reply.finish()


async def _musing(reply: Reply) -> None:
    """Thinks what it was told to say, and says it."""
    await reply.body(sse(chunk(reasoning_content=reply.controls.script)))
    await reply.text(reply.controls.script)
    await reply.finish()


async def _refusing(reply: Reply) -> None:
    """Says what it was told to as its error."""
    await reply.whole(400, {"error": {"message": reply.controls.script, "code": "bad"}})


async def _tool(reply: Reply) -> None:
    start = {"index": 0, "id": "call_1", "type": "function"}
    first = {**start, "function": {"name": "clock", "arguments": ""}}
    await reply.body(sse(chunk(tool_calls=[first])))
    for piece in ('{"zone":', '"UTC"}'):
        more = {"index": 0, "function": {"arguments": piece}}
        await reply.body(sse(chunk(tool_calls=[more])))
    await reply.finish("tool_calls")


async def _agent(reply: Reply) -> None:
    """Calls the clock, and says what that told."""
    told = [one["content"] for one in reply.recorded.body["messages"] if one["role"] == "tool"]
    if not told:
        await _tool(reply)
        return
    await reply.text(f"It is {told[-1]}.")
    await reply.finish()


async def _caller(reply: Reply) -> None:
    """Calls what the question says: lines `function {"its": "arguments"}`, in rounds with a blank
    line between them; `...` as the last line means the round before it for ever. Then a text with
    the last result.
    """
    messages = reply.recorded.body["messages"]
    asked = max(n for n, one in enumerate(messages) if one["role"] == "user")
    rounds = [one for one in reply.recorded.question().split("\n\n") if "__" in one or one == "..."]
    past = sum("tool_calls" in one for one in messages[asked:])
    if rounds and (past < len(rounds) or rounds[-1] == "..."):
        wanted = rounds[past] if past < len(rounds) else "..."
        await _call(reply, rounds[-2] if wanted == "..." else wanted, past)
        return
    results = [one["content"] for one in messages[asked:] if one["role"] == "tool"]
    await reply.text(f"It said: {results[-1] if results else 'nothing'}")
    await reply.finish()


async def _call(reply: Reply, lines: str, past: int) -> None:
    await reply.text(f"Let me look ({past + 1}).")
    for index, line in enumerate(lines.splitlines()):
        name, _, arguments = line.partition(" ")
        start = {"index": index, "id": "", "type": "function"}
        await reply.body(sse(chunk(tool_calls=[{**start, "function": {"name": name}}])))
        for at in range(0, len(arguments), 7):
            piece = {"index": index, "function": {"arguments": arguments[at : at + 7]}}
            await reply.body(sse(chunk(tool_calls=[piece])))
    await reply.finish("tool_calls")


async def _progress(reply: Reply) -> None:
    """Reading of the prompt as llama.cpp tells it, then a short answer."""
    for processed in (64, 128):
        told = {"total": 128, "cache": 0, "processed": processed, "time_ms": 5}
        await reply.body(sse({**chunk(""), "prompt_progress": told}))
    await reply.text("read")
    await reply.finish()


async def _reading(reply: Reply) -> None:
    """As `progress`, but it stays in the middle of the prompt until the test releases it."""
    told = {"total": 100, "cache": 0, "processed": 40, "time_ms": 5}
    await reply.body(sse({**chunk(""), "prompt_progress": told}))
    await reply.controls.passed(1)
    await reply.text("read")
    await reply.finish()


async def _no_stream_options(reply: Reply) -> None:
    """An older server, which refuses the members that it does not know."""
    if "stream_options" in reply.recorded.body:
        problem = {"message": "Unrecognized request argument supplied: stream_options"}
        await reply.whole(400, {"error": problem})
        return
    await reply.text("no options")
    await reply.finish()


GOOD: dict[str, Behaviour] = {
    "echo": _echo,
    "known-1000": _known,
    "burst-10000": _burst,
    "paced-50-200": _paced,
    "gate": _gate,
    "resume": _resume,
    "headers": _headers,
    "silent": _silent,
    "markdown": _markdown,
    "parts": _parts,
    "code": _code,
    "counted-12-34": _counted,
    "reasoning": _reasoning,
    "thinking": _thinking,
    "musing": _musing,
    "refusing": _refusing,
    "tool": _tool,
    "agent": _agent,
    "caller": _caller,
    "progress": _progress,
    "reading": _reading,
    "no-stream-options": _no_stream_options,
}
