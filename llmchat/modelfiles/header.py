"""Reads the header of a GGUF file, which may have been made to do harm.

llama.cpp reads headers in C++: what has led to reads beyond its memory before is refused here,
where it can do nothing. Every size is checked against a limit and against the file before anything
of that size is read, made or counted: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from llmchat.modelfiles.problems import ModelFileError, MoreNeededError
from llmchat.modelfiles.types import BLOCKS

MAGIC = b"GGUF"
VERSIONS = (2, 3)
START_BYTES = 24  # magic, version, number of tensors, number of pairs

# Far above what models have (the largest: some thousand tensors, a hundred pairs, 600,000 strings
# in 20 MB), and low enough that reading ends within a second or two.
MAX_HEADER_BYTES = 128 * 1024 * 1024
MAX_TENSORS = 100_000
MAX_PAIRS = 10_000
MAX_KEY_BYTES = 65_535
MAX_STRING_BYTES = 32 * 1024 * 1024
MAX_STRINGS = 2_000_000  # of one array
MAX_NAME_BYTES = 63  # GGML_MAX_NAME, with its 0
MAX_DIMENSIONS = 4
MAX_SIZE = 2**63 - 1
KEPT_BYTES = 1024  # of a text: names are short
KEPT_NUMBERS = 4096  # of an array: one for each layer

_BOOL, _STRING, _ARRAY = 7, 8, 9
_SCALARS = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    _BOOL: struct.Struct("<B"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
_INTEGERS = frozenset({0, 1, 2, 3, 4, 5, 10, 11})
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")

Value: TypeAlias = int | float | bool | str | tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Header:
    """`pairs` has None for a value that is long or an array of texts. `data_at` is where the
    tensors begin, `data_bytes` how far they reach from there; `type_bytes` says how much of it is
    stored how.
    """

    pairs: dict[str, Value]
    elements: int
    data_at: int
    data_bytes: int
    type_bytes: Counter[str] = field(default_factory=Counter)


def parse(head: bytes, file_bytes: int) -> Header:
    """The header at the beginning of a file of this size.

    Raises MoreNeededError where `head` is too short a piece of it, ModelFileError for all else.
    """
    cursor = _Cursor(head, file_bytes)
    tensors, count = _read_start(cursor)
    pairs: dict[str, Value] = {}
    for _ in range(count):
        key = cursor.text(MAX_KEY_BYTES, "a key")
        if key in pairs:
            raise _damaged(f"It has the key {key[:80]!r} twice.")
        pairs[key] = cursor.value(cursor.u32())
    alignment = _alignment(pairs)
    reader = _Tensors(cursor, alignment)
    for _ in range(tensors):
        reader.read()
    data_at = -(-cursor.at // alignment) * alignment
    if data_at + reader.end > file_bytes:
        raise ModelFileError(
            "model-cut", f"It has {file_bytes} bytes of {data_at + reader.end} at least."
        )
    return Header(pairs, reader.elements, data_at, reader.end, reader.type_bytes)


def _read_start(cursor: _Cursor) -> tuple[int, int]:
    """The numbers of tensors and pairs."""
    if cursor.take(len(MAGIC)) != MAGIC:
        raise ModelFileError("model-not-gguf")
    version = cursor.u32()
    if version not in VERSIONS:
        if version & 0xFFFF == 0:  # the bytes of a small number in the other order
            raise ModelFileError("model-version", "It is for big-endian machines.")
        raise ModelFileError("model-version", f"It has version {version}; known are 2 and 3.")
    tensors, pairs = cursor.u64(), cursor.u64()
    if not 0 < tensors <= MAX_TENSORS:
        raise _damaged(f"It tells of {tensors} tensors.")
    if not 0 < pairs <= MAX_PAIRS:
        raise _damaged(f"It tells of {pairs} pairs of metadata.")
    return tensors, pairs


def _alignment(pairs: dict[str, Value]) -> int:
    alignment = pairs.get("general.alignment", 32)
    if type(alignment) is not int or alignment & (alignment - 1) or not 8 <= alignment <= 65536:
        raise _damaged("Its alignment is no power of two from 8 to 65536.")
    return alignment


class _Cursor:
    """A place in the header, which no number in it can move beyond the bytes that are there."""

    def __init__(self, head: bytes, file_bytes: int) -> None:
        self._head = head
        self._file_bytes = file_bytes
        self.at = 0

    def take(self, size: int) -> bytes:
        """The next bytes."""
        start = self.at
        self.skip(size)
        return self._head[start : self.at]

    def skip(self, size: int) -> None:
        """Leave bytes out, which must be there all the same."""
        self._check(self.at + size)
        self.at += size

    def u32(self) -> int:
        number: int = _U32.unpack(self.take(4))[0]
        return number

    def u64(self) -> int:
        number: int = _U64.unpack(self.take(8))[0]
        return number

    def text(self, limit: int, what: str) -> str:
        """A string that has to be read."""
        size = self._size(limit, what)
        try:
            return self.take(size).decode()
        except UnicodeDecodeError:
            raise _damaged(f"In it, {what} is not UTF-8.") from None

    def value(self, kind: int) -> Value:
        """A value of metadata."""
        if kind == _STRING:
            size = self._size(MAX_STRING_BYTES, "a text")
            if size <= KEPT_BYTES:
                return self.take(size).decode(errors="replace")
            self.skip(size)
            return None
        if kind == _ARRAY:
            return self._array(self.u32(), self.u64())
        return self._scalar(kind)

    def _scalar(self, kind: int) -> Value:
        form = _SCALARS.get(kind)
        if form is None:
            raise _damaged(f"It has a value of the unknown type {kind}.")
        number: int | float = form.unpack(self.take(form.size))[0]
        if kind == _BOOL:
            if number not in (0, 1):
                raise _damaged("It has a value that is neither true nor false.")
            return bool(number)
        return number

    def _array(self, kind: int, count: int) -> Value:
        if kind == _STRING:
            self._skip_strings(count)
            return None
        form = _SCALARS.get(kind)
        if form is None:  # also an array of arrays, which llama.cpp does not take
            raise _damaged(f"It has an array of the type {kind}.")
        if count > MAX_HEADER_BYTES // form.size:
            raise _damaged(f"It has an array of {count} numbers.")
        if kind not in _INTEGERS or count > KEPT_NUMBERS:
            self.skip(count * form.size)
            return None
        data = self.take(count * form.size)
        return tuple(number for (number,) in form.iter_unpack(data))

    def _skip_strings(self, count: int) -> None:
        """By the hundred thousand in each vocabulary: so all in one loop."""
        if count > MAX_STRINGS:
            raise _damaged(f"It has an array of {count} texts.")
        self._check(self.at + 8 * count)
        head, at, end, unpack = self._head, self.at, len(self._head), _U64.unpack_from
        for _ in range(count):
            if at + 8 > end:
                self._check(at + 8)
            size: int = unpack(head, at)[0]
            if size > MAX_STRING_BYTES:
                raise _damaged(f"It has a text of {size} bytes.")
            at += 8 + size
        self._check(at)
        self.at = at

    def _size(self, limit: int, what: str) -> int:
        size = self.u64()
        if size > limit:
            raise _damaged(f"In it, {what} has {size} bytes.")
        return size

    def _check(self, end: int) -> None:
        if end > self._file_bytes:
            raise ModelFileError("model-cut", "Its header is not complete.")
        if end > MAX_HEADER_BYTES:
            raise _damaged(f"Its header has more than {MAX_HEADER_BYTES} bytes.")
        if end > len(self._head):
            raise MoreNeededError(end)


class _Tensors:
    """Adds up what the tensors are, and sees that each lies where it may."""

    def __init__(self, cursor: _Cursor, alignment: int) -> None:
        self._cursor = cursor
        self._alignment = alignment
        self._names: set[str] = set()
        self.end = 0
        self.elements = 0
        self.type_bytes: Counter[str] = Counter()

    def read(self) -> None:
        """The next one."""
        cursor = self._cursor
        name = cursor.text(MAX_NAME_BYTES, "the name of a tensor")
        if name in self._names:
            raise _damaged(f"It has the tensor {name!r} twice.")
        self._names.add(name)
        count = cursor.u32()
        if not 0 < count <= MAX_DIMENSIONS:
            raise _damaged(f"The tensor {name!r} has {count} dimensions.")
        sizes = struct.unpack(f"<{count}Q", cursor.take(8 * count))
        elements = 1
        for size in sizes:
            elements *= size
        if not 0 < elements <= MAX_SIZE:
            raise _damaged(f"The tensor {name!r} has {elements} elements.")
        self._place(name, elements, sizes[0], cursor.u32(), cursor.u64())

    def _place(self, name: str, elements: int, row: int, kind: int, offset: int) -> None:
        known = BLOCKS.get(kind)
        if known is None:
            raise ModelFileError(
                "model-version", f"Its tensor {name!r} is stored in the unknown way {kind}."
            )
        title, block, size = known
        if row % block:
            raise _damaged(f"The rows of the tensor {name!r} are no whole blocks.")
        stored = elements // block * size
        if offset % self._alignment or offset + stored > MAX_SIZE:
            raise _damaged(f"The tensor {name!r} lies where none can.")
        self.end = max(self.end, offset + stored)
        self.elements += elements
        self.type_bytes[title] += stored


def _damaged(detail: str) -> ModelFileError:
    return ModelFileError("model-damaged", detail)
