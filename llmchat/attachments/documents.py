"""The text of PDFs: read once, in a process of its own (`pdf.py`), and kept beside the file."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from llmchat.attachments.pdf import PdfLimits, main
from llmchat.domain.document import FileText
from llmchat.domain.errors import UnavailableError
from llmchat.storage.files import FileStore

AT_ONCE = 2  # processes that read; further files wait
_REPLY_BYTES = 16 * 1024 * 1024


class Documents:
    """Reads the PDFs of a store. Everything raises StorageError or another UnavailableError."""

    def __init__(self, files: FileStore, limits: PdfLimits | None = None) -> None:
        self._files = files
        self._limits = limits or PdfLimits()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def read(self, file: str, path: Path) -> FileText:
        """What is in a PDF; `path` is where it is, which need not be its place in the store."""
        known = await self._files.text(file)
        if known is not None:
            return known
        async with self._turns:
            return await read_apart(path, self._limits)

    async def prepare(self, file: str) -> None:
        """Have the text of a stored PDF beside it, if that is not so: it may be of an import."""
        path = self._files.blobs.path(file)
        if await asyncio.to_thread(path.is_file):
            await self._files.keep_text(file, await self.read(file, path))


async def read_apart(path: Path, limits: PdfLimits) -> FileText:
    """Read a PDF in a process of its own. Whatever becomes of that, it is an answer. Raises
    UnavailableError if there can be none.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=main, args=(theirs, str(path), os.getpid(), limits), name="pdf", daemon=True
    )
    try:
        process.start()
    except OSError as error:
        ours.close()
        raise UnavailableError("No process can be started to read the PDF. Try again.") from error
    finally:
        theirs.close()
    try:
        # A thread waits. When this task is cancelled, the end of the process ends the wait.
        return await asyncio.to_thread(_receive, ours, limits.seconds)
    finally:
        process.kill()
        await asyncio.shield(asyncio.to_thread(_reap, process, ours))


def _receive(ours: Connection, seconds: float) -> FileText:
    try:
        if not ours.poll(seconds):
            return FileText(problem="file-too-complex")
        return msgspec.json.decode(ours.recv_bytes(_REPLY_BYTES), type=FileText)
    except (EOFError, OSError, msgspec.MsgspecError):  # it died: of its limits, or of the file
        return FileText(problem="file-too-complex")


def _reap(process: multiprocessing.process.BaseProcess, ours: Connection) -> None:
    process.join()
    ours.close()
