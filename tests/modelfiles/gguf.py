"""Writes small GGUF files, good ones and bad ones, for tests."""

from __future__ import annotations

import struct
from collections.abc import Sequence

STRING, ARRAY = 8, 9
_FORMS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "B", 10: "Q", 11: "q", 12: "d"}
Pair = tuple[str, int, object]
Tensor = tuple[str, tuple[int, ...], int]

PAIRS: tuple[Pair, ...] = (
    ("general.architecture", STRING, "llama"),
    ("general.name", STRING, "Little Llama"),
    ("general.file_type", 4, 15),
    ("llama.block_count", 4, 2),
    ("llama.context_length", 4, 8192),
    ("llama.embedding_length", 4, 64),
    ("llama.attention.head_count", 4, 4),
    ("llama.attention.head_count_kv", 4, 2),
    ("llama.rope.freq_base", 6, 10000.0),
    ("tokenizer.ggml.add_bos_token", 7, 1),
    ("tokenizer.ggml.tokens", ARRAY, (STRING, ["a", "b", "c" * 40])),
    ("tokenizer.ggml.token_type", ARRAY, (5, [1, 1, 1])),
    ("tokenizer.chat_template", STRING, "{{ messages }}" * 100),
)
TENSORS: tuple[Tensor, ...] = (
    ("token_embd.weight", (64, 3), 0),
    ("blk.0.attn_q.weight", (256, 4), 12),
    ("blk.1.attn_q.weight", (256, 4), 12),
)
_SIZES = {0: (1, 4), 1: (1, 2), 12: (256, 144)}


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def pair(key: str, kind: int, value: object) -> bytes:
    return text(key) + struct.pack("<I", kind) + _value(kind, value)


def header(
    pairs: Sequence[Pair] = PAIRS,
    tensors: Sequence[Tensor] = TENSORS,
    *,
    version: int = 3,
    alignment: int = 32,
) -> bytes:
    """The header with its padding; the tensors lie one behind the other."""
    out = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(pairs))
    out += b"".join(pair(*one) for one in pairs)
    offset = 0
    for name, sizes, kind in tensors:
        out += tensor(name, sizes, kind, offset)
        offset += -(-_stored(sizes, kind) // alignment) * alignment
    return out + bytes(-len(out) % alignment)


def tensor(name: str, sizes: tuple[int, ...], kind: int, offset: int) -> bytes:
    dimensions = struct.pack(f"<I{len(sizes)}Q", len(sizes), *sizes)
    return text(name) + dimensions + struct.pack("<IQ", kind, offset)


def model(pairs: Sequence[Pair] = PAIRS, tensors: Sequence[Tensor] = TENSORS) -> bytes:
    """A whole file, with nothing but zeros for weights."""
    size = sum(-(-_stored(sizes, kind) // 32) * 32 for _, sizes, kind in tensors)
    return header(pairs, tensors) + bytes(size)


def with_pairs(**changes: Pair) -> bytes:
    """A whole file with some pairs more, or others in their place."""
    return model((*PAIRS, *changes.values()))


def _value(kind: int, value: object) -> bytes:
    if kind == STRING:
        return text(str(value))
    if kind == ARRAY:
        of, items = value  # type: ignore[misc]  # it is what an array is given as
        return struct.pack("<IQ", of, len(items)) + b"".join(_value(of, one) for one in items)  # type: ignore[has-type]  # the same
    return struct.pack(f"<{_FORMS[kind]}", value)


def _stored(sizes: tuple[int, ...], kind: int) -> int:
    block, size = _SIZES[kind]
    elements = 1
    for one in sizes:
        elements *= one
    return elements // block * size
