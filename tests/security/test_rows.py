"""T-FUZZ: the rows of SECURITY.md section 5 that need a whole program, with both parsers; and that
no row of the table is without a test.
"""

from __future__ import annotations

import ast
import io
import json
import re
import struct
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.pdfs import pdf_bomb, pdf_with_password
from tests.raw_http import Reply
from tests.security.bad_forms import BAD_FORMS
from tests.security.bad_inputs import BAD_INPUTS, document
from tests.security.conftest import Tell
from tests.security.program import PARSERS, ROOT, Target, run, upstream

# Where the rows are shown that are not among the bad inputs.
ROWS = {
    61: "tests/security/test_authmatrix.py"
    "::test_whatever_is_wrong_with_a_credential_it_opens_nothing_and_hears_the_same",
    62: "tests/security/test_limits.py"
    "::test_an_account_at_its_limits_is_told_so_and_slows_no_other_one",
    65: "tests/security/test_redirects.py::test_what_is_no_place_of_the_page_leads_to_the_page",
    67: "tests/security/test_rows.py::test_a_key_that_is_none_is_refused_and_not_told",
    68: "tests/security/test_rows.py::test_an_answer_is_stopped_as_often_as_one_likes",
    69: "tests/security/test_loads.py::test_many_who_do_nothing_keep_nobody_waiting",
    70: "tests/security/test_rows.py::test_an_import_is_taken_whole_or_refused",
}
IMAGE = (201, "image/png")
HEAD = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
SCRIPT = b"<script>alert(1)</script>"
NEWER = {"harness": "llmchat", "format": 2, "type": "session", "id": "x", "name": "n"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with upstream() as url:
        yield url


@pytest.fixture(scope="module", params=PARSERS)
def target(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, endpoint: str
) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("data")
    settings = {"OPENAI_BASE_URL": endpoint, "DEFAULT_MODEL": "echo"}
    with run(folder, parser=request.param, **settings) as running:
        yield running
        running.check()


def says(reply: Reply) -> tuple[int, str]:
    """The status, and the code of a problem."""
    problem = reply.headers.get("content-type") == "application/problem+json"
    return reply.status, reply.json()["code"] if problem else ""


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_every_row_of_the_table_has_its_test() -> None:
    shown = {int(re.match(r"\d+", bad.row)[0]) for bad in (*BAD_INPUTS, *BAD_FORMS)}  # type: ignore[index]  # it begins with one
    assert set(range(1, 71)) - shown - set(ROWS) == set()
    for place in ROWS.values():
        path, name = place.split("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {getattr(one, "name", "") for one in tree.body}, place


@pytest.mark.parametrize(
    ("name", "content", "answer"),
    [
        ("a.png", HEAD + struct.pack(">II", 2, 2) + b"\x08\x06\0\0\0" + SCRIPT, IMAGE),
        ("a.svg", b"<svg onload='alert(1)'/>", (201, "text/plain")),
        ("a.html", b"<!doctype html>" + SCRIPT, (201, "text/plain")),
        ("C:\\x", b"x", (201, "text/plain")),
        ("CON", b"x", (201, "text/plain")),
        ("n" * 300, b"x", (201, "text/plain")),
        ("", b"x", (201, "text/plain")),
        ("a.png", HEAD + struct.pack(">II", 100_000, 100_000), (422, "file-too-many-pixels")),
        ("a.zip", zipped(a=bytes(50_000_000)), (422, "file-type")),
        ("a.pdf", pdf_with_password("secret", b"pass"), (422, "file-encrypted")),
        ("a.pdf", pdf_bomb(), (422, "file-too-complex")),
        ("a.txt", bytes(26 * 1024 * 1024), (413, "too-large")),
    ],
    ids=["png", "svg", "html", "path", "device", "long", "none", "pixels", "zip", "locked", "bomb",
         "large"],
)  # fmt: skip
def test_a_file_is_taken_as_what_it_is_and_only_to_be_saved(
    target: Target, name: str, content: bytes, answer: tuple[int, str]
) -> None:
    """Rows 58 and 59."""
    reply = target.upload(name, content)
    if answer[0] != 201:
        assert says(reply) == answer
        return
    stored = reply.json()
    assert (reply.status, stored["type"]) == answer
    assert not re.search(r"[\\/\0]", stored["name"])
    assert 0 < len(stored["name"]) <= 200
    fetched = target.call("GET", f"/api/files/{stored['file']}?name=../{SCRIPT.decode()}")
    assert fetched.body == content
    assert fetched.headers["content-type"] == answer[1]
    assert fetched.headers["content-disposition"].startswith("attachment; ")
    assert fetched.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert fetched.headers["x-content-type-options"] == "nosniff"


def test_a_key_of_a_request_stands_for_one_request(target: Target) -> None:
    """Row 60: the same key with another body, and twice at once."""
    key = {"Idempotency_Key": "row-60"}
    first = target.json("POST", "/chat", document(), **key)
    other = document(messages=[{"role": "user", "content": "something else"}])
    assert says(target.call("POST", "/chat", other, **key)) == (422, "idempotency-mismatch")
    assert target.json("POST", "/chat", document(), **key) == first
    with ThreadPoolExecutor(8) as pool:
        key = {"Idempotency_Key": "row-60-at-once"}
        all_of = pool.map(lambda _: target.json("POST", "/chat", document(), **key), range(8))
        assert len({one["job_id"] for one in all_of}) == 1


@pytest.mark.parametrize(
    "given",
    ["Basic YTpi", "Bearer", "Bearer ", "Bearer \t", "Bearer a b", "bearer x", "Token x",
     "Bearer " + "x" * 8000, "Bearer ' OR 1=1 --", "Bearer llmchat-'; DROP TABLE api_keys; --",
     "Bearer llmchat-%00"],
)  # fmt: skip
def test_what_is_no_key_of_an_account_opens_nothing(target: Target, given: str) -> None:
    """Row 61, as far as programs have keys."""
    reply = target.call("GET", "/v1/models", Authorization=given)
    assert reply.status == 401
    assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "gopher://127.0.0.1", "ftp://h/", "http://a:b@h", "http://a@127.0.0.1",
     "http://127.1", "http://2130706433", "http://0x7f.1", "http://0", "http://[::", "http://h/#@e",
     "http://allowed.example@evil", "//h", "javascript:alert(1)", "http://h\r\nX: y/"],
)  # fmt: skip
def test_an_address_that_is_none_is_no_endpoint(target: Target, address: str) -> None:
    """Row 66."""
    reply = target.call("POST", "/api/endpoints", {"base_url": address})
    assert says(reply) == (422, "validation")
    assert [one["pointer"] for one in reply.json()["errors"]] == ["/base_url"]


