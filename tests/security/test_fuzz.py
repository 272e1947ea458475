"""T-FUZZ: what reads the bytes of strangers, with any bytes at all.

Here are the guard and the reader of lines. The others stand beside what they read: the streams of
endpoints (tests/providers/test_decoder.py), exports (tests/transfer/test_mutations.py), zips
(tests/transfer/test_archive.py), JSON (tests/server/test_strict_json.py), forms
(tests/server/test_multipart.py), model files (tests/modelfiles/test_header.py), Markdown
(tests/js/hostile.test.js) and the whole API (tests/system/test_fuzz.py).
"""

from __future__ import annotations

import ipaddress
import re
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from llmchat.domain.errors import RequestError
from llmchat.providers.sse import LineReader, LineTooLongError
from llmchat.server.guard import check_host

NAMES = frozenset({"localhost", "chat.example"})
_PARTS = some.sampled_from(
    [
        *("localhost", "chat.example", "127.0.0.1", "10.0.0.1", "8.8.8.8", "::1", "evil.example"),
        *(":", "80", "99999", "@", "#", "?", "/", "\\", "[", "]", ".", "%2e", " ", "\0", "\t", "a"),
        *("127", "0x7f", "2130706433", "。", "١٢٧", "fe80::1", "%eth0", "::ffff:", "\u212a"),
    ]
)
HOSTS = some.one_of(some.text(max_size=60), some.lists(_PARTS, max_size=6).map("".join))
LINE_BYTES = some.sampled_from([b"\n", b"\r", b"\r\n", b"a", b"data: x", b"\xef\xbb\xbf", b"\xff"])


@settings(max_examples=400)
@given(HOSTS)
@example("127.0.0.1:80#@evil.example")
def test_a_host_that_passes_is_of_here_in_the_eyes_of_another_reader(host: str) -> None:
    refused = False
    try:
        check_host([host], NAMES)
    except RequestError:
        refused = True
    if refused:
        return
    place = urlsplit(f"http://{host}/")
    assert place.username is None
    assert (place.path, place.query, place.fragment) == ("/", "", "")
    assert place.port is None or 0 <= place.port <= 65535
    name = place.hostname or ""
    if name not in NAMES:
        address = ipaddress.ip_address(name)
        assert address.is_private or address.is_loopback


@settings(max_examples=300)
@given(some.lists(some.one_of(LINE_BYTES, some.binary(max_size=5)), max_size=40), some.data())
def test_lines_are_those_of_the_whole_however_it_is_cut(
    pieces: list[bytes], data: some.DataObject
) -> None:
    whole = b"".join(pieces)
    cuts = data.draw(some.lists(some.integers(0, len(whole)), max_size=10))
    places = sorted({0, len(whole), *cuts})
    reader = LineReader(limit_bytes=1000)
    lines = [line for a, b in pairwise(places) for line in reader.feed(whole[a:b])]
    lines.append(reader.end())
    assert lines == re.split(rb"\r\n|\n|\r", whole.removeprefix(b"\xef\xbb\xbf"))


@given(some.lists(some.binary(max_size=300), max_size=20))
def test_no_line_is_held_beyond_the_limit(pieces: list[bytes]) -> None:
    reader = LineReader(limit_bytes=200)
    longest = max(map(len, re.split(rb"\r\n|\n|\r", b"".join(pieces))))
    if longest <= 200:
        for piece in pieces:
            reader.feed(piece)
        return
    if len(re.split(rb"\r\n|\n|\r", b"".join(pieces))[-1]) > 200:  # what is not ended is held
        with pytest.raises(LineTooLongError):
            list(map(reader.feed, pieces))
