"""`GET /api/export` and `GET /api/conversations/{conversation_id}/export`."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from aiohttp import web

from llmchat.domain.errors import NoSuchConversationError
from llmchat.server.conversation_wire import ExportBody, read_body
from llmchat.server.downloads import PIECE_BYTES, send
from llmchat.server.keys import FILES, account_of
from llmchat.server.problems import invalid
from llmchat.storage.exports import ExportReader
from llmchat.storage.problems import problem_of
from llmchat.transfer.export.formats import SINGLES, ZIPS, OneFormat

_MAX_IDS = 1000
T = TypeVar("T")


async def everything(request: web.Request) -> web.StreamResponse:
    """Conversations as a zip, made while it is sent: all of them, or those of `?ids=`."""
    return await _send(request, request.query.get("format", "llmchat"), _ids(request))


async def chosen(request: web.Request) -> web.StreamResponse:
    """The same for more ids than an address holds."""
    body = await read_body(request, ExportBody)
    return await _send(request, body.format, body.ids)


async def _send(request: web.Request, name: str, wanted: list[str] | None) -> web.StreamResponse:
    chosen = _known(ZIPS, name)
    ids = None if wanted is None else list(dict.fromkeys(wanted))
    files, account = request.app[FILES], account_of(request)
    path, whole = files.database.path, ids is None
    with await _in_thread(lambda: ExportReader(path, account, whole=whole)) as reader:
        if ids is None:
            numbers = reader.numbers(with_bin=chosen.with_bin)
        else:
            numbers = iter(await _in_thread(lambda: reader.numbers_of(ids)))
        pieces = chosen.write(reader, files.blobs, numbers, lambda: None)
        day = datetime.now(UTC).astimezone().strftime("%Y-%m-%d")
        return await send(request, pieces, "application/zip", f"{day}_{name}.zip")


async def one(request: web.Request) -> web.StreamResponse:
    """One conversation: the branch in view as Markdown, or all of it as JSON."""
    chosen = _known(SINGLES, request.query.get("format", "markdown"))
    path, account = request.app[FILES].database.path, account_of(request)
    with await _in_thread(lambda: ExportReader(path, account)) as reader:
        number, title = await _in_thread(
            lambda: reader.titled(request.match_info["conversation_id"])
        )
        pieces = _of_one(reader, number, chosen)
        return await send(request, pieces, chosen.media_type, f"{title or 'chat'}{chosen.ending}")


def _of_one(reader: ExportReader, number: int, chosen: OneFormat) -> Generator[bytes, None, None]:
    with reader.conversation(number) as found:
        if found is None:
            raise NoSuchConversationError
        messages = reader.messages(found) if chosen.whole else reader.branch(found)
        waiting = bytearray()
        for piece in chosen.write(found, messages):
            waiting += piece
            if len(waiting) >= PIECE_BYTES:
                yield bytes(waiting)
                waiting.clear()
        yield bytes(waiting)


def _known(formats: Mapping[str, T], name: str) -> T:
    if name not in formats:
        raise invalid("/format", f"It is {' or '.join(f'`{one}`' for one in formats)}.")
    return formats[name]


def _ids(request: web.Request) -> list[str] | None:
    text = request.query.get("ids")
    if text is None:
        return None
    ids = text.split(",")
    if len(ids) > _MAX_IDS:
        raise invalid("/ids", f"They are {_MAX_IDS} at most.")
    return ids


async def _in_thread(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except sqlite3.Error as error:
        raise problem_of(error) from error
