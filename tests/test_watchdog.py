"""A loop that hangs is told with the place where it does, and one that turns is not."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from llmchat.watchdog import watchdog


def hang_here(seconds: float) -> None:
    time.sleep(seconds)


async def test_a_loop_that_hangs_is_told_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "stacks"
    with path.open("w+") as file:
        async with watchdog(0.2, file):
            await asyncio.sleep(0)
            hang_here(0.6)
        file.seek(0)
        told = file.read()
    assert "hang_here" in told
    assert told.count("Timeout (") == 1


async def test_a_loop_that_turns_is_left_alone_and_so_is_one_that_ended(tmp_path: Path) -> None:
    path = tmp_path / "stacks"
    with path.open("w+") as file:
        async with watchdog(5.0, file):
            for _ in range(5):
                await asyncio.sleep(0.01)
        hang_here(0.1)
        file.seek(0)
        assert file.read() == ""


async def test_without_a_console_there_is_nothing_to_write_to() -> None:
    async with watchdog(0.01, None):
        hang_here(0.05)
