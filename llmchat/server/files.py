"""`POST /api/files` and `GET /api/files/{file}`: the files that go with messages."""

from __future__ import annotations

import asyncio

from aiohttp import web

from llmchat.attachments.check import TextCheck
from llmchat.domain.document import FILE_PROBLEMS, FileText
from llmchat.domain.errors import RequestError
from llmchat.domain.media import PDF_HEAD, UNKNOWN, image_of, text_type_of
from llmchat.domain.names import clean_name
from llmchat.server.downloads import read_pieces, send
from llmchat.server.keys import DOCUMENTS, FILE_LIMITS, FILES, account_of
from llmchat.server.problems import refusal
from llmchat.server.replies import json_reply
from llmchat.server.schemas import Stored
from llmchat.server.uploads import Upload, open_upload
from llmchat.storage.blobs import Incoming
from llmchat.storage.files import problem_of_disk

_LONG_HEAD_BYTES = 8 * 1024 * 1024


async def add(request: web.Request) -> web.Response:
    """Take one file, written to the disk as it comes: an image, a PDF or text. The same content is
    kept once. What is in a PDF is read at once, in a process of its own.
    """
    limits, store = request.app[FILE_LIMITS], request.app[FILES]
    upload = await open_upload(request, limits.file_bytes)
    text = None
    try:
        with await asyncio.to_thread(store.blobs.incoming) as incoming:
            characters = await _write(upload, incoming)
            stored = _describe(incoming, upload, characters, limits.pixels)
            if stored.kind == "pdf":
                text = await request.app[DOCUMENTS].read(incoming.id, incoming.path)
                _complete(stored, text)
            await store.add(account_of(request), incoming, stored.type)
        if text is not None:
            await store.keep_text(stored.file, text)
    except OSError as error:
        raise problem_of_disk(error) from error
    return json_reply(stored, status=201)


async def file(request: web.Request) -> web.StreamResponse:
    """The bytes of a file that the account holds, to be saved: only our page shows a picture."""
    store = request.app[FILES]
    found = await store.get(account_of(request), request.match_info["file"])
    if found is None or not await asyncio.to_thread(store.blobs.path(found.id).is_file):
        raise refusal("no-such-file", "There is no such file, or it is no longer kept.")
    return await send(
        request,
        read_pieces(store.blobs.path(found.id)),
        found.type or UNKNOWN,
        request.query.get("name", found.id),
        size=found.size,
    )


async def _write(upload: Upload, incoming: Incoming) -> int | None:
    """Store it all. Gives the number of characters, None if it is no text."""
    check = TextCheck()

    def write(piece: bytes) -> None:
        incoming.write(piece)
        check.feed(piece)

    async for piece in upload.pieces():
        await asyncio.to_thread(write, piece)
    await asyncio.to_thread(incoming.finish)
    return check.end()


def _describe(incoming: Incoming, upload: Upload, characters: int | None, pixels: int) -> Stored:
    """What a file is. Raises RequestError for what cannot be attached."""
    name, head = clean_name(upload.name), incoming.head
    image = image_of(head)
    if image is not None:
        if image.width * image.height == 0:
            with incoming.path.open("rb") as file:  # some metadata of photographs is long
                image = image_of(file.read(_LONG_HEAD_BYTES)) or image
        if image.width * image.height == 0:
            raise _refused("file-unreadable")
        if image.width * image.height > pixels:
            raise _refused("file-too-many-pixels")
        size = (image.width, image.height)
        return Stored(incoming.id, name, image.type, incoming.size, "image", *size)
    if head.startswith(PDF_HEAD):
        return Stored(incoming.id, name, "application/pdf", incoming.size, "pdf")
    if characters is None:
        raise _refused("file-type")
    media_type = text_type_of(upload.content_type)
    return Stored(incoming.id, name, media_type, incoming.size, "text", characters=characters)


def _complete(stored: Stored, text: FileText) -> None:
    if text.problem:
        raise _refused(text.problem)
    stored.characters, stored.pages, stored.cut = len(text.text), text.pages, text.cut


def _refused(code: str) -> RequestError:
    return refusal(code, FILE_PROBLEMS[code])
