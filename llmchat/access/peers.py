"""The user of this machine at the other end of a loopback connection, where Linux tells it.

Listening on loopback keeps other machines out, but not other people of this one. The kernel tells
the owner of each socket, by sock_diag(7) or in /proc/net/tcp and tcp6; so a person who owns the
server's process needs no login, and everybody else does (SECURITY.md, D8).

A wrong answer would let somebody in, so in doubt there is none. In a container, what comes through
a published port can end in a helper that stands outside, and connects by loopback as root: rootless
Podman has such. There a peer counts only if a process that can be seen inside holds its socket.
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
from llmchat.access.sock_diag import Owner

NET: Final = Path("/proc/net")
SELF: Final = Path("/proc/self")
PROCESSES: Final = Path("/proc")
# PROC_PID_INIT_INO and PROC_USER_INIT_INO of include/linux/proc_ns.h, the same on all machines.
_FIRST_NAMESPACES: Final = {"pid": "pid:[4026531836]", "user": "user:[4026531837]"}
_ROOT: Final = 0


def can_be_known() -> bool:
    """Whether this is a system that tells."""
    return sys.platform == "linux"


def is_in_container(proc: Path = SELF) -> bool:
    """Whether processes or users here are not all that there are, or that cannot be known."""
    try:
        return any(
            (proc / "ns" / kind).readlink() != Path(first)
            for kind, first in _FIRST_NAMESPACES.items()
        )
    except OSError:
        return True


def is_own(user: int | None) -> bool:
    """Whether a user may do all that this process may: its own, or root."""
    return user is not None and os.name == "posix" and user in {os.geteuid(), _ROOT}


async def user_of(peer: object, own: object) -> int | None:
    """The user id of the socket at `peer`, which is connected to `own`: both as asyncio has them
    (`peername`, `sockname`). None if it cannot be known. It holds for the whole connection.
    """
    there, here = _place(peer), _place(own)
    if not can_be_known() or there is None or here is None:
        return None
    owner = await _owner_of(there, here)
    # A socket that nobody holds any more is told as root's, with no inode: who asks and leaves at
    # once must not be taken for root.
    if owner is None or owner.inode == 0:
        return None
    if is_in_container() and not await asyncio.to_thread(is_held_here, owner.inode):
        return None
    return owner.user


async def _owner_of(there: Place, here: Place) -> Owner | None:
    with suppress(OSError):
        if (owner := sock_diag.find(there.end, here.end)) is not None:
            return owner
        if sock_diag.find(here.end, there.end) is not None:
            return None  # our own end is found, so the other one is really gone
    return await asyncio.to_thread(listed_owner, there, here)


def is_held_here(inode: int, processes: Path = PROCESSES) -> bool:
    """Whether a process that can be seen from here has a socket open. Blocks."""
    wanted = Path(f"socket:[{inode}]")
    for process in processes.glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is another user's
            for one in (process / "fd").iterdir():
                with suppress(OSError):
                    if one.readlink() == wanted:
                        return True
    return False


def listed_owner(there: Place, here: Place, net: Path = NET) -> Owner | None:
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


def _owner(line: list[bytes]) -> Owner | None:
    """From: local, remote, state, queues, timer, retransmits, user, timeout, inode."""
    try:
        return Owner(user=int(line[6]), inode=int(line[8]))
    except (IndexError, ValueError):
        return None
