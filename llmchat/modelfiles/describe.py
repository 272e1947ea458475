"""What a model file is, from its header."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeAlias

from llmchat.domain.modelfile import ModelFile
from llmchat.modelfiles.header import MAX_HEADER_BYTES, Header, parse
from llmchat.modelfiles.problems import ModelFileError, MoreNeededError
from llmchat.modelfiles.types import FILE_TYPES

SUFFIX = ".gguf"
_FIRST_BYTES = 1024 * 1024
_MAX_LAYERS = 10_000
_MAX_NUMBER = 2**31 - 1
_CACHE_BYTES = 2  # of a number in the cache of keys and values: f16
_TEMPLATE = "tokenizer.chat_template"
# `general.type` of what stands beside models, as gguf-py writes it.
_OTHER_TYPES = {
    "mmproj": "It reads images for another model.",
    "adapter": "It changes another model.",
    "imatrix": "It is a help for making models smaller.",
    "vocab": "It is a vocabulary only.",
}

_HeadOf: TypeAlias = Callable[[int], bytes]


def read_model_file(path: Path, model_id: str) -> ModelFile:
    """What a file is. Raises ModelFileError for one that cannot be used."""
    return describe(*open_header(path), path, model_id)


def open_header(path: Path) -> tuple[Header, int]:
    """The header of a file, and its size. Raises ModelFileError."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            return read_header(lambda wanted: _head(file, wanted), size), size
    except OSError as error:
        raise ModelFileError("model-unreadable", f"{error.strerror}.") from error


def read_header(head_of: _HeadOf, size: int) -> Header:
    """The header of a file whose first bytes `head_of` gives, as many as it is asked for."""
    wanted = min(_FIRST_BYTES, size)
    while True:
        head = head_of(wanted)
        try:
            # A file that has become shorter meanwhile is none that ends in its header.
            return parse(head, size if len(head) == wanted else len(head))
        except MoreNeededError as error:
            # Doubled: the beginning is read again each time.
            wanted = min(max(2 * wanted, error.size), size, MAX_HEADER_BYTES)


def describe(header: Header, size: int, path: Path, model_id: str) -> ModelFile:
    """What people and the loader want to know. Raises ModelFileError for what cannot chat."""
    pairs = header.pairs
    architecture = _text(header, "general.architecture")
    if not architecture:
        raise ModelFileError("model-damaged", "It does not say what kind of model it is.")
    _check_kind(header, architecture)
    context = _number(header, f"{architecture}.context_length")
    return ModelFile(
        id=model_id,
        file=path.name,
        path=str(path),
        size_bytes=size,
        name=_text(header, "general.name") or path.name.removesuffix(SUFFIX),
        architecture=architecture,
        quantisation=_quantisation(header),
        parameters=header.elements,
        context_length=context,
        token_bytes=_token_bytes(header, architecture),
        has_template=_TEMPLATE in pairs,
    )


def _check_kind(header: Header, architecture: str) -> None:
    kind = _text(header, "general.type")
    if kind in _OTHER_TYPES or architecture == "clip":
        raise ModelFileError("model-kind", _OTHER_TYPES.get(kind, _OTHER_TYPES["mmproj"]))
    if (_number(header, "split.count") or 1) > 1:
        raise ModelFileError(
            "model-kind", "It is one of several parts; join them with `llama-gguf-split --merge`."
        )
    if "bert" in architecture or _number(header, f"{architecture}.pooling_type"):
        raise ModelFileError("model-kind", "It makes embeddings.")


def _quantisation(header: Header) -> str:
    """What its maker says, else how most of it is stored."""
    said = header.pairs.get("general.file_type")
    if type(said) is int and said in FILE_TYPES:
        return FILE_TYPES[said]
    return header.type_bytes.most_common(1)[0][0]


def _token_bytes(header: Header, architecture: str) -> int:
    """What the keys and values of one token take in all layers; 0 where that is not to be known."""
    layers = _number(header, f"{architecture}.block_count")
    heads = _number(header, f"{architecture}.attention.head_count")
    width = _number(header, f"{architecture}.embedding_length")
    if not layers or not heads or not width or layers > _MAX_LAYERS:
        return 0
    keys = _number(header, f"{architecture}.attention.key_length") or width // heads
    values = _number(header, f"{architecture}.attention.value_length") or width // heads
    grouped = header.pairs.get(f"{architecture}.attention.head_count_kv")
    if isinstance(grouped, tuple):  # one number for each layer; 0 in those without attention
        cached = sum(number for number in grouped[:layers] if 0 < number <= _MAX_NUMBER)
    else:
        cached = layers * (_number(header, f"{architecture}.attention.head_count_kv") or heads)
    size = cached * (keys + values) * _CACHE_BYTES
    # Layers that look at a window only keep no more than that; how many do is not told alike.
    return size // 2 if f"{architecture}.attention.sliding_window" in header.pairs else size


def _text(header: Header, key: str) -> str:
    """A text in one line, without what cannot be seen."""
    value = header.pairs.get(key)
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:200]


def _number(header: Header, key: str) -> int | None:
    value = header.pairs.get(key)
    return value if type(value) is int and 0 < value <= _MAX_NUMBER else None


def _head(file: BinaryIO, size: int) -> bytes:
    file.seek(0)
    return file.read(size)
