"""Whether what comes piece by piece is text."""

from __future__ import annotations

import codecs

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class TextCheck:
    """Feed it all of a file in pieces. UTF-8, and UTF-16 with its mark, without the character 0 are
    text.
    """

    def __init__(self) -> None:
        self._head = b""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._characters: int | None = 0

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """The next bytes of the file."""
        if self._characters is None:
            return
        if self._decoder is None:
            self._head += piece
            if len(self._head) < 2 and not last:
                return
            piece = self._head
            self._decoder = codecs.getincrementaldecoder(encoding_of(piece))()
        try:
            text = self._decoder.decode(piece, last)
        except UnicodeDecodeError:
            self._characters = None
            return
        self._characters = None if "\0" in text else self._characters + len(text)

    def end(self) -> int | None:
        """How many characters it has, None if it is no text."""
        self.feed(b"", last=True)
        return self._characters


def encoding_of(head: bytes) -> str:
    """What to read a text by, from how it begins."""
    return "utf-16" if head[:2] in _UTF_16 else "utf-8-sig"


def read_text(content: bytes) -> str | None:
    """The text of a file, None if it is none."""
    try:
        text = content.decode(encoding_of(content))
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