def test_the_address_of_a_cloud_is_not_connected_to(target: Target) -> None:
    """Row 66: it can be written down, as any name that leads there could be; it is refused when a
    socket is to be connected.
    """
    for host in ("169.254.169.254", "[::ffff:169.254.169.254]", "[fd00:ec2::254]"):
        base_url = f"http://{host}/v1"
        reply = target.call("POST", "/api/endpoints/test", {"base_url": base_url})
        if reply.status == 422:
            continue
        assert (reply.status, reply.json()["code"]) == (200, "trial-forbidden"), reply


@pytest.mark.parametrize(
    "key",
    ["sk-secret\r\nX-A: b", "sk-secret key", "sk-secret-ü", "sk-secret-" + "k" * 10_000,
     "sk-\0secret"],
)  # fmt: skip
def test_a_key_that_is_none_is_refused_and_not_told(target: Target, key: str) -> None:
    """Row 67."""
    body = {"base_url": "http://127.0.0.1:9/v1", "key": key}
    reply = target.call("POST", "/api/endpoints", body)
    assert says(reply) == (422, "validation")
    assert b"secret" not in reply.body
    assert "sk-secret" not in target.log.read_text()


def test_a_key_with_a_blank_at_its_end_is_that_without_it(target: Target) -> None:
    """Row 67."""
    body = {"base_url": "http://127.0.0.1:9/v1", "key": "sk-blank-0123456789ab \r\n"}
    item = target.json("POST", "/api/endpoints", body)
    assert item["key"] == {"set": True, "last4": "89ab"}
    target.call("DELETE", f"/api/endpoints/{item['id']}")
    assert "sk-blank" not in target.log.read_text()


def test_an_answer_is_stopped_as_often_as_one_likes(target: Target) -> None:
    """Row 68."""
    waiting = target.json("POST", "/chat", document(model="echo"))["job_id"]
    for _ in range(3):
        assert target.call("DELETE", f"/chat/{waiting}").status == 204
    over = target.json("POST", "/chat", document(model="echo"))["job_id"]
    while target.json("GET", f"/api/jobs/{over}")["state"] not in ("done", "cancelled", "error"):
        pass
    assert target.call("DELETE", f"/chat/{over}").status == 204
    assert says(target.call("DELETE", "/chat/unknown")) == (404, "no-such-job")


def in_a_circle() -> list[dict[str, Any]]:
    """A chat of another program whose messages are each other's parents."""
    nodes = {
        name: {
            "id": name,
            "parent": parent,
            "children": [parent],
            "message": {
                "id": name,
                "author": {"role": "user"},
                "content": {"content_type": "text", "parts": [f"said by {name}"]},
                "create_time": 1_700_000_000,
            },
        }
        for name, parent in (("a", "b"), ("b", "a"))
    }
    return [{"title": "circle", "id": "x", "create_time": 1, "mapping": nodes, "current_node": "a"}]


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (json.dumps(in_a_circle()).encode(), 1),
        (json.dumps(NEWER).encode() + b"\n", 0),
        (zipped(**{"conversations.json": b"[" * 1_000_000}), 0),
        (zipped(**{"conversations.json": b" " * 200_000_000}), 0),
        (b"[" * 1_000_000, 0),
        (b'[{"mapping": {"a": ', 0),
        (b"PK\x03\x04 and no more", 0),
        (b"", 0),
    ],
    ids=["circle", "future", "deep", "bomb", "plain-deep", "cut", "no-zip", "empty"],
)
def test_an_import_is_taken_whole_or_refused(target: Target, content: bytes, kept: int) -> None:
    """Row 70. That a long one is seen when it is whole, and the limit of its messages:
    tests/transfer.
    """
    before = target.json("GET", "/api/conversations?limit=100")["items"]
    started = target.upload("export.json", content, "/api/import")
    assert started.status == 202, started
    place = f"/api/import/{started.json()['import_id']}"
    while (report := target.json("GET", place))["state"] == "running":
        pass
    after = target.json("GET", "/api/conversations?limit=100")["items"]
    told = report["report"]["skipped"]
    assert (len(after) - len(before), bool(told)) == (kept, not kept), report


def test_the_program_has_told_of_no_mistake(target: Target, tell: Tell) -> None:
    target.check()
    tell(f"{len(target.replies)} requests to the whole program: 0 answers 5xx, 0 tracebacks")
