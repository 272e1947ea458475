"""The reader of replies: any cut of the bytes, and both ways of reading a chunk, say the same."""

from __future__ import annotations

import itertools
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat.domain.job import Delta, Event, Reasoning
from llmchat.providers import decoder as decoder_module
from llmchat.providers.base import Limits
from llmchat.providers.chunks import lenient_chunk, plain_json, quick_chunk
from llmchat.providers.decoder import ReplyDecoder
from llmchat.providers.failures import ReplyError
from llmchat.providers.sse import LineReader, LineTooLongError
from tests.fake_replies import chunk, sse, usage_chunk

TEXT = 'Grüße 漢字 🙂\u2028 \\ " \n\t end'


def _stream(*chunks: object) -> bytes:
    return b"".join(map(sse, chunks)) + b"data: [DONE]\n\n"


def _ollama(text: str, finish: str | None = None) -> dict[str, object]:
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "model": "x", "choices": [choice]}


_PIECES = [TEXT[at : at + 3] for at in range(0, len(TEXT), 3)]
_CALL = {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
_ROUTER = {**chunk("", reasoning="hm"), "provider": "X", "native_finish_reason": None}
# The shapes of what the servers named here send.
STREAMS: dict[str, bytes] = {
    "openai": _stream(
        chunk("", role="assistant", refusal=None),
        *map(chunk, _PIECES),
        chunk(finish="stop"),
        usage_chunk(9, 8),
    ),
    "ollama": _stream(*map(_ollama, _PIECES), _ollama("", "stop")),
    "llama.cpp": _stream(
        {**chunk(""), "prompt_progress": {"total": 9, "cache": 0, "processed": 3, "time_ms": 1}},
        *map(chunk, _PIECES),
        {**chunk(finish="length"), "timings": {"predicted_per_second": 70.1}},
    ),
    "vllm": _stream(*({**chunk(one), "prompt_token_ids": None} for one in _PIECES))
    + b": after the end\n",
    "openrouter": b": OPENROUTER PROCESSING\n\n" * 3
    + _stream(_ROUTER, *map(chunk, _PIECES), {**chunk("", finish="stop"), "usage": {"cost": 0.1}}),
    "deepseek": _stream(
        chunk(None, content=None, reasoning_content="hm"),
        *map(chunk, _PIECES),
        chunk(finish="stop"),
    ),
    "tools": _stream(chunk(tool_calls=[_CALL]), chunk(finish="tool_calls")),
    "mistral": _stream(
        chunk(None, content=[{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]),
        chunk(None, content=[{"type": "text", "text": "yes"}]),
        chunk(finish="stop"),
    ),
    "crlf": _stream(*map(chunk, _PIECES), chunk(finish="stop")).replace(b"\n", b"\r\n"),
    "cr": _stream(*map(chunk, _PIECES), chunk(finish="stop")).replace(b"\n", b"\r"),
    "bom, tight": b"\xef\xbb\xbf"
    + _stream(*map(chunk, _PIECES)).replace(b"\n\n", b"\n").replace(b"data: ", b"data:"),
    "escapes": b"".join(
        b'data: {"choices":[{"delta":{"content":"%b"}}]}\n\n' % piece
        for piece in (rb"\ud83d", rb"\ude00a\ud83d", rb"b", rb"\ude00")
    )
    + b"data: [DONE]\n\n",
    "whole": json.dumps({"choices": [{"message": {"content": TEXT}}]}, indent=1).encode(),
    "error": _stream(chunk("a"), {"error": {"message": "boom"}}),
    "broken": _stream(chunk("a"))[:-20] + b'data: {"x\n\n',
    "cut": _stream(*map(chunk, _PIECES))[:-30],
    "long": _stream(*map(chunk, _PIECES * 9), chunk(finish="stop"), usage_chunk(9, 8)),
    "long, in several kinds": _stream(
        chunk("", role="assistant"),
        *map(chunk, _PIECES * 3),
        *(chunk(None, reasoning_content=one) for one in _PIECES * 3),
        *map(chunk, _PIECES * 3),
        {"error": {"message": "boom"}},
    ),
    "long, with comments": _stream(*map(chunk, _PIECES * 3))[:-14].replace(
        b"\n\n", b"\n\n\n: data: {\n", 5
    ),
    "long, broken": _stream(*map(chunk, _PIECES * 5)).replace(b"}\n\n", b"\n\n", 9),
}
# What a stream may be made of, and what it should not be.
_FRAGMENTS = st.sampled_from(
    [
        sse(chunk("a")) * 9,
        sse(chunk("b", finish="length")),
        sse(chunk(None, reasoning_content="hm")) * 5,
        sse(chunk("c")).replace(b"\n\n", b"\n") * 5,
        sse(chunk("d")).replace(b"\n", b"\r\n"),
        *(b"\n", b"\n\n", b"\r", b": data: {\n\n", b"event: x\n", b"data: {\n\n", b"data: 1\n\n"),
        *(b"data: [DONE]\n\n", b"data: {}\n\n", b"data: {},{}\n\n", b'data: {"error": 1}\n\n'),
    ]
)


def _merged(events: list[Event]) -> list[Event]:
    merged: list[Event] = []
    for event in events:
        last = merged[-1] if merged else None
        if isinstance(event, Delta | Reasoning) and type(last) is type(event):
            merged[-1] = type(event)(getattr(last, "text", "") + event.text)
        else:
            merged.append(event)
    return merged


def _decode(parts: list[bytes], limits: Limits | None = None) -> tuple[list[Event], str]:
    decoder = ReplyDecoder(limits or Limits(), {})
    events: list[Event] = []
    try:
        for part in parts:
            events += decoder.feed(part)
        events += decoder.end()
    except ReplyError as error:
        return _merged(events + decoder.take()), error.code
    return _merged(events), ""


def _quick_way_closed(data: bytes) -> None:
    raise msgspec.DecodeError


@pytest.mark.parametrize("name", STREAMS)
@given(cuts=st.lists(st.integers(0, 10_000), max_size=40))
def test_any_cut_of_a_stream_gives_the_same_events(name: str, cuts: list[int]) -> None:
    data = STREAMS[name]
    places = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    parts = [data[start:end] for start, end in itertools.pairwise(places)]
    assert _decode(parts) == _decode([data])


@pytest.mark.parametrize("name", STREAMS)
def test_each_byte_alone_gives_the_same_events(name: str) -> None:
    data = STREAMS[name]
    assert _decode([data[at : at + 1] for at in range(len(data))]) == _decode([data])


@given(st.lists(_FRAGMENTS, max_size=12))
def test_reading_at_once_and_byte_by_byte_agree(fragments: list[bytes]) -> None:
    data = b"".join(fragments)
    assert _decode([data]) == _decode([data[at : at + 1] for at in range(len(data))])


@pytest.mark.parametrize("name", STREAMS)
def test_the_quick_way_and_the_lenient_way_agree(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = _decode([STREAMS[name]])
    monkeypatch.setattr(decoder_module, "quick_chunk", _quick_way_closed)
    monkeypatch.setattr(decoder_module, "quick_chunks", _quick_way_closed)
    assert _decode([STREAMS[name]]) == quick


@given(st.text())
def test_any_text_comes_through_both_ways(text: str) -> None:
    data = json.dumps(chunk(text), ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert quick_chunk(data) == lenient_chunk(plain_json(data))
    expected = [Delta(text)] if text else []
    assert _decode([sse(chunk(text)), b"data: [DONE]\n\n"])[0][:-1] == expected


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "index", "content", "usage", "error", "tool_calls", "function"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(_JSON)
def test_no_json_breaks_the_reader(value: object) -> None:
    data = b"data: " + json.dumps(value).encode() + b"\n\n"
    _, code = _decode([data])
    assert code in {"upstream-truncated", "upstream-error", "upstream-context-length", ""}


@given(st.binary())
def test_no_bytes_break_the_reader(data: bytes) -> None:
    events, code = _decode([data])
    assert code.startswith("upstream-") or events


def test_half_a_character_waits_for_the_other() -> None:
    events, _ = _decode([STREAMS["escapes"]])
    assert events[0] == Delta("😀a\ufffdb\ufffd")


def test_a_line_is_bounded() -> None:
    reader = LineReader(100)
    assert reader.feed(b"a" * 60) == []
    with pytest.raises(LineTooLongError):
        reader.feed(b"a" * 60)


def test_an_event_of_many_lines_is_bounded() -> None:
    data = b'data: {"a":[\n' + b"data: 1,\n" * 2000
    assert _decode([data])[1] == "upstream-bad-json"


def test_the_answer_is_bounded() -> None:
    limits = Limits(answer_bytes=100)
    assert _decode([sse(chunk("ä" * 51))], limits) == ([], "upstream-too-large")
    assert _decode([sse(chunk(reasoning="ä" * 51))], limits)[1] == "upstream-too-large"
    assert _decode([b'{"a":\n' + b"1\n" * 60], limits)[1] == "upstream-too-large"
