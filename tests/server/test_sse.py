"""The bytes of events."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp_sse import EventSourceResponse
from hypothesis import given
from hypothesis import strategies as st

from llmchat.domain.job import (
    END,
    EVENT_NAMES,
    Delta,
    Done,
    Event,
    EventId,
    Failed,
    Reasoning,
    Status,
    Timings,
    ToolCall,
    Usage,
)
from llmchat.jobs.log import Entry
from llmchat.queues.events import pack, unpack
from llmchat.server.sse import PIECE_BYTES, encode, encode_batch, merge

EVENTS: list[Event] = [
    Status("queued", position=2),
    Delta("a\r\nb\rc\nd\u2028\u0085\x00 wörld 😀"),
    Reasoning(""),
    ToolCall(0, "call_1", "f", '{"a":'),
    Usage(1, 2),
    Done("stop", Usage(1, 2, None, 0), Timings(0.5, None, 2.0), "m", "e"),
    Failed("upstream-cut", "It was cut.", retryable=False),
]


class Recorded(EventSourceResponse):
    """What `send` would write to the client."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    async def write(self, data: Any) -> None:
        self.written += bytes(data)


async def test_events_have_the_bytes_of_aiohttp_sse() -> None:
    for event in EVENTS:
        entry = Entry.of(EventId(1, 7), event)
        theirs = Recorded()
        data = entry.data.decode()
        await theirs.send(data, id="1-7", event=EVENT_NAMES[type(event)])
        assert encode(entry) == theirs.written


def _data(event: Event) -> Any:
    return msgspec.json.decode(pack(event).data)


def test_what_was_encoded_is_decoded_again() -> None:
    for event in EVENTS:
        assert unpack(pack(event)) == event


def test_what_is_not_set_is_left_out() -> None:
    assert _data(EVENTS[0]) == {"state": "queued", "position": 2}
    assert _data(EVENTS[5]) == {
        "finish_reason": "stop",
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "reasoning_tokens": 0},
        "timings": {"queue_seconds": 0.5, "total_seconds": 2.0},
        "model": "m",
        "endpoint": "e",
    }
    assert _data(EVENTS[6])["retryable"] is False


texts = st.lists(st.tuples(st.sampled_from([Delta, Reasoning]), st.text(max_size=5)), max_size=12)


@given(texts, st.integers(min_value=0, max_value=50))
def test_joined_events_resume_to_the_same_text(
    parts: list[tuple[type[Delta] | type[Reasoning], str]], cut: int
) -> None:
    batch = [Entry.of(EventId(1, seq), kind(text)) for seq, (kind, text) in enumerate(parts)]
    for kind in (Delta, Reasoning):
        whole = "".join(text for one, text in parts if one is kind)
        seen = list(merge(batch))[:cut]
        last = seen[-1].id if seen else EventId(0, 0)
        rest = list(merge([entry for entry in batch if entry.id > last]))
        assert "".join(_texts(seen, kind) + _texts(rest, kind)) == whole


def _texts(entries: list[Entry], kind: type[Delta] | type[Reasoning]) -> list[str]:
    return [entry.event.text for entry in entries if isinstance(entry.event, kind)]


def test_only_text_of_one_kind_is_joined() -> None:
    batch = [
        Entry.of(EventId(1, 1), Delta("a")),
        Entry.of(EventId(1, 2), Delta("b")),
        Entry.of(EventId(1, 3), Reasoning("c")),
        Entry.of(EventId(1, 4), ToolCall(0)),
        Entry.of(EventId(1, 5), ToolCall(0)),
        Entry.of(END, Done("stop")),
    ]
    merged = list(merge(batch))
    assert merged[0] == Entry.of(EventId(1, 2), Delta("ab"))
    assert merged[1:] == batch[2:]


def test_a_long_replay_comes_in_pieces_of_whole_events() -> None:
    batch = [Entry.of(EventId(1, seq), Delta("x" * 1000)) for seq in range(300)]
    pieces = list(encode_batch(batch))
    assert len(pieces) > 3
    assert all(piece.startswith(b"id: ") and piece.endswith(b"\r\n\r\n") for piece in pieces)
    assert max(map(len, pieces)) < 2 * PIECE_BYTES
