"""Headers of model files, good ones and hostile ones (T-GGUF in SECURITY.md)."""

from __future__ import annotations

import random
import struct
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmchat import resources
from llmchat.modelfiles import header
from llmchat.modelfiles.describe import read_header, read_model_file
from llmchat.modelfiles.header import parse
from llmchat.modelfiles.problems import ModelFileError, MoreNeededError
from llmchat.modelfiles.types import BLOCKS
from tests.modelfiles import gguf

GOOD = gguf.model()
HEAD = gguf.header()
HUGE = 2**64 - 1
# What a number can do harm with: signs, sizes just beside the limits, sums that come round to 0.
NUMBERS: list[int] = [0, 1, 2, 7, 8, 9, 31, 63, 64, 255, 65_536, 2**31 - 1, 2**31, 2**32 - 1]
NUMBERS += [2**32, 2**40, 2**62, 2**63 - 1, 2**63, HUGE - 8, HUGE]


def refusal(data: bytes, size: int | None = None) -> str:
    """The code that a file is refused with."""
    with pytest.raises(ModelFileError) as caught:
        parse(data, len(data) if size is None else size)
    assert caught.value.message
    return caught.value.code


def test_what_a_model_is_stands_in_its_header(tmp_path: Path) -> None:
    path = tmp_path / "little-Q4_K_M.gguf"
    path.write_bytes(GOOD)
    model = read_model_file(path, "little")
    assert (model.id, model.file, model.size_bytes) == ("little", path.name, len(GOOD))
    assert (model.name, model.architecture, model.quantisation) == (
        *("Little Llama", "llama", "Q4_K_M"),
    )
    assert model.parameters == 64 * 3 + 2 * 256 * 4
    assert model.context_length == 8192
    assert model.has_template
    assert model.token_bytes == 2 * 2 * (16 + 16) * 2  # layers, heads, keys and values, f16
    assert model.context_tokens(4096) == 4096
    assert model.context_tokens(100_000) == 8192
    more = model.needed_bytes(4, 4096) - model.needed_bytes(2, 4096)
    assert more == 2 * 4096 * model.token_bytes


def test_the_embedded_model_is_read_as_llama_cpp_reads_it() -> None:
    path = resources.embedded_model()
    assert path is not None, "run `make setup`"
    model = read_model_file(path, "embedded")
    assert (model.architecture, model.quantisation) == ("llama", "Q4_1")
    assert (model.parameters, model.context_length) == (134_515_008, 8192)
    assert model.token_bytes == 30 * 3 * 2 * 64 * 2


def test_every_way_to_store_a_tensor_that_llama_cpp_has_is_known() -> None:
    xllamacpp = pytest.importorskip("xllamacpp")
    kinds = xllamacpp.ggml_type
    theirs = {
        int(getattr(kinds, name)): name.removeprefix("GGML_TYPE_")
        for name in dir(kinds)
        if name.startswith("GGML_TYPE_") and name != "GGML_TYPE_COUNT"
    }
    assert {kind: name for kind, (name, _, _) in BLOCKS.items()} == theirs


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"general.type": "mmproj"}, "model-kind"),
        ({"general.type": "adapter"}, "model-kind"),
        ({"general.architecture": "clip"}, "model-kind"),
        ({"general.architecture": "nomic-bert"}, "model-kind"),
        ({"general.architecture": ""}, "model-damaged"),
    ],
)
def test_files_that_hold_no_model_that_chats_are_refused(
    tmp_path: Path, changes: dict[str, str], code: str
) -> None:
    kept = [one for one in gguf.PAIRS if one[0] not in changes]
    path = tmp_path / "other.gguf"
    path.write_bytes(gguf.model([*((k, gguf.STRING, v) for k, v in changes.items()), *kept]))
    with pytest.raises(ModelFileError) as caught:
        read_model_file(path, "other")
    assert caught.value.code == code


def test_a_part_of_a_model_and_one_that_makes_embeddings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "part.gguf"
    for key, kind, value in (("split.count", 2, 3), ("llama.pooling_type", 4, 1)):
        path.write_bytes(gguf.model((*gguf.PAIRS, (key, kind, value))))
        with pytest.raises(ModelFileError, match=r"parts|embeddings"):
            read_model_file(path, "part")


