"""Reads a stream event by event, over a plain TCP connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Got:
    """An event as an EventSource would dispatch it."""

    id: str
    event: str
    data: Any  # JSON


@dataclass(frozen=True, slots=True)
class Stream:
    """An open response: its head, and the chunks that follow."""

    status: int
    head: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def chunk(self) -> bytes:
        """The next chunk of the body; empty at its end."""
        size = int(await self.reader.readuntil(b"\r\n"), 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    async def frames(self) -> AsyncIterator[str]:
        """The parts between blank lines: events and comments."""
        rest = ""
        while data := await self.chunk():
            *whole, rest = (rest + data.decode()).split("\r\n\r\n")
            for frame in whole:
                yield frame

    async def events(self) -> AsyncIterator[Got]:
        async for frame in self.frames():
            if not frame.startswith(":"):
                fields = dict(line.split(": ", 1) for line in frame.split("\r\n"))
                yield Got(fields.get("id", ""), fields["event"], json.loads(fields["data"]))

    async def all(self) -> list[Got]:
        return [event async for event in self.events()]


@asynccontextmanager
async def open_stream(
    port: int, job_id: str, query: str = "", **headers: str
) -> AsyncIterator[Stream]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 16)
    lines = [f"GET /stream/{job_id}{query} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        yield Stream(int(head.split(" ")[1]), head, reader, writer)
    finally:
        writer.close()


def text_of(events: list[Got]) -> str:
    return "".join(event.data["text"] for event in events if event.event == "delta")
