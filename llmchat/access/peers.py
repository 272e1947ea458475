"""The user of this machine at the other end of a loopback connection, where Linux tells it.

Listening on loopback keeps other machines out, but not other people of this one. The kernel tells
the owner of each socket, by sock_diag(7) or in /proc/net/tcp and tcp6; so a person who owns the
server's process needs no login, and everybody else does (SECURITY.md, D8).

A wrong answer would let somebody in, so in doubt there is none: in a container, connections come
through helpers that run as another user than who is behind them.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from llmchat.access import sock_diag

NET: Final = Path("/proc/net")
SELF: Final = Path("/proc/self")
# PROC_PID_INIT_INO and PROC_USER_INIT_INO of include/linux/proc_ns.h, the same on all machines.
_FIRST_NAMESPACES: Final = {"pid": "pid:[4026531836]", "user": "user:[4026531837]"}
_ROOT: Final = 0


def can_be_known(proc: Path = SELF) -> bool:
    """Whether a user id that is found here says who it is: on Linux, outside of containers."""
    try:
        return sys.platform == "linux" and all(
            (proc / "ns" / kind).readlink() == Path(first)
            for kind, first in _FIRST_NAMESPACES.items()
        )
    except OSError:
        return False


def is_own(user: int | None) -> bool:
    """Whether a user may do all that this process may: its own, or root."""
    return user is not None and os.name == "posix" and user in {os.geteuid(), _ROOT}


async def user_of(peer: object, own: object) -> int | None:
    """The user id of the socket at `peer`, which is connected to `own`: both as asyncio has them
    (`peername`, `sockname`). None if it cannot be known. It holds for the whole connection.
    """
    there, here = _place(peer), _place(own)
    if sys.platform != "linux" or there is None or here is None:
        return None
    with suppress(OSError):
        if (owner := sock_diag.find(there.end, here.end)) is not None:
            return owner.user if owner.inode else None
        if sock_diag.find(here.end, there.end) is not None:
            return None  # our own end is found, so the other one is really gone
    return await asyncio.to_thread(listed_user, there, here)


def listed_user(there: Place, here: Place, net: Path = NET) -> int | None:
    """The same by the tables of all sockets, where the kernel cannot be asked for one. Blocks."""
    # Twice: the kernel can skip a line if another socket goes while it writes the table.
    for name, ends in (*_ends(there, here), *_ends(there, here)):
        line = _line(net / name, ends)
        if line is not None:
            return _owner(line)
    return None


class Place(NamedTuple):
    """A port of an address of loopback; IPv4 stands as IPv6 writes it."""

    ip: ipaddress.IPv6Address
    port: int

    @property
    def end(self) -> tuple[sock_diag.IP, int]:
        return self.ip.ipv4_mapped or self.ip, self.port

    def __str__(self) -> str:
        """Words of four bytes in the order of this machine, and the port: net/ipv6/tcp_ipv6.c."""
        packed = self.ip.packed
        words = (int.from_bytes(packed[i : i + 4], sys.byteorder) for i in range(0, 16, 4))
        return "".join(f"{word:08X}" for word in words) + f":{self.port:04X}"


def _place(name: object) -> Place | None:
    match name:
        case (str(host), int(port), *_) if 0 < port < 65536:
            try:
                ip = ipaddress.ip_address(host.partition("%")[0])
            except ValueError:
                return None
            if isinstance(ip, ipaddress.IPv4Address):
                ip = ipaddress.IPv6Address(f"::ffff:{ip}")
            return Place(ip, port) if (ip.ipv4_mapped or ip).is_loopback else None
        case _:
            return None


def _ends(there: Place, here: Place) -> Iterator[tuple[str, bytes]]:
    """The tables that can have the peer's socket, and how it stands there."""
    if there.ip.ipv4_mapped is not None and here.ip.ipv4_mapped is not None:
        yield "tcp", f" {str(there)[24:]} {str(here)[24:]} ".encode()
    yield "tcp6", f" {there} {here} ".encode()


def _line(path: Path, ends: bytes) -> list[bytes] | None:
    try:
        table = path.read_bytes()
    except OSError:
        return None
    start = table.find(ends)
    return table[start : table.find(b"\n", start)].split() if start >= 0 else None


def _owner(line: list[bytes]) -> int | None:
    """From: local, remote, state, queues, timer, retransmits, user, timeout, inode.

    A socket that nobody holds any more is listed as root's, with no inode: who asks and leaves at
    once must not be taken for root.
    """
    try:
        user, inode = int(line[6]), int(line[8])
    except (IndexError, ValueError):
        return None
    return user if inode != 0 else None
