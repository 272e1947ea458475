"""What a person types becomes a query, whatever it is."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat.domain.search import MAX_CHARACTERS, Query, parse_query
from tests.search_strings import SEARCHES


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("  two  words two ", Query(words=("two", "words"))),
        ('"a phrase" more', Query(words=("a phrase", "more"))),
        ('"open and "" "  "', Query(words=('"open', "and"))),
        ('5"x7" a"b"', Query(words=('5"x7"', 'a"b"'))),
        ("pinned: x", Query(words=("x",), pinned=True)),
        ("Pinned:No archived:YES", Query(pinned=False, archived=True)),
        ("pinned:perhaps", Query(words=("pinned:perhaps",))),
        ("unpinned:yes", Query(words=("unpinned:yes",))),
        ("model:gpt-5 model:qwen", Query(model="qwen")),
        ('model:"two words" x', Query(words=("x",), model="two words")),
        ("model: x", Query(words=("model:", "x"))),
        ("before:2026-02-30 after:1.2.2026", Query(words=("before:2026-02-30", "after:1.2.2026"))),
        ("a\0b \ud800 \udfffc", Query(words=("ab", "c"))),
        ("content:x AND (y", Query(words=("content:x", "AND", "(y"))),
    ],
)
def test_a_text_is_understood(text: str, query: Query) -> None:
    assert parse_query(text) == query


def test_days_begin_at_midnight_where_the_server_is() -> None:
    query = parse_query("before:2026-01-31 after:1999-12-01")
    assert (query.words, query.before is None, query.after is None) == ((), False, False)
    days = [datetime.fromtimestamp(ms / 1000) for ms in (query.before or 0, query.after or 0)]  # noqa: DTZ006
    assert days == [datetime(2026, 1, 31), datetime(1999, 12, 1)]  # noqa: DTZ001


def test_what_is_too_long_is_cut() -> None:
    assert parse_query("(" * 5000).words == ("(" * MAX_CHARACTERS,)


@given(st.text(st.characters(codec=None)) | st.sampled_from(SEARCHES))
def test_words_are_never_empty_and_can_always_be_stored(text: str) -> None:
    for word in parse_query(text).words:
        assert word.strip()
        assert "\0" not in word.encode().decode()
