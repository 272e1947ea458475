"""Takes large JSON files apart, one conversation at a time, whatever is wrong with some of them.

The elements of an array are found by counting brackets outside of strings, and decoded one by one:
memory holds one of them, and one that is broken, too long or too deep is not the end of the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from llmchat.domain.chat import JSON

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024  # of one conversation; what it takes in memory is a multiple
CHUNK_BYTES = 1024 * 1024

# Up to and with the next bracket. Possessive: nothing is ever tried twice.
_NEXT_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+([\[\]{}])', re.DOTALL)
_UP_TO_OPEN_STRING = re.compile(rb'(?:[^"]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)
_REST_OF_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_BETWEEN = b" \t\r\n,"
_BOM = b"\xef\xbb\xbf"

Read = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Broken:
    """A piece of a file that is no JSON that can be read."""

    why: str


def first_byte(read: Read) -> bytes:
    """The first byte that says something; empty if there is none."""
    while chunk := read(256):
        if found := chunk.removeprefix(_BOM).strip():
            return found[:1]
    return b""


def decode(text: bytes) -> JSON | Broken:
    """A JSON document, read as leniently as can be."""
    try:
        decoded: JSON = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _decode_odd(text)
    return decoded


def _decode_odd(text: bytes) -> JSON | Broken:
    """Slower, for bytes that are not UTF-8, halves of surrogate pairs, and NaN."""
    try:
        decoded: JSON = json.loads(text.decode("utf-8", "replace"), strict=False)
    except RecursionError:
        return Broken("it is nested too deeply")
    except ValueError:
        return Broken("it is not valid JSON")
    return decoded


def read_lines(
    readline: Callable[[int], bytes], limit: int = MAX_DOCUMENT_BYTES
) -> Iterator[tuple[int, JSON | Broken]]:
    """The documents of a JSONL file, each with its size; empty lines are none."""
    while line := readline(limit):
        if len(line) == limit and not line.endswith(b"\n"):
            while (rest := readline(CHUNK_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield 0, _too_long(limit)
        elif line := line.removeprefix(_BOM).strip():
            yield len(line), decode(line)


def read_array(read: Read, limit: int = MAX_DOCUMENT_BYTES) -> Iterator[JSON | Broken]:
    """The elements of the array that a file holds, or the objects that it has in a row."""
    for text in _Splitter(limit).split(read):
        yield decode(text) if isinstance(text, bytes) else text


class _Splitter:
    """Cuts a file after each closing bracket that ends an element."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._base = -1  # the depth at which elements stand, once that is known
        self._depth = 0
        self._in_string = False
        self._escaped = False  # the next byte belongs to the last one, a backslash
        self._element = bytearray()
        self._too_long = False

    def split(self, read: Read) -> Iterator[bytes | Broken]:
        while not self._ended and (chunk := read(CHUNK_BYTES)):
            yield from self._feed(chunk)
        if self._base < 0:
            yield Broken("it is not JSON")
        elif not self._ended and self._depth > 0:
            yield Broken("the file ends in the middle of it")

    @property
    def _ended(self) -> bool:
        return self._depth < self._base or self._depth < 0

    def _feed(self, chunk: bytes) -> Iterator[bytes | Broken]:
        at = self._end_of_string(chunk)
        start = 0  # of what is neither kept nor left out yet
        while not self._ended and (match := _NEXT_BRACKET.match(chunk, at)):
            at = match.end()
            if self._base < 0:
                self._base = 1 if match[1] == b"[" else 0
                start = at - 1 + self._base
            elif self._depth == self._base:
                yield from _between(chunk[start : at - 1])
                start = at - 1
            self._depth += 1 if match[1] in b"[{" else -1
            if self._depth == self._base and match[1] in b"]}":
                yield self._whole(chunk[start:at])
                start = at
        self._look_for_string(chunk, at)
        if not self._ended:
            yield from self._rest(chunk[start:])

    def _rest(self, piece: bytes) -> Iterator[Broken]:
        if self._depth > self._base:
            self._keep(piece)
        else:
            yield from _between(piece)

    def _end_of_string(self, chunk: bytes) -> int:
        """Where a string ends that began in an earlier chunk."""
        if not self._in_string:
            return 0
        begin = 1 if self._escaped else 0
        if match := _REST_OF_STRING.match(chunk, begin):
            self._in_string = self._escaped = False
            return match.end()
        self._escaped = _ends_escaping(chunk[begin:])
        return len(chunk)

    def _look_for_string(self, chunk: bytes, at: int) -> None:
        """Whether a string begins after the last bracket and goes on in the next chunk."""
        if self._in_string:
            return
        match = _UP_TO_OPEN_STRING.match(chunk, at)
        if match is not None and match.end() < len(chunk):
            self._in_string = True
            self._escaped = _ends_escaping(chunk[match.end() + 1 :])

    def _keep(self, piece: bytes) -> None:
        if self._too_long or len(self._element) + len(piece) > self._limit:
            self._too_long = True
            self._element = bytearray()
        else:
            self._element += piece

    def _whole(self, piece: bytes) -> bytes | Broken:
        self._keep(piece)
        too_long, self._too_long = self._too_long, False
        element, self._element = bytes(self._element), bytearray()
        return _too_long(self._limit) if too_long else element


def _between(piece: bytes) -> Iterator[Broken]:
    if piece.strip(_BETWEEN):
        yield Broken("it is no conversation")


def _ends_escaping(piece: bytes) -> bool:
    return (len(piece) - len(piece.rstrip(b"\\"))) % 2 == 1


def _too_long(limit: int) -> Broken:
    return Broken(f"it is larger than {limit // (1024 * 1024)} MB")
