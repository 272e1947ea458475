"""Readers take whatever comes: no change to an export makes one raise, or store what cannot be."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmchat.domain.imported import ImportedConversation
from tests.transfer import samples
from tests.transfer.reads import Found, read
from tests.transfer.samples import to_bytes

SAMPLES: list[Any] = [
    samples.chatgpt(),
    samples.claude(),
    samples.open_webui(),
    samples.open_webui_legacy(),
    samples.librechat(),
    samples.librechat(flat=True),
    samples.llama_legacy(),
    samples.chatbot_ui(),
]
LINES = [
    samples.llama_jsonl(),
    samples.llama_odd(),
    samples.llama_jsonl()
    .replace(b"llama.app", b"llmchat")
    .replace(b'"type": "s', b'"format": 1, "type": "s'),
]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(["", "a", "\ud800", "\0", "x" * 5000, samples.NIL, "2026-13-45T99:99:99Z"]),
    st.sampled_from(["user", "assistant", "tool", "system", "data:;base64,*", samples.PNG_URL]),
    st.just([]),
    st.just({}),
    st.just([None, [], {}, 1, "text"]),
    st.just({"id": [], "value": {}, "content": 1, "text": [1]}),
).map(copy.deepcopy)
HARD = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    steps: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in steps:
        found += _places(inner, (*path, key))
    return found


def _set(document: Any, path: tuple[Any, ...], value: Any) -> None:
    at = document
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value


def _check(found: Found) -> None:
    """Whatever it was, it is told or can be stored."""
    assert found.conversations or found.skipped
    for one in found.conversations:
        _check_storable(one)


def _check_storable(one: ImportedConversation) -> None:
    ids = [message.id for message in one.messages]
    assert len({*ids}) == len(ids)
    assert one.conversation.active in {*ids, None}
    for place, message in enumerate(one.messages):
        assert message.parent_id is None or message.parent_id in ids[:place]
        assert 0 <= message.created < 2**53
    encoded = msgspec.json.encode((one.source, one.conversation, one.messages))
    # In the arguments of a tool, JSON in JSON, it is `\\u0000`: that is no NUL either.
    assert not re.search(rb"(?<!\\)\\u0000", encoded) or one.source == "llmchat"
    encoded.decode()


@HARD
@given(st.data())
def test_no_change_to_a_value_makes_reading_raise(tmp_path: Path, data: st.DataObject) -> None:
    document = json.loads(json.dumps(data.draw(st.sampled_from(SAMPLES))))
    for _ in range(data.draw(st.integers(1, 4))):
        places = _places(document)
        if places:
            _set(document, data.draw(st.sampled_from(places)), data.draw(ODD))
    _check(read(tmp_path, to_bytes(document)))


@HARD
@given(st.data())
def test_no_change_to_a_byte_makes_reading_raise(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([*map(to_bytes, SAMPLES), *LINES])))
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans()):
            content[place] = data.draw(st.integers(0, 255))
        else:
            del content[place : place + data.draw(st.integers(1, 200))]
            content = content or bytearray(b" ")
    _check(read(tmp_path, bytes(content)))


@HARD
@given(st.data())
def test_no_change_to_a_record_makes_reading_raise(tmp_path: Path, data: st.DataObject) -> None:
    kept = [one for one in data.draw(st.sampled_from(LINES)).splitlines() if one.endswith(b"}")]
    records = [json.loads(one) for one in kept]
    for _ in range(data.draw(st.integers(1, 4))):
        _set(records, data.draw(st.sampled_from(_places(records))), data.draw(ODD))
    _check(read(tmp_path, b"".join(to_bytes(one) + b"\n" for one in records)))


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from([*"abcdefgh", None]), min_size=1),
    st.sets(st.sampled_from("abcdefgh")),
    st.sampled_from("abcdefghi"),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_parents_become_a_tree_with_all_that_is_shown(
    tmp_path: Path, parents: dict[str, str | None], hidden: set[str], current: str
) -> None:
    nodes = [
        samples.gpt_node(
            key, above, "user", key, is_visually_hidden_from_conversation=key in hidden
        )
        for key, above in parents.items()
    ]
    found = read(tmp_path, to_bytes([samples.gpt_chat("c", nodes, current)]))
    shown = {*parents} - hidden
    if not shown:
        assert [one.why for one in found.skipped] == ["it has no messages"]
        return
    _check(found)
    assert {*found.messages()} == shown
