"""The strict JSON reader."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat.domain.errors import RequestError
from llmchat.server.problems import PROBLEMS
from llmchat.server.strict_json import MAX_DEPTH, read_json

documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
fragments = st.lists(
    st.sampled_from(
        [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            '"',
            "a",
            "\\u0000",
            "\\ud83d",
            "\\ude00",
            "\\",
            "1",
            "-",
            "e9",
            "e999",
            ".5",
            "NaN",
            "Infinity",
            "true",
            "null",
            "\ufeff",
            " ",
            "\n",
            "\0",
        ]
    ),
    max_size=30,
).map("".join)


def outcome(body: bytes) -> tuple[str, object]:
    """`ok` and the document, or the code of the refusal."""
    try:
        return "ok", read_json(body)
    except RequestError as error:
        return error.code, None


@given(documents, st.booleans())
def test_what_json_can_say_is_read_as_json_loads_does(document: object, ascii_only: bool) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    code, read = outcome(body)
    assert code in {"ok", "validation", "json-depth", "utf-8"}
    assert code != "ok" or read == document


@given(st.binary() | fragments.map(str.encode))
def test_anything_else_is_refused_and_nothing_else_is_raised(body: bytes) -> None:
    code, read = outcome(body)
    assert code == "ok" or PROBLEMS[code].status in {400, 422}
    assert code != "ok" or read == json.loads(body.decode("utf-8-sig"))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty-body"),
        (b"\xef\xbb\xbf", "empty-body"),
        (b"\xef\xbb\xbf\xef\xbb\xbf1", "json-syntax"),
        (b"1 2", "json-syntax"),
        (b'"\x01"', "json-syntax"),
        (b'{"a":1,"\\u0061":2}', "json-duplicate-key"),
        (b"18446744073709551616", "json-number"),
        (b"-9223372036854775809", "json-number"),
        (b"-1e400", "json-number"),
        (b'"\\ud800"', "validation"),
        (b'["\xed\xa0\x80"]', "utf-8"),
        (b"[" * 65 + b"]" * 65, "json-depth"),
        (b'[{"a":' * 32 + b"[]" + b"}]" * 32, "json-depth"),
        (b'["]",' * 64 + b"{}" + b"]" * 64, "json-depth"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "json-depth"),
    ],
)
def test_refused(body: bytes, code: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_json(body)
    assert caught.value.code == code


def test_the_largest_that_is_accepted() -> None:
    assert read_json(b"18446744073709551615") == 2**64 - 1
    assert read_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) == json.loads("[" * 64 + "]" * 64)
    assert read_json(b'"\\ud83d\\ude00"') == "😀"
    assert read_json(b"1e308") == 1e308
    assert read_json(b'[{"a":' * 31 + b"[[]]" + b"}]" * 31)
    assert read_json(b'["[[[\\"[[", "\\\\", "' + b"[" * 100 + b'"]')
    assert math.copysign(1, float(str(read_json(b"-0.0")))) == -1


def test_a_syntax_error_says_where_and_not_what() -> None:
    with pytest.raises(RequestError) as caught:
        read_json(b'{"a":\n cAnArY}')
    assert caught.value.message == "It is not JSON from line 2, column 2 on."


def test_a_pointer_shows_only_known_names() -> None:
    with pytest.raises(RequestError) as caught:
        read_json(b'{"tools":[{"cAnArY":{"name":["\\u0000"]}}]}', frozenset({"tools", "name"}))
    ((pointer, _),) = caught.value.errors
    assert pointer == "/tools/0/*/name/0"
