"""T-SIZE: row 69 of SECURITY.md section 5: who sends slowly, much at once, or nothing at all takes
nothing from the others. How long these have waited is counted, for docs/security.md.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.raw_http import connect, read_head, read_reply, request_bytes
from tests.security.conftest import Tell
from tests.security.program import PARSERS, Target, run

SLOW = 50
PIPELINED = 33
CONNECTIONS = 1000
CAP = 900  # the default of LLMCHAT_MAX_CONNECTIONS


@pytest.fixture(params=PARSERS)
def parser(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def target(parser: str, tmp_path: Path) -> Iterator[Target]:
    with run(tmp_path / "data", parser=parser) as running:
        yield running


def readable(connections: list[socket.socket]) -> list[socket.socket]:
    """Those that the server has said something on, or has closed."""
    poll = select.poll()
    for one in connections:
        poll.register(one, select.POLLIN)
    known = {one.fileno(): one for one in connections}
    return [known[number] for number, _ in poll.poll(0)]


def waited(target: Target, times: int = 20) -> list[float]:
    """The milliseconds that a good client waits for its answers, each on a new connection."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        assert target.call("GET", "/health/live").status == 200
        found.append((time.perf_counter() - began) * 1000)
    return sorted(found)


def test_many_who_do_nothing_keep_nobody_waiting(target: Target, parser: str, tell: Tell) -> None:
    good = request_bytes("GET", "/health/live", port=target.port)
    shown = [f"alone {told(waited(target))}"]
    with ExitStack() as stack:
        slow = [stack.enter_context(closing(connect(target.port))) for _ in range(SLOW)]
        for one in slow:
            one.sendall(b"POST /chat HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")
        shown.append(f"beside {SLOW} slow heads {told(waited(target))}")
        assert readable(slow) == []  # their patience lasts: the good one was not behind them
    with ExitStack() as stack:
        shown.append(f"beside {PIPELINED} at once {told(in_a_row(target))}")
        idle = [stack.enter_context(closing(connect(target.port)))]
        idle[0].sendall(good)
        assert read_reply(idle[0]).status == 200
        idle += [stack.enter_context(closing(connect(target.port))) for _ in range(CONNECTIONS - 1)]
        refused: list[socket.socket] = []
        while len(refused) < CONNECTIONS - CAP:
            refused = readable(idle)
        assert len(refused) == CONNECTIONS - CAP
        for one in refused:
            head, _ = read_head(one)
            assert head.startswith(b"HTTP/1.1 503 ")
            assert b"Retry-After: " in head
        times = []
        for _ in range(20):  # on the connection that it has
            began = time.perf_counter()
            idle[0].sendall(good)
            assert read_reply(idle[0]).status == 200
            times.append((time.perf_counter() - began) * 1000)
        shown.append(f"beside {CAP} idle connections {told(sorted(times))}")
    while not is_served(target):  # the ends of so many connections are still being read
        pass
    target.check()
    tell(f"{parser} parser, milliseconds for a good client (median/longest): {', '.join(shown)}")


def is_served(target: Target) -> bool:
    """Whether there is room for one more connection."""
    with closing(connect(target.port)) as one:
        one.sendall(request_bytes("GET", "/health/live", port=target.port))
        head, _ = read_head(one)
    return head.startswith(b"HTTP/1.1 200 ")


def in_a_row(target: Target) -> list[float]:
    """Requests that come at once are answered in their order, while another client is."""
    targets = [("/health/live", 200), ("/stream/unknown", 404), ("/nothing", 404)]
    wanted = [targets[number % 3] for number in range(PIPELINED)]
    with closing(connect(target.port)) as one:
        one.sendall(b"".join(request_bytes("GET", path, port=target.port) for path, _ in wanted))
        times = waited(target)
        rest = b""
        for _, status in wanted:
            head, rest = take(one, rest)
            assert head.startswith(f"HTTP/1.1 {status} ".encode())
    return times


def take(connection: socket.socket, data: bytes) -> tuple[bytes, bytes]:
    """The next head of a connection without its body, and what was read beyond it."""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, rest = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(rest) < length:
        rest += connection.recv(65536)
    return head, rest[length:]


def told(times: list[float]) -> str:
    return f"{times[len(times) // 2]:.1f}/{times[-1]:.1f}"
