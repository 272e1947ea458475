"""Unusual replies that are right, or right enough: their whole text must come through."""

from __future__ import annotations

import json

from tests.fake_modes import TEXT, Mode, status, stream
from tests.fake_replies import DONE, Reply, chunk, known_text, sse, usage_chunk


async def _done_silence(reply: Reply) -> None:
    await reply.text(TEXT)
    await reply.body(sse(chunk(finish="stop")) + DONE)
    await reply.hold()


async def _finish_silence(reply: Reply) -> None:
    await reply.text(TEXT)
    await reply.body(sse(chunk(finish="stop")))
    await reply.hold()


async def _bytewise(reply: Reply) -> None:
    """Each byte in a chunk of its own."""
    for byte in sse(chunk(TEXT)) + sse(chunk(finish="stop")) + DONE:
        await reply.body(bytes((byte,)))
    await reply.end()


def _delta(content: object) -> bytes:
    return sse({"choices": [{"index": 0, "delta": {"content": content}}]})


def _escaped(escapes: str) -> bytes:
    return b'data: {"choices":[{"delta":{"content":"%b"}}]}\n\n' % escapes.encode()


WHOLE = {
    "id": "x",
    "object": "chat.completion",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2},
}
_STOP = sse(chunk(finish="stop"))
_END = _STOP + DONE
_PLAIN = sse(chunk(TEXT))
DIALECTS: dict[str, Mode] = {
    "no-done": Mode(stream(TEXT, _STOP), "", TEXT),
    "no-finish": Mode(stream(TEXT, DONE), "", TEXT, "unknown"),
    "cut-after-finish": Mode(stream(TEXT, _STOP, end=False), "", TEXT),
    "no-last-newline": Mode(stream(TEXT, _STOP.rstrip()), "", TEXT),
    "finish-empty": Mode(stream(*(sse(chunk(one, finish="")) for one in TEXT), _END), "", TEXT),
    **{
        f"finish-{word}": Mode(stream(TEXT, sse(chunk(finish=word)), DONE), "", TEXT, mapped)
        for word, mapped in {
            "eos_token": "stop",
            "length": "length",
            "content_filter": "content_filter",
            "tool_calls": "tool_calls",
            "function_call": "tool_calls",
            "bored" * 20: "other:" + ("bored" * 20)[:32],
        }.items()
    },
    "finish-half-a-character": Mode(
        stream(TEXT, b'data: {"choices":[{"finish_reason":"\\ud800"}]}\n\n', DONE),
        "",
        TEXT,
        "other:\ufffd",
    ),
    "odd-chunks": Mode(
        stream(
            sse({"choices": []}),
            sse({"choices": None}),
            sse({"choices": [{"index": 0, "delta": None}]}),
            sse({"choices": [{"index": 1, "delta": {"content": "another choice"}}]}),
            sse({**usage_chunk(3, 4), "choices": []}),
            b"data: null\n\ndata: []\n\ndata:\n\ndata\n\ndata: 7\n\n",
            TEXT,
            _END,
        ),
        "",
        TEXT,
    ),
    "content-parts": Mode(
        stream(
            _delta(7),
            _delta([{"type": "text", "text": TEXT[:4]}, {"type": "image"}, TEXT[4:6]]),
            _delta(TEXT[6:]),
            _END,
        ),
        "",
        TEXT,
    ),
    "surrogates": Mode(stream(_escaped(r"\ud83d"), _escaped(r"\ude00!"), _END), "", "😀!"),
    "lone-surrogates": Mode(
        stream(_escaped(r"a\ud83d"), _escaped(r"b\ude00\ud83d"), _END), "", "a\ufffdb\ufffd\ufffd"
    ),
    "bytewise": Mode(_bytewise, "", TEXT),
    "crlf": Mode(stream((_PLAIN + _END).replace(b"\n", b"\r\n")), "", TEXT),
    "cr": Mode(stream((_PLAIN + _END).replace(b"\n", b"\r")), "", TEXT),
    "no-blank": Mode(stream((_PLAIN + _END).replace(b"data: ", b"data:")), "", TEXT),
    "bom": Mode(stream(b"\xef\xbb\xbf" + _PLAIN + _END), "", TEXT),
    "one-newline": Mode(stream((_PLAIN + _END).replace(b"\n\n", b"\n")), "", TEXT),
    "other-fields": Mode(
        stream(b"retry: 5\nid: 1\nevent: message\n" + _PLAIN + b"event: ping\n: x\n\n", _END),
        "",
        TEXT,
    ),
    "line-separator": Mode(stream("a\u2028b\u2029c\x85d\0e", _END), "", "a\u2028b\u2029c\x85d\0e"),
    "pretty-json": Mode(
        stream(
            b"data: "
            + json.dumps(chunk(TEXT), indent=1).encode().replace(b"\n", b"\ndata: ")
            + b"\n\n",
            _END,
        ),
        "",
        TEXT,
    ),
    "whole-json": Mode(status(200, WHOLE), "", TEXT),
    "whole-json-pretty": Mode(status(200, json.dumps(WHOLE, indent=2).encode()), "", TEXT),
    "after-done": Mode(stream(TEXT, _END, sse(chunk("more")), b"data: {broken\n\n"), "", TEXT),
    "done-silence": Mode(_done_silence, "", TEXT),
    "finish-silence": Mode(_finish_silence, "", TEXT),
    "wide": Mode(stream(sse(chunk(known_text(2_000_000))), _END), "", known_text(2_000_000)),
}
