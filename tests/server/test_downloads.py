"""What is sent while it is made, and what becomes of it when nobody reads on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator

import pytest

from llmchat.server.downloads import disposition, in_thread


async def test_items_come_one_after_the_other() -> None:
    def items() -> Generator[int, None, None]:
        yield from range(3)

    assert [item async for item in in_thread(items())] == [0, 1, 2]


async def test_an_error_comes_out() -> None:
    def items() -> Generator[int, None, None]:
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        _ = [item async for item in in_thread(items())]


async def test_who_gives_up_in_the_middle_of_a_step_lets_it_end_and_close() -> None:
    begun, go_on, closed = asyncio.Event(), threading.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def items() -> Generator[int, None, None]:
        try:
            loop.call_soon_threadsafe(begun.set)
            go_on.wait()
            yield 1
        finally:
            closed.set()

    async def read() -> None:
        async for _ in in_thread(items()):
            raise AssertionError("nothing is read any more")

    reader = asyncio.create_task(read())
    await begun.wait()
    reader.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert closed.is_set()


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a b.txt", "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt"),
        (
            'é"\r\nX: 1.txt',
            "attachment; filename=\"__X_ 1.txt\"; filename*=UTF-8''%C3%A9_X_%201.txt",
        ),
        ("../x", "attachment; filename=\"x\"; filename*=UTF-8''x"),
    ],
)
def test_a_name_in_a_header_breaks_out_of_nothing(name: str, header: str) -> None:
    assert disposition(name) == header
