"""Networks as a setting names them."""

from __future__ import annotations

import ipaddress
from typing import TypeAlias

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_network(value: str) -> Network:
    """`10.0.0.0/8`, `::1`; ValueError with the reason for anything else, or for all addresses."""
    try:
        network = ipaddress.ip_network(value.strip())
    except ValueError:
        raise ValueError("it must be addresses or networks like 10.0.0.0/8, ::1") from None
    if network.prefixlen == 0:
        raise ValueError("not everybody can be a trusted proxy")
    return network
