"""Files that stand in the JSON itself, as base64."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from llmchat.domain.imported import ImportedFile
from llmchat.domain.names import clean_name
from llmchat.transfer.values import text

_HEAD = re.compile(r"data:([\w.+-]{1,100}/[\w.+-]{1,100})?((?:;[\w.=+-]{1,100}){0,10}),", re.ASCII)
_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "text/plain": ".txt",
}


def of_url(url: object, name: object = "", declared: object = "") -> ImportedFile:
    """The file of a `data:` URL; one that is missing, for any other address."""
    address = text(url)
    match = _HEAD.match(address)
    if match is None or not match[2].endswith(";base64"):
        return missing(name, declared)
    return of_base64(address[match.end() :], name, match[1] or declared)


def of_base64(encoded: object, name: object = "", declared: object = "") -> ImportedFile:
    """A file by its bytes in base64; one that is missing if they are none."""
    try:
        content = base64.b64decode(text(encoded), validate=True)
    except (binascii.Error, ValueError):
        return missing(name, declared)
    return ImportedFile(file_name(name, declared), _type(declared), _reader(content))


def of_text(content: object, name: object = "", declared: object = "text/plain") -> ImportedFile:
    """A file by its text."""
    return ImportedFile(file_name(name, declared), _type(declared), _reader(text(content).encode()))


def missing(name: object = "", declared: object = "") -> ImportedFile:
    """A file that the export only names."""
    return ImportedFile(file_name(name, declared), _type(declared))


def file_name(name: object, declared: object = "") -> str:
    """A name that can be stored, with an ending that fits where there is no name."""
    return clean_name(text(name)[:10_000], f"file{_ENDINGS.get(text(declared), '')}")


def _type(declared: object) -> str:
    return text(declared)[:200].strip() or "application/octet-stream"


def _reader(content: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter((content,))
