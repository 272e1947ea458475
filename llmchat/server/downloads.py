"""Sending a file: its name, its bytes in pieces, and nothing that a browser would run."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Generator, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from aiohttp import web

from llmchat.domain.names import clean_name

# Nothing in it can run, or ask for anything, should a browser show it as a page.
SANDBOX = "default-src 'none'; sandbox"
PIECE_BYTES = 256 * 1024

T = TypeVar("T")


def disposition(name: str, *, inline: bool = False) -> str:
    """`Content-Disposition` (RFC 6266): a plain name for old clients, and the real one."""
    name = clean_name(name)
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", name)
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def send(
    request: web.Request,
    pieces: Generator[bytes, None, None],
    content_type: str,
    name: str,
    *,
    size: int | None = None,
    inline: bool = False,
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Send what a generator makes, which may block: it runs in a thread, one piece at a time."""
    response = web.StreamResponse(
        headers={
            "Content-Type": content_type,
            "Content-Disposition": disposition(name, inline=inline),
            "Content-Security-Policy": SANDBOX,
            **(headers or {}),
        }
    )
    response.content_length = size
    await response.prepare(request)
    async for piece in in_thread(pieces):
        await response.write(piece)
    await response.write_eof()
    return response


async def in_thread(items: Generator[T, None, None]) -> AsyncIterator[T]:
    """The items of a generator that blocks; it is closed when nobody asks for more."""
    loop = asyncio.get_running_loop()
    step: asyncio.Future[T | None] | None = None
    try:
        while True:
            step = loop.run_in_executor(None, next, items, None)
            item = await asyncio.shield(step)
            if item is None:
                return
            yield item
    finally:
        if step is not None and not step.done():
            await asyncio.wait([step])
        items.close()


def read_pieces(path: Path) -> Generator[bytes, None, None]:
    """The content of a file."""
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece
