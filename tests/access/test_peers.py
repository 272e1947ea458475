"""T-PEER: whose socket is at the other end, with real processes of other users."""

from __future__ import annotations

import ipaddress
import os
import pwd
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address
from pathlib import Path

import pytest

from llmchat.access import peers, sock_diag
from llmchat.access.peers import Place, listed_owner, user_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
NOBODY = pwd.getpwnam("nobody").pw_uid if sys.platform == "linux" else 0

# Connects as another user, says so, and does what it is told: stay, close, or end its side.
CLIENT = """
import os, socket, sys
family, host, port, user = sys.argv[1:]
if int(user) != os.getuid():
    os.setuid(int(user))
to = socket.socket(getattr(socket, family))
to.connect((host, int(port)))
print(flush=True)
for line in sys.stdin:
    {"close": to.close, "end": lambda: to.shutdown(socket.SHUT_WR)}[line.strip()]()
    print(flush=True)
"""
WAYS = [
    pytest.param("AF_INET", "127.0.0.1", "AF_INET", "127.0.0.1", id="IPv4"),
    pytest.param("AF_INET", "127.0.0.5", "AF_INET", "127.0.0.5", id="all of 127"),
    pytest.param("AF_INET6", "::1", "AF_INET6", "::1", id="IPv6"),
    pytest.param("AF_INET6", "::", "AF_INET", "127.0.0.1", id="IPv4 to both"),
    pytest.param("AF_INET6", "::", "AF_INET6", "::ffff:127.0.0.1", id="IPv4 out of IPv6"),
]


def listed_user(there: Place, here: Place, net: Path = peers.NET) -> int | None:
    """Who holds a socket by the tables."""
    owner = listed_owner(there, here, net)
    return owner.user if owner is not None and owner.inode else None


class Client:
    def __init__(self, process: subprocess.Popen[str], sock: socket.socket) -> None:
        self.process = process
        self.names = (sock.getpeername(), sock.getsockname())
        self.sock = sock

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "\n"


