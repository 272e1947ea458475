"""What a proxy in front of llmchat says of who asks: believed of proxies that are set, only.

Anybody can send `X-Forwarded-For`. It counts if the peer of the connection is one of the trusted
networks; then the last entry is what that proxy has seen, and the one before it counts if that was
a trusted proxy, too, for as many hops as are set. All that stands further left came with the
request (SECURITY.md, 2.2).
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from multidict import MultiMapping

from llmchat.domain.errors import RequestError
from llmchat.domain.networks import Network

IP: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

# Any of these: somebody stands between the peer and who asks.
_SIGNS: Final = (
    *("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"),
    *("Via", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP"),
)
_SCHEMES: Final = frozenset({"http", "https"})
_MOST_ENTRIES: Final = 64
_LONGEST_NAME: Final = 200
_ADDRESS: Final = re.compile(
    r"\[(?P<v6>[0-9A-Fa-f:.]+)\](?::\d+)?|(?P<v4>[\d.]+)(?::\d+)?", re.ASCII
)
# RFC 7239, 4: name=token or name="quoted", separated by semicolons.
_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PAIR: Final = re.compile(rf'\s*({_WORD})=(?:({_WORD})|"([^"\\]*)")\s*(?:;|$)', re.ASCII)


def is_forwarded(headers: MultiMapping[str]) -> bool:
    """Whether a request says that it comes through somebody, who lets others in too."""
    return any(sign in headers for sign in _SIGNS)


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks. `address` is empty on a socket without addresses; `scheme` is what the browser
    uses. `forwarded`: the peer of the connection is not who asks, be it believed or not.
    """

    address: str
    scheme: str
    forwarded: bool


@dataclass(frozen=True, slots=True)
class ProxyUser:
    """Whom a trusted proxy has logged in."""

    name: str
    groups: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Proxies:
    """`hops` is how many of them stand one behind the other at most."""

    networks: tuple[Network, ...] = ()
    hops: int = 1

    def trusts(self, peer: str) -> bool:
        """Whether an address is one of a trusted proxy."""
        ip = _ip(peer.partition("%")[0])
        return ip is not None and any(ip in network for network in self.networks)

    def client(self, peer: str, scheme: str, headers: MultiMapping[str]) -> Client:
        """Who asks, by the peer of the connection and what it sends. 400 where a trusted proxy
        lets through what contradicts itself, or what cannot be read.
        """
        forwarded = is_forwarded(headers)
        if not forwarded or not self.trusts(peer):
            return Client(_plain(peer), scheme, forwarded)
        address, named = _plain(peer), ""
        for entry in reversed(_entries(headers, self.hops)):
            named = entry.scheme
            if entry.address is None:
                break
            address = entry.address
            if not self.trusts(address):
                break
        return Client(address, _scheme(headers, named) or scheme, forwarded=True)

    def user(
        self, peer: str, headers: MultiMapping[str], name: str, groups: str = ""
    ) -> ProxyUser | None:
        """Whom a trusted proxy names in the header `name`, with their groups in another one; None
        if it names nobody, or if the peer is not trusted. 400 for two, or for no possible name.
        """
        if not self.trusts(peer):
            return None
        given = _single(headers, name)
        if not given:
            return None
        if not _is_name(given):
            raise _refused(f"{name} has no name that can be used.")
        listed = (_single(headers, groups) or "").split(",") if groups else []
        return ProxyUser(given, frozenset(one.strip() for one in listed if one.strip()))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One hop: `address` is None where the proxy does not tell it."""

    address: str | None
    scheme: str = ""


def _entries(headers: MultiMapping[str], hops: int) -> list[_Entry]:
    """The hops that can count, the nearest last. A proxy writes some of these headers and lets the
    others through as they came, so that two which differ say nothing.
    """
    listed = [_Entry(_address(part)) for part in _parts(headers, "X-Forwarded-For", hops)]
    described = _of_forwarded(headers, hops)
    if listed and described and listed[-1].address != described[-1].address:
        raise _refused("X-Forwarded-For and Forwarded name different addresses.")
    entries = described or listed
    if alone := _single(headers, "X-Real-IP"):
        real = _Entry(_address(alone))
        if entries and real.address not in {entry.address for entry in entries}:
            raise _refused("X-Real-IP names another address than the other headers.")
        entries = entries or [real]
    return entries


def _of_forwarded(headers: MultiMapping[str], hops: int) -> list[_Entry]:
    entries = []
    for part in _parts(headers, "Forwarded", hops):
        pairs = dict(_pairs(part))
        known = pairs.get("for")
        entries.append(_Entry(_address(known) if known else None, pairs.get("proto", "").lower()))
    return entries


def _pairs(part: str) -> Iterator[tuple[str, str]]:
    place, seen = 0, set()
    while place < len(part):
        match = _PAIR.match(part, place)
        if match is None or (name := match[1].lower()) in seen:
            raise _refused("Forwarded cannot be read.")
        seen.add(name)
        yield name, match[2] or match[3] or ""
        place = match.end()


def _parts(headers: MultiMapping[str], name: str, hops: int) -> list[str]:
    """The last entries of a list. None that can be read has a comma, so quotes need no regard."""
    parts = [part.strip() for line in headers.getall(name, []) for part in line.split(",")]
    if len(parts) > _MOST_ENTRIES:
        raise _refused(f"{name} has too many entries.")
    return [part for part in parts if part][-hops:]


def _single(headers: MultiMapping[str], name: str) -> str | None:
    values = headers.getall(name, [])
    if len(values) > 1:
        raise _refused(f"There are two values of {name}.")
    return values[0].strip() if values else None


def _scheme(headers: MultiMapping[str], named: str) -> str:
    """`named` is that of `Forwarded`; there is one for all hops in the other header."""
    given = (_single(headers, "X-Forwarded-Proto") or "").lower()
    if len({scheme for scheme in (given, named) if scheme}) > 1:
        raise _refused("The headers of the proxy name two different schemes.")
    scheme = given or named
    if scheme and scheme not in _SCHEMES:
        raise _refused("X-Forwarded-Proto must be http or https.")
    return scheme


def _address(text: str) -> str | None:
    """An address without its port; None for `unknown` and for `_hidden` names (RFC 7239, 6)."""
    if text.lower() == "unknown" or text.startswith("_"):
        return None
    match = _ADDRESS.fullmatch(text)
    ip = _ip((match["v6"] or match["v4"]) if match else text)
    if ip is None:
        raise _refused("The headers of the proxy have no address where one is due.")
    return str(ip)


def _ip(text: str) -> IP | None:
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return None
    return ip.ipv4_mapped or ip if isinstance(ip, ipaddress.IPv6Address) else ip


def _plain(peer: str) -> str:
    ip = _ip(peer.partition("%")[0])
    return peer if ip is None else str(ip)


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and not any(
        unicodedata.category(char)[0] == "C" for char in text
    )


def _refused(message: str) -> RequestError:
    return RequestError(message, code="bad-request", status=400)
