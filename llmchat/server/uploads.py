"""Taking one file from a form, piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from llmchat.server.keys import LIMITS
from llmchat.server.multipart import HEAD_BYTES, Multipart, boundary_of, broken
from llmchat.server.problems import TooLargeError, refusal

PATHS = frozenset({"/api/files", "/api/import", "/api/models"})
"""The addresses whose POST takes a form and no JSON."""
_FIELDS = 8  # a form may have beside its file, before or after it


class Upload:
    """The file of a request: its `name` and `content_type` as they were sent, then `pieces()`."""

    def __init__(self, request: web.Request, limit: int | None) -> None:
        self.name = ""
        self.content_type = ""
        self._limit = limit
        boundary = boundary_of(request.headers["Content-Type"])
        self._form = Multipart(_body(request, limit), boundary)
        self._fields = 0

    async def open(self) -> Upload:
        """Read up to the file. Raises RequestError: 400 `multipart`, 408, 413."""
        while part := await self._form.next():
            if part.file_name is not None:
                self.name, self.content_type = part.file_name, part.content_type
                return self
            self._count()
        raise broken("The form has no file.")

    async def pieces(self) -> AsyncIterator[bytes]:
        """The content; it is whole only when this ends without an error."""
        size = 0
        async for piece in self._form.pieces():
            size += len(piece)
            if self._limit is not None and size > self._limit:
                raise TooLargeError(self._limit)
            yield piece
        while part := await self._form.next():
            if part.file_name is not None:
                raise broken("Send one file at a time.")
            self._count()

    def _count(self) -> None:
        self._fields += 1
        if self._fields > _FIELDS:
            raise refusal("too-large", f"A form may have {_FIELDS} fields beside its file.")


async def open_upload(request: web.Request, limit: int | None = None) -> Upload:
    """The file of a form, of `limit` bytes at most. Raises RequestError before its first byte."""
    return await Upload(request, limit).open()


async def _body(request: web.Request, limit: int | None) -> AsyncIterator[bytes]:
    """The body; each piece of it must come within the time for a body of JSON."""
    most = None if limit is None else limit + (_FIELDS + 2) * HEAD_BYTES
    size = 0
    try:
        while True:
            async with asyncio.timeout(request.app[LIMITS].body_seconds):
                piece = await request.content.readany()
            if not piece:
                return
            size += len(piece)
            if limit is not None and most is not None and size > most:
                raise TooLargeError(limit)
            yield piece
    except TimeoutError:
        raise refusal("body-timeout", "The upload stood still for too long.") from None
    except (web.RequestPayloadError, HttpProcessingError):
        raise refusal("bad-request", "The body is not framed as its headers say.") from None
