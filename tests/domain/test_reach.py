"""What an endpoint may be, and where it may be."""

from __future__ import annotations

import pytest

from llmchat.domain.endpoint_rules import (
    Entry,
    FieldError,
    origin_of,
    parse_base_url,
    parse_headers,
    same_server,
)
from llmchat.domain.reach import Guard

NOBODY = (
    *("169.254.169.254", "169.254.1.1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254"),
    *("::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"),
    *("0.0.0.0", "0.1.2.3", "::", "224.0.0.1", "ff02::1", "255.255.255.255", "100.100.100.200"),
)
HERE = ("127.0.0.1", "127.9.9.9", "::1", "::ffff:7f00:1", "64:ff9b::7f00:1", "2002:7f00:1::")
NEAR = ("10.0.0.1", "172.16.0.1", "192.168.1.1", "fd12::1", "100.64.0.1", "::ffff:10.0.0.1")
FAR = ("1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8")


def test_who_runs_the_server_may_go_anywhere_but_where_secrets_of_machines_are() -> None:
    guard = Guard(own_port=8000)
    assert [one for one in NOBODY if guard.why_not(one, 80) is None] == []
    assert [one for one in (*HERE, *NEAR, *FAR) if guard.why_not(one, 80)] == []
    assert [one for one in HERE if guard.why_not(one, 8000) is None] == []
    assert guard.why_not("192.168.1.1", 8000) is None


def test_others_may_go_to_the_public_internet_only() -> None:
    guard = Guard(public=True)
    assert [one for one in (*NOBODY, *HERE, *NEAR) if guard.why_not(one, 443) is None] == []
    assert [one for one in FAR if guard.why_not(one, 443)] == []


@pytest.mark.parametrize(
    "url",
    [
        *("", "http://", "localhost:11434", "file:///etc/passwd", "gopher://h/", "ftp://h/"),
        *("http://a@127.0.0.1/v1", "https://user:pw@h/v1", "http://h/v1?key=k", "http://h/#x"),
        *("http://h:0/", "http://h:99999/", "http://h:x/", "http://[::1/v1", "http://a b/v1"),
        *("http://127.1/v1", "http://2130706433/v1", "http://0x7f.1/v1", "http://1.2.3.4.5/v1"),
        *("http://h/\u202ev1", "http://h\r\n/v1", "javascript:alert(1)"),
    ],
)
def test_what_is_no_address_of_an_api(url: str) -> None:
    with pytest.raises(ValueError, match="it must be"):
        parse_base_url(url)


def test_origins_are_compared_in_one_way_of_writing() -> None:
    assert origin_of("https://API.example/v1") == origin_of("https://api.example.:443/other")
    assert origin_of("https://h/v1") != origin_of("http://h/v1")
    assert origin_of("http://h/v1") != origin_of("http://h:8080/v1")
    assert same_server("http://localhost:11434/v1", "http://127.0.0.1:11434/api")
    assert same_server("http://[::1]:1/v1", "http://localhost:1/v1")
    assert not same_server("http://localhost:1/v1", "http://localhost:2/v1")


@pytest.mark.parametrize(
    "headers",
    [
        *({"": "x"}, {"A B": "x"}, {"X:": "x"}, {"X": ""}, {"X": "a\r\nY: b"}, {"X": "ü"}),
        *({"Host": "h"}, {"CONTENT-LENGTH": "3"}, {"Cookie": "a=b"}, {"X-A": "1", "x-a": "2"}),
        {f"X-{number}": "x" for number in range(21)},
    ],
)
def test_headers_that_may_not_go_with_a_request(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        parse_headers(headers)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("name", ""),
            ("name", " x"),
            ("name", "Embedded"),
            ("name", "a\nb"),
            ("name", "x" * 101),
        ),
        *(("model", "a\x00b"), ("model", "x" * 201), ("proxy", ""), ("proxy", "socks5://h:1")),
        *(("proxy", "http://u:p@h:1"), ("proxy", "http://h:1/path"), ("slots", 0)),
        *(("idle_seconds", -1.0), ("total_seconds", 1e9), ("connect_seconds", float("nan"))),
    ],
)
def test_values_that_an_endpoint_cannot_have(field: str, value: object) -> None:
    good = {"id": "i", "name": "n", "base_url": "http://h/v1"}
    with pytest.raises(FieldError) as caught:
        Entry(**{**good, field: value}).check()  # type: ignore[arg-type]  # one of them is wrong
    assert caught.value.field == field
    Entry(**good, proxy="http://proxy.example:3128", slots=3, idle_seconds=0.0).check()  # type: ignore[arg-type]  # as above
