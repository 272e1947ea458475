"""Reading a form with a file in it, piece by piece and strictly (RFC 7578)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from llmchat.server.problems import refusal

HEAD_BYTES = 8192
_BOUNDARY = re.compile(
    r"multipart/form-data\s*;(?:.*;)?\s*boundary=(?:\"([^\"]{1,70})\"|([^\s;\"]{1,70}))\s*(?:;.*)?",
    re.IGNORECASE | re.ASCII,
)
_FILE_NAME = re.compile(r';\s*filename=(?:"((?:\\["\\]|[^"])*)"|([^\s;"]*))', re.IGNORECASE)
_ESCAPED = {"%22": '"', "%0D": "\r", "%0A": "\n", '\\"': '"', "\\\\": "\\"}


@dataclass(frozen=True, slots=True)
class Part:
    """`file_name` is as it was sent, and None for a field that is no file."""

    file_name: str | None
    content_type: str


def boundary_of(content_type: str) -> bytes:
    """What parts the form. Raises RequestError 400 `multipart`."""
    match = _BOUNDARY.fullmatch(content_type)
    if match is None:
        raise broken("The Content-Type has no boundary of 1 to 70 characters.")
    return (match[1] or match[2]).encode("ascii", "replace")


class Multipart:
    """`while (part := await form.next()):` and, for each, `async for piece in form.pieces()`.

    Raises RequestError 400 `multipart` for what is not framed as it must be.
    """

    def __init__(self, source: AsyncIterator[bytes], boundary: bytes) -> None:
        self._source = source
        self._delimiter = b"\r\n--" + boundary
        self._buffer = bytearray(b"\r\n")
        self._inside = True  # a part, or what stands before the first one

    async def next(self) -> Part | None:
        """The next part, with the rest of this one passed over; None after the last one."""
        async for _ in self.pieces():
            pass
        await self._fill(2)
        if self._buffer[:2] == b"--":
            return None
        return _part(await self._head())

    async def pieces(self) -> AsyncIterator[bytes]:
        """The content of the part."""
        while self._inside:
            at = self._buffer.find(self._delimiter)
            if at >= 0:
                self._inside = False
            size = at if at >= 0 else len(self._buffer) - len(self._delimiter) + 1
            if size > 0:
                yield bytes(self._buffer[:size])
                del self._buffer[:size]
            if self._inside:
                await self._more()
            else:
                del self._buffer[: len(self._delimiter)]

    async def _head(self) -> bytes:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > HEAD_BYTES:
                raise broken("The head of a part is too long.")
            await self._more()
        head = bytes(self._buffer[:end])
        if not head.startswith(b"\r\n"):
            raise broken("A part has no head.")
        del self._buffer[: end + 4]
        self._inside = True
        return head

    async def _fill(self, size: int) -> None:
        while len(self._buffer) < size:
            await self._more()

    async def _more(self) -> None:
        piece = await anext(self._source, b"")
        if not piece:
            raise broken("The form ends before its last boundary.")
        self._buffer += piece


def broken(detail: str) -> Exception:
    """400 `multipart`."""
    return refusal("multipart", detail)


def _part(head: bytes) -> Part:
    headers = {}
    for line in head.decode("utf-8", "replace").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    if not disposition.lower().startswith("form-data"):
        raise broken("A part has no Content-Disposition: form-data.")
    match = _FILE_NAME.search(disposition)
    file_name = None if match is None else _unescaped(match[1] or match[2] or "")
    return Part(file_name, headers.get("content-type", ""))


def _unescaped(text: str) -> str:
    return re.sub(r'%22|%0D|%0A|\\["\\]', lambda match: _ESCAPED[match[0]], text)