def test_odd_names_and_numbers_are_left_out(tmp_path: Path) -> None:
    pairs = {one[0]: one for one in gguf.PAIRS}
    name = "\u202egpj.\x1b[31m evil\n" + "x" * 900
    pairs["general.name"] = ("general.name", gguf.STRING, name)
    pairs["general.file_type"] = ("general.file_type", 4, 9999)
    pairs["llama.context_length"] = ("llama.context_length", 5, -1)
    pairs["llama.block_count"] = ("llama.block_count", 10, HUGE)
    path = tmp_path / "odd.gguf"
    path.write_bytes(gguf.model(list(pairs.values())))
    model = read_model_file(path, "odd")
    assert model.name.startswith("gpj. [31m evil xxx")
    assert len(model.name) == 200
    assert model.quantisation == "Q4_K"  # how most of it is stored
    assert model.context_length is None
    assert model.token_bytes == 0


def test_heads_can_be_told_layer_by_layer(tmp_path: Path) -> None:
    pairs = [one for one in gguf.PAIRS if not one[0].endswith("head_count_kv")]
    pairs.append(("llama.attention.head_count_kv", gguf.ARRAY, (5, [4, 0])))
    path = tmp_path / "mixed.gguf"
    path.write_bytes(gguf.model(pairs))
    assert read_model_file(path, "mixed").token_bytes == 4 * (16 + 16) * 2


def test_a_file_that_is_cut_anywhere_is_refused() -> None:
    for end in range(4, len(GOOD)):
        assert refusal(GOOD[:end]) == "model-cut", end
    for end in range(4):
        assert refusal(GOOD[:end]) == "model-cut"


def test_a_piece_of_a_header_asks_for_more_and_never_for_too_much() -> None:
    for end in range(len(HEAD) - 32):
        with pytest.raises(MoreNeededError) as caught:
            parse(GOOD[:end], len(GOOD))
        assert end < caught.value.size <= len(HEAD)
    asked: list[int] = []

    def head(size: int) -> bytes:
        asked.append(size)
        return GOOD[:size]

    assert read_header(head, len(GOOD)).elements == 64 * 3 + 2 * 256 * 4
    assert asked == [len(GOOD)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"GGML" + GOOD[4:], "model-not-gguf"),
        (b"PK\3\4" + GOOD[4:], "model-not-gguf"),
        (gguf.header(version=1), "model-version"),
        (gguf.header(version=4), "model-version"),
        (b"GGUF" + struct.pack(">I", 3) + GOOD[8:], "model-version"),
        (GOOD[:8] + struct.pack("<Q", 0) + GOOD[16:], "model-damaged"),
        (GOOD[:8] + struct.pack("<Q", HUGE) + GOOD[16:], "model-damaged"),
        (GOOD[:16] + struct.pack("<Q", header.MAX_PAIRS + 1) + GOOD[24:], "model-damaged"),
        (gguf.model((*gguf.PAIRS, gguf.PAIRS[0])), "model-damaged"),  # a key twice
        (gguf.model(tensors=(*gguf.TENSORS, gguf.TENSORS[0])), "model-damaged"),
        (gguf.with_pairs(a=("general.alignment", 4, 0)), "model-damaged"),
        (gguf.with_pairs(a=("general.alignment", 4, 33)), "model-damaged"),
        (gguf.with_pairs(a=("general.alignment", gguf.STRING, "32")), "model-damaged"),
        (gguf.with_pairs(a=("a.bool", 7, 2)), "model-damaged"),
        (gguf.header((*gguf.PAIRS, ("a.list", gguf.ARRAY, (9, [])))), "model-damaged"),
        (gguf.header((*gguf.PAIRS, ("a.list", gguf.ARRAY, (13, [])))), "model-damaged"),
        (gguf.model(tensors=(("t" * 64, (64, 3), 0),)), "model-damaged"),
        (gguf.model(tensors=(("t", (1, 1, 1, 1, 1), 0),)), "model-damaged"),
        (gguf.header(tensors=(("t", (2**32, 2**32), 0),)), "model-damaged"),  # 0 in 64 bits
        (gguf.header(tensors=(("t", (0, 4), 0),)), "model-damaged"),
        (gguf.header(tensors=(("t", (100, 4), 12),)), "model-damaged"),  # rows of half a block
    ],
)
def test_headers_that_make_no_sense_are_refused(data: bytes, code: str) -> None:
    assert refusal(data, len(data) + 10_000) == code