@contextmanager
def connected(
    user: int, bound: str = "AF_INET", at: str = "127.0.0.1", family: str = "AF_INET", to: str = ""
) -> Iterator[Client]:
    with socket.socket(getattr(socket, bound)) as listener:
        if bound == "AF_INET6":
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((at, 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        command = [sys.executable, "-c", CLIENT, family, to or at, port, str(user)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "\n"
            sock, _ = listener.accept()
            with sock:
                yield Client(process, sock)
            process.communicate()


async def both(client: Client) -> tuple[int | None, int | None]:
    """Who the kernel says it is, asked and listed."""
    there, here = (peers._place(name) for name in client.names)
    assert there is not None
    assert here is not None
    return await user_of(*client.names), listed_user(there, here)


@pytest.mark.parametrize(("bound", "at", "family", "to"), WAYS)
async def test_the_user_of_a_peer_is_told(bound: str, at: str, family: str, to: str) -> None:
    with connected(os.getuid(), bound, at, family, to) as client:
        assert await both(client) == (os.getuid(),) * 2


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize(("bound", "at", "family", "to"), WAYS)
async def test_another_user_is_told_apart(bound: str, at: str, family: str, to: str) -> None:
    with connected(NOBODY, bound, at, family, to) as client:
        assert await both(client) == (NOBODY, NOBODY)
        assert not peers.is_own(NOBODY)


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can be another user")
async def test_who_asks_and_leaves_is_not_taken_for_root() -> None:
    """The kernel lists a socket that nobody holds as one of user 0."""
    with connected(NOBODY) as client:
        client.tell("end")
        assert await both(client) == (NOBODY, NOBODY)
        client.tell("close")
        assert client.sock.recv(1) == b""
        assert await both(client) == (None, None)


async def test_a_server_at_the_same_address_is_not_taken_for_who_left() -> None:
    """Where there is no connection, the kernel tells who listens."""
    with connected(os.getuid()) as client, socket.socket() as listener:
        client.sock.close()
        client.tell("close")
        (host, port), own = client.names
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
        end = ipaddress.ip_address(host), port
        assert sock_diag.find(end, (ipaddress.ip_address(own[0]), own[1])) is None
        assert await both(client) == (None, None)


async def test_the_tables_are_read_where_the_kernel_may_not_be_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in a sandbox without netlink."""
    monkeypatch.setattr(socket, "AF_NETLINK", 9999)
    with connected(os.getuid()) as client:
        assert await user_of(*client.names) == os.getuid()


async def test_a_peer_that_has_gone_is_not_known() -> None:
    with connected(os.getuid()) as client:
        pass
    assert await user_of(*client.names) is None


@pytest.mark.parametrize(
    ("peer", "own"),
    [
        (None, None),
        ("", ""),
        (("127.0.0.1", 1), None),
        (("10.0.0.1", 40000), ("10.0.0.2", 8000)),
        (("2001:db8::1", 1, 0, 0), ("::1", 2, 0, 0)),
        (("fe80::1%eth0", 1, 0, 2), ("::1", 2, 0, 0)),
        (("localhost", 1), ("127.0.0.1", 2)),
        (("127.0.0.1", 1), ("::1", 2, 0, 0)),
        (("127.0.0.1", 70000), ("127.0.0.1", -1)),
    ],
)
async def test_what_is_no_connection_of_loopback_has_no_user(peer: object, own: object) -> None:
    assert await user_of(peer, own) is None


HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"


@pytest.mark.skipif(sys.byteorder != "little", reason="written as on a little-endian machine")
@pytest.mark.parametrize(
    ("table", "user"),
    [
        (" 7: 0100007F:9C40 0100007F:1F40 01 0:0 00:0 0 1000 0 4242 1\n", 1000),
        (" 7: 0100007F:1F40 0100007F:9C40 01 0:0 00:0 0 1000 0 4242 1\n", None),  # our own end
        (" 7: 0100007F:9C40 0100007F:1F40 06 0:0 03:0 0 0 0 0 3\n", None),  # TIME_WAIT
        (" 7: 0100007F:9C40 0100007F:1F40 01 0:0", None),
        (" 7: 0100007F:9C40 0100007F:1F40 01 0:0 00:0 0 x 0 y 1\n", None),
        ("", None),
        (None, None),
    ],
)
def test_a_table_that_is_cut_or_not_there_is_no_mistake(
    tmp_path: Path, table: str | None, user: int | None
) -> None:
    if table is not None:
        (tmp_path / "tcp").write_text(HEAD + table)
    there, here = (Place(IPv6Address("::ffff:127.0.0.1"), port) for port in (40000, 8000))
    assert listed_user(there, here, tmp_path) == user


@pytest.mark.parametrize(
    ("pid", "user", "contained"),
    [
        ("pid:[4026531836]", "user:[4026531837]", False),
        ("pid:[4026532801]", "user:[4026531837]", True),
        ("pid:[4026531836]", "user:[4026532801]", True),
        ("pid:[4026531836]", None, True),
    ],
)
def test_a_container_is_told_by_its_namespaces(
    tmp_path: Path, pid: str, user: str | None, contained: bool
) -> None:
    (tmp_path / "ns").mkdir()
    (tmp_path / "ns" / "pid").symlink_to(pid)
    if user is not None:
        (tmp_path / "ns" / "user").symlink_to(user)
    assert peers.is_in_container(tmp_path) is contained


# Inside: a server that tells the user of each of its peers, and a first peer of its own.
INSIDE = """
import asyncio, socket, sys
from llmchat.access.peers import user_of

async def main():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    own = socket.create_connection(listener.getsockname())
    for _ in range(2):
        sock, _ = listener.accept()
        print(await user_of(sock.getpeername(), sock.getsockname()), flush=True)

asyncio.run(main())
"""


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can make namespaces")
def test_in_a_container_a_peer_counts_that_can_be_seen_there_and_no_helper_from_outside() -> None:
    command = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", INSIDE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        assert process.stdout.readline() == "0\n"
        with socket.create_connection(("127.0.0.1", port)):  # root, too, but not of the container
            assert process.stdout.readline() == "None\n"
    assert process.returncode == 0


def test_only_the_own_user_and_root_are_let_in() -> None:
    assert peers.is_own(os.geteuid())
    assert peers.is_own(0)
    assert not peers.is_own(os.geteuid() + 4711)
    assert not peers.is_own(None)
