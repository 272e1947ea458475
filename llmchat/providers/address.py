"""Where an endpoint is: on this machine, in this network, or beyond; and the way there."""

from __future__ import annotations

import ipaddress
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

from llmchat.domain.endpoint import AUTO, DIRECT

# Names that no public resolver knows (RFC 6762, RFC 8375, RFC 6761, ICANN's "internal").
_PRIVATE_SUFFIXES = (".local", ".localhost", ".lan", ".internal", ".home.arpa", ".intranet")


@dataclass(frozen=True, slots=True)
class Address:
    """`origin` is the scheme, host and port, as a person would type them."""

    origin: str
    host: str
    port: int
    is_loopback: bool
    is_private: bool

    @classmethod
    def of(cls, url: str) -> Address:
        """The address of a base URL."""
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return cls(
            origin=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            host=host,
            port=port,
            is_loopback=_is_loopback(host),
            is_private=_is_private(host),
        )

    def proxy(self, chosen: str = AUTO) -> str | None:
        """The proxy to go by: the one that was chosen for the endpoint, or the one that the
        environment wants for it; of its own accord never one for a private address.

        llama_index#13526, ollama-python#424: a company's proxy variable made local models
        unreachable.
        """
        if chosen != AUTO:
            return None if chosen == DIRECT else chosen
        if self.is_private or urllib.request.proxy_bypass(f"{self.host}:{self.port}"):
            return None
        known = urllib.request.getproxies()
        proxy = known.get(self.origin.partition("://")[0]) or known.get("all") or None
        # `host:port` alone is common in these variables.
        return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _is_loopback(host: str) -> bool:
    address = _ip(host)
    if address is None:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback


def _is_private(host: str) -> bool:
    address = _ip(host)
    if address is None:
        # A name without a dot is one of this machine, this network or this compose file.
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES)
    return address.is_private or address.is_link_local or address.is_loopback
