"""Splits a byte stream into the lines of server-sent events, within a limit.

WHATWG HTML, "Server-sent events": a line ends in CR LF, LF or CR, and a byte order mark may come
before the first one.
"""

from __future__ import annotations

import re

_ENDS = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class LineTooLongError(ValueError):
    """A line passed the limit. Nothing more can be read."""


class LineReader:
    """Feed it bytes, cut anywhere; it gives whole lines without their ends."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._parts: list[bytes] = []
        self._held = 0
        self._after_cr = False
        self._first = True

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes. Raises LineTooLongError."""
        if self._after_cr and data:
            # The LF of a CR LF that was cut between two reads.
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in data:
            lines = _ENDS.split(data)
            self._after_cr = data.endswith(b"\r")
        else:
            lines = data.split(b"\n")
        rest = lines.pop()
        if lines and self._held:
            lines[0] = self._take(lines[0])
        if rest:
            self._hold(rest)
        if lines and self._first:
            self._first = False
            lines[0] = lines[0].removeprefix(_BYTE_ORDER_MARK)
        return lines

    def block(self, data: bytes) -> tuple[bytes, bytes]:
        """All of `data` up to its last blank line, begun by what is held; and what comes after.

        The first part is empty if lines end in CR: then a blank line may look otherwise. Whoever
        uses it says so with `skip`, and feeds the second part.
        """
        end = data.rfind(b"\n\n")
        if end < 0 or self._after_cr or b"\r" in data:
            return b"", data
        return b"".join((*self._parts, data[:end])), data[end + 2 :]

    def skip(self) -> None:
        """Forget what is held: it was read as part of a block."""
        self._first = False
        self._take(b"")

    def end(self) -> bytes:
        """The last line, if the stream ended without a line end; else empty."""
        line = self._take(b"")
        return line.removeprefix(_BYTE_ORDER_MARK) if self._first else line

    def _hold(self, part: bytes) -> None:
        # Parts, not one growing string: a line of n bytes costs n, not n².
        self._parts.append(part)
        self._held += len(part)
        if self._held > self._limit:
            self._parts.clear()
            raise LineTooLongError

    def _take(self, last: bytes) -> bytes:
        line = b"".join((*self._parts, last))
        self._parts.clear()
        self._held = 0
        return line
