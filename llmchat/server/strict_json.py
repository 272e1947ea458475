"""A JSON reader that accepts nothing which another reader could understand otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Set

from llmchat.domain.chat import JSON, JSONObject
from llmchat.server.problems import invalid, refusal

MAX_DEPTH = 64
# What 64 bits hold, signed or not: the next program in the row may have no larger integers.
_INTEGERS = range(-(2**63), 2**64)
_INTEGER_DIGITS = 20
# Neither can be stored or sent on: SQLite ends a text at NUL, UTF-8 has no surrogates.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
# A document without these has no such text and no such number. To look first spares a full
# megabyte some 0.5 s of calls from the parser, in which no stream would go on.
_ODD_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_ODD_NUMBER = re.compile(r"[0-9][eE]|[0-9]{19}")

_NO_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^"\[\]{}]+')
_ONE_KIND = str.maketrans("{}", "[]")


def read_json(body: bytes, names: Set[str] = frozenset()) -> JSON:
    """Decode a document. Whatever is accepted equals what `json.loads` makes of it.

    Refused: other encodings than UTF-8, a key twice, numbers that are not finite or have more than
    64 bits, more than 64 levels, and text with NUL or half a surrogate pair. Raises RequestError
    and nothing else. Of the keys, only `names` are ever shown in its pointers.
    """
    text = _text(body)
    document = _parse(text)
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(text)
    if _ODD_ESCAPE.search(text) and (pointer := _bad_text(document, names)) is not None:
        raise invalid(pointer, "Text may not have NUL or half a surrogate pair.")
    return document


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise refusal("utf-8", "Send the body as UTF-8.") from None
    if not text.strip(" \t\r\n"):
        raise refusal("empty-body", "Send a JSON object.")
    return text


def _parse(text: str) -> JSON:
    odd = _ODD_NUMBER.search(text)
    try:
        document: JSON = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_float if odd else None,
            parse_int=_int if odd else None,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise refusal("json-syntax", f"It is not JSON from {where} on.") from None
    except RecursionError:
        raise _too_deep() from None
    return document


def _object(pairs: list[tuple[str, JSON]]) -> JSONObject:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise refusal("json-duplicate-key", "Every key of an object may be there once.")
    return result


def _constant(_name: str) -> JSON:
    raise refusal("json-number", "JSON has no NaN and no Infinity.")


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise refusal("json-number", "A number is too large.")
    return value


def _int(text: str) -> int:
    # int() takes quadratic time, and refuses 5,000 digits with an error of its own.
    if len(text) > _INTEGER_DIGITS + 1 or (value := int(text)) not in _INTEGERS:
        raise refusal("json-number", "An integer has more than 64 bits.")
    return value


def _check_depth(text: str) -> None:
    """`text` is valid JSON: without all but its brackets, each pass takes its innermost level."""
    brackets = _NO_BRACKETS.sub("", text).translate(_ONE_KIND)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace("[]", "")
    if brackets:
        raise _too_deep()


def _bad_text(value: JSON, names: Set[str]) -> str | None:
    """A pointer to the first text that cannot be kept; to its object if it is a key."""
    if isinstance(value, str):
        return "" if _NO_TEXT.search(value) else None
    if isinstance(value, dict) and any(map(_NO_TEXT.search, value)):
        return ""
    steps: Iterable[tuple[object, JSON]] = ()
    if isinstance(value, list | dict):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in steps:
        if (below := _bad_text(item, names)) is not None:
            shown = key if isinstance(key, int) or key in names else "*"
            return f"/{shown}{below}"
    return None


def _too_deep() -> Exception:
    return refusal("json-depth", f"At most {MAX_DEPTH} levels are accepted.")
