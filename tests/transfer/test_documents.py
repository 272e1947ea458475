"""Taking JSON files apart: every cut of the bytes gives the same elements, and nothing raises."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmchat.transfer import documents
from llmchat.transfer.documents import Broken, first_byte, read_array, read_lines

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=8), VALUES, max_size=4), max_size=6)


def _pieces(text: bytes, size: int) -> Callable[[int], bytes]:
    file = io.BytesIO(text)
    return lambda _: file.read(size)


@settings(deadline=None)
@given(OBJECTS, st.integers(1, 40), st.sampled_from([None, 1]), st.booleans())
def test_any_cut_of_an_array_gives_its_elements(
    objects: list[object], size: int, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(objects, indent=indent, ensure_ascii=ascii_only).encode()
    assert list(read_array(_pieces(text, size))) == objects


@settings(deadline=None)
@given(OBJECTS.filter(len), st.integers(1, 40))
def test_any_cut_of_objects_in_a_row_gives_them(objects: list[object], size: int) -> None:
    text = b"\n".join(json.dumps(one).encode() for one in objects)
    assert list(read_array(_pieces(text, size))) == objects


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(r'[]{}",:\ab1').map(str.encode), st.integers(1, 9))
def test_no_bytes_at_all_make_it_raise(text: bytes, size: int) -> None:
    assert isinstance(list(read_array(_pieces(text, size), 50)), list)
    assert isinstance(list(read_lines(io.BytesIO(text).readline, 50)), list)
    assert len(first_byte(io.BytesIO(text).read)) <= 1


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (b'[{"a":1},{"a":},{"a":2}]', "dBd"),
        (b'[{"a":1},null,{"a":2}]', "dBd"),
        (b'[{"a":1},' + b"[" * 100_000 + b"]" * 100_000 + b',{"a":2}]', "dBd"),
        (b'[{"a":1},{"a":"' + b"x" * 2000 + b'"},{"a":2}]', "dBd"),
        (b'[{"a":1},{"a":2', "dB"),
        (b'[{"a":1}', "dB"),
        (b'[{"a":' + b"9" * 1200 + b"}]", "B"),
        (b"plain text", "B"),
        (b"", "B"),
        (b"[]", ""),
        (b'\xef\xbb\xbf[{"a":1}]', "d"),
        (b'[{"a":"\\ud800","b":"\xff","c":NaN}]', "d"),
    ],
)
def test_what_is_broken_is_told_and_the_rest_is_read(text: bytes, kinds: str) -> None:
    found = list(read_array(io.BytesIO(text).read, 1000 if len(text) < 5000 else 10**6))
    assert "".join("B" if isinstance(one, Broken) else "d" for one in found) == kinds


def test_a_line_that_is_broken_or_too_long_is_told_and_the_next_one_is_read() -> None:
    text = b'{"a":1}\n\n{"a"\n' + b"x" * 150 + b'\n\xef\xbb\xbf{"a":2}'
    found = [line for _, line in read_lines(io.BytesIO(text).readline, 100)]
    assert [one if isinstance(one, dict) else None for one in found] == [
        {"a": 1},
        None,
        None,
        {"a": 2},
    ]


def test_brackets_that_never_close_take_no_memory() -> None:
    left = iter([b"[" + b'{"a":' * 1000] * 100)
    assert [
        type(one) for one in read_array(lambda _: next(left, b""), documents.CHUNK_BYTES // 16)
    ] == [Broken]
