"""What is text, whatever pieces it comes in."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from llmchat.attachments.check import TextCheck, read_text


def check(body: bytes, *cuts: int) -> int | None:
    one = TextCheck()
    places = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        one.feed(body[start:end])
    return one.end()


@given(
    some.text(), some.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), some.lists(some.integers())
)
def test_a_text_has_its_characters_in_any_pieces(text: str, encoding: str, cuts: list[int]) -> None:
    body = text.encode(encoding)
    read = read_text(body)
    assert check(body, *cuts) == (None if read is None else len(read))
    if "\0" not in text and not text.startswith("\ufeff"):
        assert read == text


@given(some.binary(), some.lists(some.integers()))
def test_the_check_and_the_reader_agree_on_any_bytes(body: bytes, cuts: list[int]) -> None:
    read = read_text(body)
    assert check(body, *cuts) == (None if read is None else len(read))


@pytest.mark.parametrize("body", [b"\0", b"\xff", b"\xc3", b"\xff\xfea", b"\xff\xfe\0\0", b"a\xe4"])
def test_what_is_no_text_is_none(body: bytes) -> None:
    assert check(body) is None
    assert read_text(body) is None
