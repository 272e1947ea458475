"""Which addresses an endpoint may be at, when it was not set up by who owns this machine.

The rule is for the address that a socket connects to, not for a name: a name can point elsewhere
a moment later (SECURITY.md, 2.4).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TypeAlias

IP: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where clouds tell a machine its own secrets. The usual one, 169.254.169.254, is link-local.
_METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200")))
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Guard:
    """`own_port` is ours: we are no endpoint of our own. `public`: this machine and its network
    are out of bounds too, as for people who do not administer it.
    """

    own_port: int = 0
    public: bool = False

    def why_not(self, address: str, port: int) -> str | None:
        """Why a socket may not be connected to an IP address; None if it may."""
        ip = unwrapped(address)
        if ip.is_link_local or ip in _METADATA:
            return "a link-local or metadata address"
        if ip.is_multicast or ip.is_unspecified or ip in _THIS_NETWORK or int(ip) == 2**32 - 1:
            return "no address of one machine"
        if ip.is_loopback and port == self.own_port:
            return "the address of llmchat itself"
        if self.public and not ip.is_global:
            return "an address of this machine or its network"
        return None


def unwrapped(address: str) -> IP:
    """An IP address; of an IPv4 address in one of the shapes of IPv6, that. Raises ValueError."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
    if inner is None and ip in _NAT64:
        inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return inner or ip
