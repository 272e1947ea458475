"""The bad inputs of SECURITY.md section 5, rows 55-59: forms with files."""

from __future__ import annotations

from tests.raw_http import request_bytes
from tests.security.bad_inputs import CANARY, PORT, PORT_MARK, Bad, get

_FORM = "multipart/form-data"
_FIELD = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\na\r\n'
_BROKEN = ("400 multipart",)


def _file(name: bytes, body: bytes = b"hello") -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="' + name + b'"\r\n\r\n'
    return head + body + b"\r\n--x--\r\n"


def _send(row: str, body: bytes, expected: tuple[str, ...], content_type: str = "") -> Bad:
    headers = {"Content-Type": content_type or f"{_FORM}; boundary=x"}
    request = request_bytes("POST", "/api/files", port=PORT, headers=headers, body=body)
    return Bad(row, request, expected)


_HEAD = (b"POST /api/files HTTP/1.1", b"Host: 127.0.0.1:" + PORT_MARK)
_TYPE = b"Content-Type: multipart/form-data; boundary=x"
_SLOW = b"\r\n".join((*_HEAD, _TYPE, b"Content-Length: 1000", b"", _FIELD))

BAD_FORMS = (
    _send("56 form without boundary", b"--x", _BROKEN, _FORM),
    _send("56 form unterminated", b"--x\r\n", _BROKEN),
    _send("56 form with a file unterminated", _file(b"a")[:-9], _BROKEN),
    _send("56 form with a long boundary", b"--b", _BROKEN, f"{_FORM}; boundary={'b' * 5000}"),
    _send("56 form of nothing", b"", _BROKEN),
    _send("56 form without file", _FIELD + b"--x--\r\n", _BROKEN),
    _send("56 form with two files", _file(b"a")[:-6] + b"\r\n" + _file(b"b"), _BROKEN),
    _send("56 form with a long head", b"--x\r\n" + CANARY.encode() * 9000, _BROKEN),
    _send("57 form of many fields", _FIELD * 12_000, ("413 too-large",)),
    _send("57 form urlencoded", b"a=1&" * 100_000, ("415 content-type",), "application/x-www"),
    _send("58 path", _file(b"../../x"), ("201",)),
    _send("58 zero", _file(b"a\0b\x1b[31m\xff"), ("201",)),
    _send("58 direction", _file("\u202egpj.exe".encode()), ("201",)),
    Bad("59 slow", _SLOW, ("408 body-timeout",), closes=True),
    Bad("59 unknown", get("/api/files/" + "0" * 64), ("404 no-such-file",)),
    Bad("59 way out", get("/api/files/..%2fllmchat.db"), ("404 no-such-file", "404 not-found")),
    Bad("64 format", get(f"/api/export?format={CANARY}"), ("422 validation",)),
    Bad("64 ids", get(f"/api/export?ids={CANARY}"), ("404 no-such-conversation",)),
    Bad("64 one", get(f"/api/conversations/{CANARY}/export"), ("404 no-such-conversation",)),
)
