"""The bad inputs of SECURITY.md section 5, rows 1 to 66, and the answer that each must get."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import Any

from tests.raw_http import request_bytes

# Stands in for what only the running server knows.
PORT = 48151
PORT_MARK = str(PORT).encode()
JOB_MARK = "job-of-the-test-run"
HASH_MARK = "hash-of-the-page"

JSON_TYPE = {"Content-Type": "application/json"}
CANARY = "cAnArY"  # what is sent and may never come back


@dataclass(frozen=True, slots=True)
class Bad:
    """`expected` are the answers that are right, as `status code`; 200 and 204 have no code."""

    row: str
    request: bytes
    expected: tuple[str, ...]
    closes: bool = False
    errors_at: str | None = None


def document(**members: object) -> dict[str, Any]:
    """A body that is right, but for `members`."""
    return {"messages": [{"role": "user", "content": "hi"}], **members}


def post(body: bytes, *, target: str = "/chat", headers: dict[str, str] | None = None) -> bytes:
    return request_bytes("POST", target, port=PORT, headers=headers or JSON_TYPE, body=body)


def chat(members: object, **headers: str) -> bytes:
    return post(json.dumps(members).encode(), headers={**JSON_TYPE, **headers})


def get(target: str, method: str = "GET", **headers: str) -> bytes:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return request_bytes(method, target, port=PORT, headers=fields)


def head(*lines: bytes, body: bytes = b"") -> bytes:
    """A request line by line; `HOST` stands for a good Host line."""
    host = b"Host: 127.0.0.1:" + PORT_MARK
    return b"\r\n".join(host if line == b"HOST" else line for line in lines) + b"\r\n\r\n" + body


GOOD_BODY = json.dumps(document()).encode()
GOOD = ("202",)
CHUNKED = (b"POST /chat HTTP/1.1", b"HOST", b"Content-Type: application/json")


def _body_cases() -> list[Bad]:
    def at_messages(row: str, request: bytes) -> Bad:
        return Bad(row, request, ("422 validation",), errors_at="/messages")

    return [
        Bad("1", post(b""), ("400 empty-body",)),
        Bad("1 blank", post(b" \r\n"), ("400 empty-body",)),
        Bad("2", post(b"{"), ("400 json-syntax",)),
        Bad("3", post(b"null"), ("422 validation",)),
        Bad("4", post(b"[]"), ("422 validation",)),
        Bad("5", post(b'"x"'), ("422 validation",)),
        at_messages("6", post(b"{}")),
        at_messages("7", chat({"messages": None})),
        at_messages("8", chat({"messages": "hi"})),
        at_messages("9", chat({"messages": {"a": 1}})),
        at_messages("10 none", chat({"messages": []})),
        at_messages("10 many", chat({"messages": document()["messages"] * 1001})),
        Bad("11", post(b'{"messages":[],"messages":[]}'), ("400 json-duplicate-key",)),
        Bad("12", post(b'{"temperature":NaN}'), ("400 json-number",)),
        Bad("13", post(b'{"temperature":-Infinity}'), ("400 json-number",)),
        Bad("14", post(b'{"temperature":1e999}'), ("400 json-number",)),
        Bad("15", post(b'{"seed":' + b"9" * 5000 + b"}"), ("400 json-number",)),
        Bad("16", post(b"[" * 100_000), ("400 json-depth", "400 json-syntax")),
        Bad("16 whole", post(b"[" * 500 + b"]" * 500), ("400 json-depth",)),
        Bad(
            "17",
            post(rb'{"messages":[{"role":"user","content":"\ud800"}]}'),
            ("422 validation",),
            errors_at="/messages/0/content",
        ),
        Bad(
            "18",
            post(rb'{"messages":[{"role":"user","content":"a\u0000b"}]}'),
            ("422 validation",),
            errors_at="/messages/0/content",
        ),
        Bad("18 key", post(rb'{"a\u0000":1}'), ("422 validation",)),
        Bad("19", post(b'{"messages":"\xff\xfe"}'), ("400 utf-8",)),
        Bad("20", post(json.dumps(document()).encode("utf-16")), ("400 utf-8",)),
        Bad("24", post(b"\xef\xbb\xbf" + GOOD_BODY), GOOD),
        Bad("24 good", post(GOOD_BODY), GOOD),
    ]


def _value_cases() -> list[Bad]:
    def bad(row: str, at: str, **members: object) -> Bad:
        return Bad(row, chat(document(**members)), ("422 validation",), errors_at=at)

    def message(**members: object) -> list[dict[str, object]]:
        return [{"role": "user", "content": "hi", **members}]

    image = {"type": "image_url", "image_url": {"url": f"https://{CANARY}.example/a.png"}}
    return [
        bad("28 role", "/messages/0/role", messages=message(role=CANARY)),
        bad("28 member", "", **{CANARY: 1}),
        bad("28 member below", "/messages/0", messages=message(**{CANARY: 1})),
        bad("28 temperature", "/temperature", temperature=CANARY),
        bad("28 temperature low", "/temperature", temperature=-1),
        bad("28 temperature high", "/temperature", temperature=1e9),
        bad("28 max_tokens low", "/max_tokens", max_tokens=0),
        bad("28 max_tokens high", "/max_tokens", max_tokens=2**63),
        bad("28 n_discard", "", n_discard=-1),
        bad("28 n", "/n", n=2),
        bad("28 image", "/messages/0/content/0/image_url/url", messages=message(content=[image])),
        bad("28 assistant", "/messages/0", messages=[{"role": "assistant"}]),
        bad("29 content", "/messages/0/content", messages=message(content="a" * 500_001)),
        bad("29 model long", "/model", model="m" * 201),
        bad("29 model line", "/model", model="a\r\nb"),
        bad("29 model end", "/model", model="a\n"),
        bad("66 base_url", "", base_url="http://169.254.169.254"),
    ]


def _header_cases() -> list[Bad]:
    def typed(row: str, content_type: str, code: str, body: bytes = GOOD_BODY) -> Bad:
        return Bad(row, post(body, headers={"Content-Type": content_type}), (f"415 {code}",))

    def encoded(row: str, encoding: str, body: bytes) -> Bad:
        headers = {**JSON_TYPE, "Content-Encoding": encoding}
        return Bad(row, post(body, headers=headers), ("415 content-encoding",))

    form = "multipart/form-data"
    return [
        typed("21", "application/json; charset=utf-16", "charset"),
        typed("22", "application/json; charset=bogus", "charset"),
        typed("23 utf-7", "application/json; charset=utf-7", "charset"),
        typed("23 rot13", 'application/json; charset="rot13"', "charset"),
        Bad(
            "21 good",
            post(GOOD_BODY, headers={"Content-Type": "application/json;charset=UTF-8"}),
            GOOD,
        ),
        typed("25", "text/plain", "content-type"),
        Bad("26", post(GOOD_BODY, headers={"X-None": "1"}), ("415 content-type",)),
        typed("27", "application/x-www-form-urlencoded", "content-type", b"messages=hi"),
        encoded("32 bomb", "gzip", gzip.compress(b"0" * 5_000_000)),
        encoded("32 bad", "gzip", b"no gzip"),
        encoded("32 foo", "foo", GOOD_BODY),
        typed("56 no boundary", form, "content-type", b"--x"),
        typed("56 unterminated", f"{form}; boundary=x", "content-type", b"--x\r\n"),
        typed("56 long boundary", f"{form}; boundary={'b' * 5000}", "content-type", b"--b"),
        typed("57 multipart", f"{form}; boundary=x", "content-type", b"--x\r\n\r\na\r\n" * 12_000),
        typed("57 form", "application/x-www-form-urlencoded", "content-type", b"a=1&" * 100_000),
    ]


def _size_cases() -> list[Bad]:
    too_large = ("413 too-large",)
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    length = b"Content-Length: %d"
    return [
        Bad("30", post(b" " * 1_100_000), too_large, closes=True),
        Bad(
            "30 chunked",
            head(*CHUNKED, b"Transfer-Encoding: chunked", body=chunk * 20 + b"0\r\n\r\n"),
            too_large,
            closes=True,
        ),
        Bad("31", head(*CHUNKED, length % 10_000_000_000, body=b"{}"), too_large, closes=True),
        Bad("33", head(*CHUNKED, length % 100, body=b"{"), ("408 body-timeout",), closes=True),
        Bad(
            "48",
            head(
                *CHUNKED,
                b"Transfer-Encoding: chunked",
                body=b"2;" + b"x" * 20_000 + b"\r\n{}\r\n0\r\n\r\n",
            ),
            ("400 bad-request", "431 header-too-large", "422 validation"),
        ),
    ]


def _sender_cases() -> list[Bad]:
    evil = {"Origin": f"https://{CANARY}.example"}
    foreign = ("403 cross-origin",)
    wrong = ("421 wrong-host", "400 bad-request")

    def host(row: str, value: str, *expected: str) -> Bad:
        line = f"Host: {value}".encode()
        return Bad(row, head(b"GET /models HTTP/1.1", line), expected or wrong)

    site = {"Sec-Fetch-Site": "same-site"}
    own = {"Origin": f"http://127.0.0.1:{PORT}"}
    return [
        Bad("34 origin", chat(document(), **evil), foreign),
        Bad("34 site", chat(document(), **{"Sec-Fetch-Site": "cross-site"}), foreign),
        Bad("34 both", chat(document(), **own, **{"Sec-Fetch-Site": "cross-site"}), foreign),
        Bad("34 get", get("/models", **evil), foreign),
        Bad("34 unknown address", get("/nope", **evil), foreign),
        Bad("34 none", chat(document(), **{"Sec-Fetch-Site": "none"}), foreign),
        Bad("34 link", get("/", **{"Sec-Fetch-Site": "cross-site"}), ("200",)),
        Bad("34 own", chat(document(), **own), GOOD),
        Bad("34 own site", chat(document(), **{"Sec-Fetch-Site": "same-origin"}), GOOD),
        Bad("35", chat(document(), Origin="null"), foreign),
        Bad("36", chat(document(), **site), foreign),
        Bad("36 get", get("/models", **site), foreign),
        host("37", f"{CANARY}.example:{PORT}", "421 wrong-host"),
        host("37 suffix", f"127.0.0.1.{CANARY}.example", "421 wrong-host"),
        host("37 public", "93.184.216.34", "421 wrong-host"),
        host("37 localhost", "LOCALHOST", "200"),
        host("37 private", "192.168.1.7:8000", "200"),
        host("37 ipv6", "[::1]:8000", "200"),
        host("38 fragment", f"127.0.0.1:1/#@{CANARY}"),
        host("38 user", "a@b/c?d"),
        host("38 blank", "a b"),
        host("38 bracket", "[::1"),
        host("38 port", "127.0.0.1:99999"),
        host("38 empty", ""),
        Bad("39 none", head(b"GET /models HTTP/1.1"), ("400 bad-request",), closes=True),
        Bad("39 two", head(b"GET / HTTP/1.1", b"HOST", b"HOST"), ("400 bad-request",), closes=True),
        Bad("40", head(b"GET /models HTTP/1.0"), ("421 wrong-host",)),
    ]


def _line_cases() -> list[Bad]:
    absolute = b"GET http://127.0.0.1:" + PORT_MARK + b"/models HTTP/1.1"
    bad = ("400 bad-request",)

    def broken(row: str, *lines: bytes, body: bytes = b"") -> Bad:
        return Bad(row, head(*lines, body=body), bad, closes=True)

    def framed(row: str, *lines: bytes, body: bytes = GOOD_BODY) -> Bad:
        return broken(row, *CHUNKED, *lines, body=body)

    length = b"Content-Length: %d"
    chunked = b"Transfer-Encoding: chunked"
    return [
        Bad("41", head(absolute, b"HOST"), ("400 absolute-form",), closes=True),
        Bad(
            "41 connect",
            head(b"CONNECT a:1 HTTP/1.1", b"HOST"),
            ("400 absolute-form", *bad),
            closes=True,
        ),
        Bad(
            "41 asterisk",
            head(b"OPTIONS * HTTP/1.1", b"HOST"),
            ("400 absolute-form", *bad),
            closes=True,
        ),
        Bad("42 trace", get("/chat", "TRACE"), ("405 method-not-allowed",)),
        Bad("42 put", get("/chat", "PUT"), ("405 method-not-allowed",)),
        Bad("42 get", get("/chat"), ("405 method-not-allowed",)),
        Bad("42 stream", post(b"", target="/stream/x"), ("405 method-not-allowed",)),
        Bad("42 head", get(f"/stream/{JOB_MARK}", "HEAD"), ("405 method-not-allowed",)),
        broken("43 method", b"FOO / HTTP/1.1", b"HOST"),
        broken("43 version", b"GET / HTTP/9.9", b"HOST"),
        broken("43 http2", b"PRI * HTTP/2.0", body=b"SM\r\n\r\n"),
        broken("43 tls", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + CANARY.encode()),
        broken("43 junk", bytes(range(1, 255))),
        framed("44 both", length % len(GOOD_BODY), chunked),
        framed("44 two", length % len(GOOD_BODY), length % 3),
        framed("44 minus", b"Content-Length: -1"),
        framed("44 plus", b"Content-Length: +5"),
        Bad(
            "44 huge",
            head(*CHUNKED, length % 10**22, body=b"{}"),
            (*bad, "413 too-large"),
            closes=True,
        ),
        framed("44 xchunked", b"Transfer-Encoding: xchunked"),
        framed("44 size", chunked, body=b"-2\r\n{}\r\n0\r\n\r\n"),
        Bad("45 lf", b"GET / HTTP/1.1\nHost: 127.0.0.1\n\n\r\n\r\n", bad, closes=True),
        broken("45 fold", b"GET / HTTP/1.1", b"HOST", b"X-A: a", b" b"),
        broken("45 blank", b"GET / HTTP/1.1", b"Host : 127.0.0.1"),
        broken("45 nul", b"GET / HTTP/1.1", b"HOST", b"X-A: a\0b"),
        broken("45 ctl", b"GET / HTTP/1.1", b"HOST", b"X-A\x01: a"),
    ]


def _limit_cases() -> list[Bad]:
    too_large = ("431 header-too-large",)

    def many(count: int) -> bytes:
        return head(b"GET / HTTP/1.1", b"HOST", *(b"X-%d: 1" % n for n in range(count)))

    return [
        Bad("46 header", get("/", X_A=CANARY * 2000), too_large, closes=True),
        Bad(
            "46 name",
            head(b"GET / HTTP/1.1", b"HOST", b"X" * 9000 + b": 1"),
            too_large,
            closes=True,
        ),
        Bad("46 target", get("/" + "a" * 9000), too_large, closes=True),
        Bad("47", many(200), too_large, closes=True),
        Bad("47 more", many(20_000), too_large, closes=True),
        Bad("49", get("/models", Expect=CANARY), ("417 expectation-failed",)),
        Bad("49 nowhere", get("/nope", Expect=CANARY), ("417 expectation-failed",)),
    ]


def _target_cases() -> list[Bad]:
    no_job, nothing = ("404 no-such-job",), ("404 not-found",)
    last_id = ("400 last-event-id",)

    def stream(row: str, value: str) -> Bad:
        return Bad(row, get(f"/stream/{JOB_MARK}", Last_Event_ID=value), last_id)

    def nowhere(row: str, target: str, *expected: str) -> Bad:
        return Bad(row, get(target), expected or nothing)

    return [
        Bad("50 unknown", get("/stream/unknown"), no_job),
        Bad("50 dots", get("/stream/..%2f..%2fetc"), no_job),
        Bad("50 line", get(f"/stream/a%0d%0aX-A:{CANARY}"), no_job),
        Bad("50 long", get("/stream/" + "a" * 8000), no_job),
        Bad("50 cancel", get("/chat/unknown", "DELETE"), no_job),
        Bad("50 job", get("/api/jobs/unknown"), no_job),
        stream("51 word", "abc"),
        stream("51 minus", "-1"),
        stream("51 digits", "1-" + "9" * 20),
        stream("51 number", str(10**20)),
        stream("51 list", "5,6"),
        stream("51 ahead", "4294967295-1"),
        stream("51 empty", ""),
        Bad("51 after", get(f"/stream/{JOB_MARK}?after=x"), last_id),
        Bad(
            "52",
            get(
                f"/stream/{JOB_MARK}?after=4294967295-0", Connection="Upgrade", Upgrade="websocket"
            ),
            ("204", *last_id),
        ),
        nowhere("53 dots", f"/s/{HASH_MARK}/../secret"),
        nowhere("53 encoded", f"/s/{HASH_MARK}/%2e%2e/secret"),
        nowhere("53 slash", f"/s/{HASH_MARK}/..%2f..%2fetc%2fpasswd"),
        nowhere("53 backslash", f"/s/{HASH_MARK}/..%5csecret"),
        nowhere("53 root", f"/s/{HASH_MARK}//etc/passwd"),
        nowhere("53 nul", f"/s/{HASH_MARK}/js/main.js%00"),
        nowhere("53 link", f"/s/{HASH_MARK}/link.txt"),
        nowhere("53 folder", f"/s/{HASH_MARK}/js"),
        nowhere("53 folder slash", f"/s/{HASH_MARK}/js/"),
        nowhere("53 hidden", f"/s/{HASH_MARK}/.git/config.txt"),
        nowhere("54 host", "//evil.example/%2e%2e"),
        nowhere("54 escape", "/%zz"),
        nowhere("54 bytes", "/%ff%fe"),
        Bad(
            "54 raw",
            head(b"GET /\xff\xfe HTTP/1.1", b"HOST"),
            (*nothing, "400 bad-request"),
        ),
        *(
            Bad(f"55 {ranges}", get(f"/s/{HASH_MARK}/js/main.js", Range=ranges), ("200",))
            for ranges in ("bytes=a-b", "bytes=0-1,2-3,4-5", "bytes=9999999-")
        ),
        nowhere("64 limit", "/api/jobs?limit=0", "422 validation"),
        nowhere("64 limit minus", "/api/jobs?limit=-1", "422 validation"),
        nowhere("64 limit word", "/api/jobs?limit=1e9", "422 validation"),
        nowhere("64 limit high", "/api/jobs?limit=501", "422 validation"),
        nowhere("64 state", f"/api/jobs?state={CANARY}", "422 validation"),
        *(
            Bad(f"63 {q}", get(f"/api/search?q={q}"), ("200",))
            for q in ("", "%22", "c++", "NEAR(", "%ed%a0%80", "%00")
        ),
        Bad("63 long", get(f"/api/search?q={'(' * 5000}"), ("422 validation",), errors_at="/q"),
        nowhere("64 cursor", f"/api/search?cursor={CANARY}", "422 validation"),
    ]


def _key_cases() -> list[Bad]:
    unusable = ("400 idempotency-key",)
    return [
        Bad("60 empty", chat(document(), **{"Idempotency-Key": ""}), unusable),
        Bad("60 long", chat(document(), **{"Idempotency-Key": "k" * 300}), unusable),
        Bad("60 words", chat(document(), **{"Idempotency-Key": "schlüssel"}), unusable),
    ]


BAD_INPUTS = (
    *_body_cases(),
    *_value_cases(),
    *_header_cases(),
    *_size_cases(),
    *_sender_cases(),
    *_line_cases(),
    *_limit_cases(),
    *_target_cases(),
    *_key_cases(),
)
