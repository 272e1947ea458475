"""Who may ask: the rules about Host and Origin, one by one."""

from __future__ import annotations

import asyncio

import pytest

from llmchat.domain.errors import RequestError
from llmchat.server.assets import Assets
from llmchat.server.guard import check_host
from tests.raw_http import exchange, request_bytes
from tests.server.jobs import ScriptedJobs
from tests.server.site import serve

NAMES = frozenset({"localhost", "chat.example"})
HOSTS = [
    "localhost",
    "LocalHost:8000",
    "chat.example",
    "127.0.0.1",
    "127.8.9.10:1",
    "10.0.0.1:65535",
    "172.16.3.4",
    "192.168.178.20:8000",
    "[::1]",
    "[::1]:8000",
    "[fd00::1]",
    "[::ffff:127.0.0.1]",
]
WRONG_HOSTS = [
    "",
    "evil.example",
    "evil.chat.example",
    "chat.example.evil",
    "localhost.",
    "localhost.evil.example",
    "8.8.8.8",
    "[2001:4860:4860::8888]",
    "127.1",
    "2130706433",
    "0x7f.1",
    "127。0。0。1",
    "127.0.0.1:",
    "127.0.0.1:65536",
    "127.0.0.1:-1",
    "127.0.0.1:1:2",
    "127.0.0.1/",
    "user@127.0.0.1",
    " 127.0.0.1",
    "127.0.0.1\n",
    "[::1",
    "::1",
    "[::1%lo]",
    "[localhost]",
    "١٢٧.0.0.1",
]


@pytest.mark.parametrize("host", HOSTS)
def test_addresses_of_this_network_and_allowed_names_pass(host: str) -> None:
    check_host([host], NAMES)


@pytest.mark.parametrize("host", WRONG_HOSTS)
def test_every_other_host_is_misdirected(host: str) -> None:
    with pytest.raises(RequestError) as caught:
        check_host([host], NAMES)
    assert caught.value.status == 421


def test_the_address_that_a_request_has_come_to_is_one_of_this_machine() -> None:
    check_host(["203.0.113.9:8000"], NAMES, "203.0.113.9")
    check_host(["[2001:db8:1::9]"], NAMES, "2001:db8:1::9")
    with pytest.raises(RequestError):
        check_host(["8.8.8.8"], NAMES, "203.0.113.9")


def test_there_is_exactly_one_host() -> None:
    for hosts in ([], ["localhost", "localhost"]):
        with pytest.raises(RequestError):
            check_host(hosts, NAMES)


SENDERS: list[tuple[str, str, dict[str, str], int]] = [
    # typed, own page, link from elsewhere, other port, other site, rebinding
    ("GET", "/", {"Sec-Fetch-Site": "none"}, 200),
    ("GET", "/models", {"Sec-Fetch-Site": "none"}, 200),
    ("GET", "/models", {"Sec-Fetch-Site": "same-origin"}, 200),
    ("HEAD", "/models", {"Sec-Fetch-Site": "same-origin"}, 200),
    ("GET", "/?q=x", {"Sec-Fetch-Site": "cross-site"}, 200),
    ("GET", "/", {"Origin": "https://evil.example"}, 200),
    ("GET", "/models", {"Sec-Fetch-Site": "same-site"}, 403),
    ("GET", "/models", {"Sec-Fetch-Site": "cross-site"}, 403),
    ("GET", "/models", {"Sec-Fetch-Site": "whatever"}, 403),
    ("GET", "/health/live", {"Sec-Fetch-Site": "cross-site"}, 403),
    ("DELETE", "/chat/x", {"Sec-Fetch-Site": "none"}, 403),
    ("DELETE", "/chat/x", {"Sec-Fetch-Site": "same-origin"}, 404),
    ("DELETE", "/chat/x", {}, 404),
    ("POST", "/", {"Sec-Fetch-Site": "cross-site"}, 403),
    ("GET", "/models", {"Origin": "null"}, 403),
    ("GET", "/models", {"Origin": "http://localhost:1"}, 403),
    ("GET", "/models", {"Origin": "https://OWN"}, 403),
    ("GET", "/models", {"Origin": "http://OWN"}, 200),
    ("GET", "/models", {"Origin": "https://OWN", "X-Forwarded-Proto": "https"}, 200),
    ("GET", "/models", {"Origin": "http://OWN", "X-Forwarded-Proto": "https"}, 403),
    ("GET", "/models", {"Origin": "https://evil.example", "X-Forwarded-Proto": "https"}, 403),
    ("GET", "/models", {"Origin": "https://OWN", "X-Forwarded-Host": "OWN"}, 403),
    ("GET", "/models", {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
    ("OPTIONS", "/chat", {"Origin": "http://evil.example"}, 403),
    ("OPTIONS", "/chat", {}, 405),
]


async def test_pages_of_other_sites_get_nothing_but_the_page_itself(assets: Assets) -> None:
    # Who comes by a proxy has to sign in otherwise, whatever the proxy says of the address.
    async with serve(ScriptedJobs(), assets, access={"auth": "none"}) as (port, _):
        for method, target, headers, status in SENDERS:
            own = {
                name: value.replace("OWN", f"127.0.0.1:{port}") for name, value in headers.items()
            }
            request = request_bytes(method, target, port=port, headers=own)
            reply = await asyncio.to_thread(exchange, port, request)
            assert (method, target, headers, reply.status) == (method, target, headers, status)
            assert not [name for name in reply.headers if name.startswith("access-control")]


async def test_a_name_is_allowed_by_the_settings(assets: Assets) -> None:
    async with serve(ScriptedJobs(), assets, allowed_hosts=("chat.example",)) as (port, _):
        for name, status in (("chat.example:443", 200), ("other.example", 421)):
            request = request_bytes("GET", "/", port=port, headers={"Host": name})
            assert (await asyncio.to_thread(exchange, port, request)).status == status
