"""`POST /api/files` and `GET /api/files/{file}`: the files that go with messages."""

from __future__ import annotations

import asyncio

from aiohttp import web

from llmchat.domain.chat import JSONObject
from llmchat.domain.media import INLINE_TYPES, UNKNOWN, image_of, type_of
from llmchat.domain.names import clean_name
from llmchat.server.downloads import read_pieces, send
from llmchat.server.keys import FILES
from llmchat.server.problems import refusal
from llmchat.server.replies import json_reply
from llmchat.server.uploads import Upload, open_upload
from llmchat.storage.blobs import Incoming
from llmchat.storage.files import problem_of_disk

FILE_BYTES = 20 * 1024 * 1024
_PIXELS = 40_000_000  # more would take gigabytes to show


async def add(request: web.Request) -> web.Response:
    """Take one file, written to the disk as it comes. The same content is kept once."""
    upload = await open_upload(request, FILE_BYTES)
    store = request.app[FILES]
    try:
        with await asyncio.to_thread(store.blobs.incoming) as incoming:
            await _write(upload, incoming)
            media_type = type_of(incoming.head, upload.content_type)
            _check_image(incoming)
            file = await store.add(incoming, media_type)
    except OSError as error:
        raise problem_of_disk(error) from error
    reply: JSONObject = {
        "file": file.id,
        "name": clean_name(upload.name),
        "type": media_type,
        "size": file.size,
    }
    return json_reply(reply, status=201)


async def file(request: web.Request) -> web.StreamResponse:
    """The bytes of a file. Only the usual images are shown; anything else is to be saved."""
    store = request.app[FILES]
    found = await store.get(request.match_info["file"])
    if found is None or not await asyncio.to_thread(store.blobs.path(found.id).is_file):
        raise refusal("no-such-file", "There is no such file, or it is no longer kept.")
    inline = found.type in INLINE_TYPES
    return await send(
        request,
        read_pieces(store.blobs.path(found.id)),
        found.type or UNKNOWN,
        request.query.get("name", found.id),
        size=found.size,
        inline=inline,
    )


async def _write(upload: Upload, incoming: Incoming) -> None:
    async for piece in upload.pieces():
        await asyncio.to_thread(incoming.write, piece)
    await asyncio.to_thread(incoming.finish)


def _check_image(incoming: Incoming) -> None:
    image = image_of(incoming.head)
    if image is not None and image.width * image.height > _PIXELS:
        raise refusal("file-unreadable", f"An image may have {_PIXELS} pixels at most.")
