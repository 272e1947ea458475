"""The process that reads the text of one PDF, with limits: a PDF is a program of a stranger.

It gets a path and says one JSON object by its pipe. The parent (`documents.py`) ends it when its
time is over. `pypdf` is imported here and nowhere else.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from llmchat.domain.document import FileText
from llmchat.queues.child import settle_in

if TYPE_CHECKING:
    from pypdf import PdfReader


_NICE = 10  # answers that are being written come first


@dataclass(frozen=True, slots=True)
class PdfLimits:
    """After `enough_seconds` no further page is begun, after `seconds` the process is ended."""

    seconds: float = 20.0
    enough_seconds: float = 12.0
    memory_bytes: int = 512 * 1024 * 1024
    pages: int = 500
    characters: int = 2_000_000


def main(reply: Connection, path: str, parent_pid: int, limits: PdfLimits) -> None:
    """Read a PDF, and say what is in it. The process ends with it."""
    settle_in(parent_pid)
    limit_process(limits)
    logging.disable(logging.CRITICAL)  # pypdf tells of every flaw, in words of the file
    warnings.simplefilter("ignore")
    import msgspec

    found = read_pdf(path, limits)
    reply.send_bytes(msgspec.json.encode(found))


def limit_process(limits: PdfLimits) -> None:
    """Have the system take no more from this process than that, where it can."""
    if sys.platform == "win32":
        return
    import resource

    os.nice(_NICE)
    seconds = int(limits.seconds) + 1
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS has no limit of memory
            resource.setrlimit(kind, (most, most))


def read_pdf(path: str, limits: PdfLimits) -> FileText:
    """The text of a PDF, page by page with an empty line between, or the problem with it."""
    try:
        return _read(path, limits)
    except (MemoryError, RecursionError):
        return FileText(problem="file-too-complex")
    except Exception as error:  # noqa: BLE001 - whatever a hostile file makes the library do
        return FileText(problem=_problem_of(error))


def _read(path: str, limits: PdfLimits) -> FileText:
    from pypdf import PdfReader

    began = time.monotonic()
    reader = PdfReader(path, strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        return FileText(problem="file-encrypted")
    count = len(reader.pages)
    pages = _Pages(reader, min(count, limits.pages))
    texts: list[str] = []
    size = 0
    for text in pages:
        texts.append(text)
        size += len(text)
        if size > limits.characters or time.monotonic() - began > limits.enough_seconds:
            break
    whole = "\n\n".join(texts).strip()
    if not whole and pages.failed is not None:
        raise pages.failed
    if not whole:
        return FileText(pages=count, problem="file-without-text")
    cut = len(texts) < count or len(whole) > limits.characters
    return FileText(whole[: limits.characters], count, cut)


class _Pages:
    """The text of each page; one that cannot be read (`failed`) does not hide the others."""

    def __init__(self, reader: PdfReader, count: int) -> None:
        self._reader = reader
        self._count = count
        self.failed: Exception | None = None

    def __iter__(self) -> Iterator[str]:
        for number in range(self._count):
            try:
                text = self._reader.pages[number].extract_text()
            except Exception as error:  # noqa: BLE001 - as above
                self.failed = error
                text = ""
            # Without what no file of text may have: half a character, and the character 0.
            yield text.encode("utf-8", "replace").decode().replace("\0", "").strip()


def _problem_of(error: Exception) -> str:
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError

    if isinstance(error, DependencyError | FileNotDecryptedError):
        return "file-encrypted"  # by AES, which needs a library of its own
    return "file-too-complex" if isinstance(error, LimitReachedError) else "file-unreadable"