@pytest.mark.parametrize("kind", [4, 36, 99])  # taken out of ggml, and never in it
def test_an_unknown_way_to_store_a_tensor_is_refused(kind: int) -> None:
    good = gguf.tensor("t", (64, 3), 0, 0)
    data = gguf.header(tensors=(("t", (64, 3), 0),)).replace(
        good, gguf.tensor("t", (64, 3), kind, 0)
    )
    assert refusal(data, 10_000_000) == "model-version"


@pytest.mark.parametrize("offset", [1, 31, 2**63 - 32, 2**64 - 32])
def test_a_tensor_lies_where_the_file_is(offset: int) -> None:
    good = gguf.tensor("t", (64, 3), 0, 0)
    data = gguf.header(tensors=(("t", (64, 3), 0),)).replace(
        good, gguf.tensor("t", (64, 3), 0, offset)
    )
    assert refusal(data, 10_000_000) in {"model-damaged", "model-cut"}


def test_sizes_are_not_believed_before_they_are_checked() -> None:
    """A few bytes that tell of gigabytes cost next to nothing."""
    tokens = struct.pack("<IQ", gguf.STRING, 3)
    numbers = struct.pack("<IQ", 5, 3)
    bombs = [
        GOOD.replace(tokens, struct.pack("<IQ", gguf.STRING, count))
        for count in (header.MAX_STRINGS, header.MAX_STRINGS + 1, HUGE)
    ]
    bombs += [
        GOOD.replace(numbers, struct.pack("<IQ", kind, count))
        for kind, count in ((5, 2**30), (12, 2**61), (0, HUGE))
    ]
    bombs.append(GOOD.replace(struct.pack("<Q", 12) + b"general.name", struct.pack("<Q", HUGE)))
    tracemalloc.start()
    try:
        for bomb in bombs:
            for size in (len(bomb), 2**40):
                with pytest.raises((ModelFileError, MoreNeededError)):
                    parse(bomb, size)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def outcome(data: bytes, size: int) -> str:
    """Whatever the bytes are: they are read to a header that fits the file, or refused."""
    try:
        found = parse(data, size)
    except ModelFileError as error:
        return error.code
    except MoreNeededError as error:
        return "more" if len(data) < error.size <= size else f"asked for {error.size}"
    assert found.data_at + found.data_bytes <= size
    assert found.elements > 0
    return "read"


def test_thousands_of_mutated_headers_are_read_or_refused() -> None:
    dice = random.Random(20261130)
    outcomes = Counter[str]()
    for _ in range(6000):
        data = bytearray(GOOD)
        for _ in range(dice.choice((1, 1, 2, 8))):
            at = dice.randrange(len(HEAD))
            match dice.randrange(5):
                case 0:
                    data[at] ^= 1 << dice.randrange(8)
                case 1:
                    data[at] = dice.randrange(256)
                case 2:  # a number that is meant to do harm, over 4 or 8 bytes
                    size = dice.choice((4, 8))
                    number = dice.choice(NUMBERS) % (1 << 8 * size)
                    data[at : at + size] = number.to_bytes(size, "little")
                case 3:
                    del data[at : at + dice.randrange(1, 40)]
                case _:
                    data[at:at] = dice.randbytes(dice.randrange(1, 40))
        outcomes[outcome(bytes(data), dice.choice((len(data), len(data), 2**40)))] += 1
    seen = {"read", "more", "model-damaged", "model-cut", "model-version", "model-not-gguf"}
    assert set(outcomes) == seen


@settings(max_examples=300)
@given(st.binary(max_size=400), st.integers(0, 2**41))
def test_any_bytes_are_read_or_refused(data: bytes, size: int) -> None:
    assert not outcome(data, max(size, len(data))).startswith("asked")
    assert not outcome(GOOD[:24] + data, max(size, len(data) + 24)).startswith("asked")
