"""T-PROXY: headers that anybody can send say nothing, unless a trusted proxy has sent them."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from llmchat.access.proxies import Client, Proxies, ProxyUser
from llmchat.domain.errors import RequestError
from llmchat.domain.networks import parse_network

PROXY, CDN, CLIENT, STRANGER = "127.0.0.1", "10.0.0.9", "203.0.113.5", "198.51.100.66"
NETWORKS = (parse_network("127.0.0.1"), parse_network("10.0.0.0/8"), parse_network("fd00::/8"))
ONE, TWO = Proxies(NETWORKS), Proxies(NETWORKS, hops=2)
Headers = list[tuple[str, str]]


def client(proxies: Proxies, peer: str, *headers: tuple[str, str], scheme: str = "http") -> Client:
    return proxies.client(peer, scheme, CIMultiDict(headers))


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Forwarded-For", CLIENT), ("X-Forwarded-Proto", "https")],
        [("Forwarded", f"for={CLIENT};proto=https")],
        [("X-Real-IP", CLIENT)],
        [("X-Forwarded-For", "not an address"), ("X-Forwarded-Proto", "a"), ("x-real-ip", "b")],
    ],
)
@pytest.mark.parametrize("peer", [STRANGER, "127.0.0.2", "::1", ""])
def test_a_spoofed_header_changes_neither_address_nor_scheme(headers: Headers, peer: str) -> None:
    assert client(ONE, peer, *headers) == Client(peer, "http", forwarded=True)
    assert client(Proxies(), PROXY, *headers) == Client(PROXY, "http", forwarded=True)


@pytest.mark.parametrize(
    ("headers", "address", "scheme"),
    [
        ([("X-Forwarded-For", CLIENT)], CLIENT, "http"),
        ([("X-Forwarded-For", CLIENT), ("X-Forwarded-Proto", "HTTPS")], CLIENT, "https"),
        ([("X-Forwarded-For", f"{STRANGER}, {CLIENT}")], CLIENT, "http"),
        ([("X-Forwarded-For", STRANGER), ("X-Forwarded-For", CLIENT)], CLIENT, "http"),
        ([("X-Forwarded-For", f"rubbish, 999.1.1.1,, {CLIENT}")], CLIENT, "http"),
        ([("X-Forwarded-For", f"{CLIENT}:4711")], CLIENT, "http"),
        ([("X-Forwarded-For", "2001:db8::1")], "2001:db8::1", "http"),
        ([("X-Forwarded-For", "[2001:DB8::1]:4711")], "2001:db8::1", "http"),
        ([("X-Forwarded-For", f"::ffff:{CLIENT}")], CLIENT, "http"),
        ([("X-Forwarded-For", "unknown")], PROXY, "http"),
        ([("X-Real-IP", CLIENT)], CLIENT, "http"),
        ([("X-Real-IP", CLIENT), ("X-Forwarded-For", CLIENT)], CLIENT, "http"),
        ([("X-Forwarded-Proto", "https")], PROXY, "https"),
        ([("Forwarded", f'for="{CLIENT}:80"; proto=https;by=_x')], CLIENT, "https"),
        ([("Forwarded", 'For="[2001:db8::1]:4711"')], "2001:db8::1", "http"),
        ([("Forwarded", f"for={STRANGER};proto=http, for={CLIENT};proto=https")], CLIENT, "https"),
        ([("Forwarded", "for=_hidden;proto=https")], PROXY, "https"),
        ([("Forwarded", "proto=https")], PROXY, "https"),
        ([("Forwarded", f"for={CLIENT}"), ("X-Forwarded-For", CLIENT)], CLIENT, "http"),
        ([], PROXY, "http"),
    ],
)
def test_a_trusted_proxy_says_who_asks(headers: Headers, address: str, scheme: str) -> None:
    assert client(ONE, PROXY, *headers) == Client(address, scheme, forwarded=bool(headers))
    assert client(ONE, f"::ffff:{PROXY}", *headers).address == address


def test_only_the_last_hops_count_and_only_behind_trusted_proxies() -> None:
    through_both = ("X-Forwarded-For", f"{STRANGER}, {CLIENT}, {CDN}")
    assert client(ONE, PROXY, through_both).address == CDN
    assert client(TWO, PROXY, through_both).address == CLIENT
    assert client(TWO, PROXY, ("X-Forwarded-For", f"{STRANGER}, {CLIENT}")).address == CLIENT
    inside = ("X-Forwarded-For", f"{CLIENT}, 10.0.0.77, {CDN}")  # somebody of the own network
    assert client(TWO, PROXY, inside).address == "10.0.0.77"
    schemes = ("Forwarded", f"for={CLIENT};proto=https, for={CDN};proto=http")
    assert client(TWO, PROXY, schemes) == Client(CLIENT, "https", forwarded=True)


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http")],
        [("X-Forwarded-Proto", "https, http")],
        [("X-Forwarded-Proto", "javascript")],
        [("X-Real-IP", CLIENT), ("X-Real-IP", STRANGER)],
        [("X-Real-IP", STRANGER), ("X-Forwarded-For", CLIENT)],
        [("Forwarded", f"for={STRANGER}"), ("X-Forwarded-For", CLIENT)],
        [("Forwarded", f"for={CLIENT};for={STRANGER}")],
        [("Forwarded", f"for={CLIENT};proto=https"), ("X-Forwarded-Proto", "http")],
        [("Forwarded", f"for={CLIENT} rubbish")],
        [("Forwarded", 'for="' + "\\" * 100)],
        [("X-Forwarded-For", f"{CLIENT}, rubbish")],
        [("X-Forwarded-For", "<script>")],
        [("X-Forwarded-For", ", ".join([CLIENT] * 65))],
    ],
)
def test_what_a_proxy_must_not_let_through_is_refused(headers: Headers) -> None:
    with pytest.raises(RequestError) as refused:
        client(ONE, PROXY, *headers)
    assert (refused.value.status, refused.value.code) == (400, "bad-request")
    assert "script" not in refused.value.message
    assert STRANGER not in refused.value.message


@given(
    st.sampled_from(["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Proto"]),
    st.text(st.characters(max_codepoint=0x2FF), max_size=60)
    | st.text('for="[;=,:.1]\\ _', max_size=30),
)
def test_any_text_gives_an_address_or_is_refused(name: str, value: str) -> None:
    try:
        found = client(ONE, PROXY, (name, value))
    except RequestError:
        return
    ipaddress.ip_address(found.address)
    assert found.scheme in {"http", "https"}


def user(peer: str, *headers: tuple[str, str], groups: str = "") -> ProxyUser | None:
    return ONE.user(peer, CIMultiDict(headers), "X-Forwarded-User", groups)


def test_only_a_trusted_proxy_logs_somebody_in() -> None:
    anna = ("X-Forwarded-User", "anna@example.com")
    assert user(PROXY, anna) == ProxyUser("anna@example.com")
    assert user(STRANGER, anna) is None
    assert user("", anna) is None
    assert user(PROXY) is None
    assert user(PROXY, ("X-Forwarded-User", "  ")) is None
    assert user(PROXY, ("X-Forwarded_User", "anna")) is None


def test_groups_are_a_list_of_one_header() -> None:
    anna, groups = ("X-Forwarded-User", "anna"), ("X-Forwarded-Groups", "admins, ,staff")
    named = user(PROXY, anna, groups, groups="X-Forwarded-Groups")
    assert named == ProxyUser("anna", frozenset({"admins", "staff"}))
    assert user(PROXY, anna, groups) == ProxyUser("anna")
    for two in ([anna, anna], [anna, ("x-forwarded-user", "root")], [anna, groups, groups]):
        with pytest.raises(RequestError, match="two values"):
            user(PROXY, *two, groups="X-Forwarded-Groups")


@pytest.mark.parametrize("name", ["a" * 201, "an\0na", "an\u202ena", "an\udcffna", "an\tna"])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(RequestError, match="no name"):
        user(PROXY, ("X-Forwarded-User", name))


@pytest.mark.parametrize("value", ["0.0.0.0/0", "::/0", "10.0.0.1/8", "proxy.local", "", "10.0.0"])
def test_a_network_that_cannot_be_trusted_is_no_setting(value: str) -> None:
    with pytest.raises(ValueError, match=r"it must be|not everybody"):
        parse_network(value)
