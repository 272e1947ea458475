"""Reads an export of whatever program, told by its content, as a stream of conversations."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import BinaryIO, NamedTuple

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.imported import ImportedConversation, ImportedProject, Skipped
from llmchat.transfer import (
    chatbot_ui,
    chatgpt,
    claude,
    librechat,
    llamacpp,
    open_webui,
    own,
)
from llmchat.transfer.archive import READ_ERRORS, Export, Files, Part, is_archive, open_export
from llmchat.transfer.documents import MAX_DOCUMENT_BYTES, Broken, decode, read_array, read_lines
from llmchat.transfer.sessions import gather, is_record
from llmchat.transfer.values import BrokenEntryError, members, name, text

Entry = ImportedConversation | ImportedProject | Skipped


class Format(NamedTuple):
    """`fits` knows a JSON document of the format by its content, `read` makes a conversation of
    one; both take whatever comes. `unwrap` gives the conversations of a document of several.
    """

    name: str
    fits: Callable[[JSON], bool]
    read: Callable[[JSONObject, Files], ImportedConversation]
    unwrap: Callable[[JSON], list[JSON]] = lambda document: [document]


FORMATS = (
    Format(own.NAME, own.fits, own.read),
    Format(chatgpt.NAME, chatgpt.fits, chatgpt.read),
    Format(claude.NAME, claude.fits, claude.read),
    Format(open_webui.NAME, open_webui.fits, open_webui.read),
    Format(librechat.NAME, librechat.fits, librechat.read),
    Format(llamacpp.NAME, llamacpp.fits, llamacpp.read),
    Format(chatbot_ui.NAME, chatbot_ui.fits, chatbot_ui.read, chatbot_ui.unwrap),
)
"""In the order in which they are tried."""
_LOOKED_AT = 20  # entries at the start of a file, in case the first ones are broken
_FIRST_LINE = 1024 * 1024
_BACKUP = "backup.json"
_EMPTY = "there are no conversations in it"
_UNKNOWN = "it is no export of a program that llmchat knows"


class CancelledImportError(Exception):
    """Reading was asked to stop."""


class Meter:
    """How much was read, for who waits, and the means to stop it; for any thread."""

    def __init__(self) -> None:
        self.done_bytes = 0
        self.total_bytes = 0
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Let the next check, or the next read, raise CancelledImportError."""
        self._cancelled.set()

    def check(self) -> None:
        """Raises CancelledImportError if it was cancelled."""
        if self._cancelled.is_set():
            raise CancelledImportError

    def counting(self, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
        """The same, counted."""

        def counted(size: int) -> bytes:
            self.check()
            piece = read(size)
            self.done_bytes += len(piece)
            return piece

        return counted


@dataclass(slots=True)
class Reading:
    """`entries` are read while they are asked for; `format` is known with the first one."""

    entries: Iterator[Entry]
    format: str = ""


@contextmanager
def open_reading(path: Path, file_name: str, meter: Meter) -> Iterator[Reading]:
    """A file to be read, once. What cannot be read of it is Skipped, and never an error; only
    CancelledImportError is raised.
    """
    try:
        with open_export(path, file_name) as export:
            meter.total_bytes += sum(part.size for part in export.parts)
            reading = Reading(iter(()))
            found = _entries(export, meter, reading, file_name)
            reading.entries = _or_nothing(found, file_name)
            yield reading
    except BrokenEntryError as error:
        yield Reading(iter((Skipped(file_name, str(error)),)))


def _entries(export: Export, meter: Meter, reading: Reading, file_name: str) -> Iterator[Entry]:
    if _BACKUP in export.names:
        yield Skipped(file_name, "it is a backup: use `llmchat restore`")
        return
    if set(export.names) == {own.MANIFEST}:
        yield Skipped(file_name, _EMPTY)
        return
    unknown = []
    ours = own.MANIFEST in export.names
    # Conversations find their projects here.
    for part in sorted(export.parts, key=lambda one: not _is_projects(one, ours=ours)):
        before = meter.done_bytes
        try:
            with part.open() as file:
                yield from (
                    _projects(file, export.files, reading)
                    if _is_projects(part, ours=ours)
                    else _part(part, file, export.files, meter, reading)
                )
        except _UnknownError as error:
            unknown.append(Skipped(part.name, str(error)))
        except READ_ERRORS:
            yield Skipped(part.name, "it is damaged, and is not read any further")
        meter.done_bytes = before + part.size
    yield from export.skipped
    if not reading.format:
        yield from unknown


def _is_projects(part: Part, *, ours: bool) -> bool:
    return ours and part.name == own.PROJECTS


def _projects(file: BinaryIO, files: Files, reading: Reading) -> Iterator[Entry]:
    reading.format = own.NAME
    yield from own.read_projects(_decoded(file.read(MAX_DOCUMENT_BYTES)), files)


def _or_nothing(entries: Iterator[Entry], file_name: str) -> Iterator[Entry]:
    first = next(entries, None)
    yield first or Skipped(file_name, _EMPTY)
    yield from entries


class _UnknownError(Exception):
    """A file that is nothing to import: other exports have such files beside the conversations."""


def _part(
    part: Part, file: BinaryIO, files: Files, meter: Meter, reading: Reading
) -> Iterator[Entry]:
    with part.open() as probe:
        head = probe.readline(_FIRST_LINE)
    if is_archive(head):
        raise _UnknownError("it is an archive that is not read: unpack it first")
    if is_record(record := _decoded(head)):
        reading.format = reading.format or _writer_of(members(record)).NAME
        yield from _sessions(part, read_lines(meter.counting(file.readline)), files, reading)
        return
    documents = read_array(meter.counting(file.read))
    first = list(itertools.islice(documents, _LOOKED_AT))
    known = next((one for d in first for one in FORMATS if _fits(one, d)), None)
    if known is None:
        broken = next((one for one in first if isinstance(one, Broken)), None)
        raise _UnknownError(broken.why if broken is not None else _UNKNOWN)
    reading.format = reading.format or known.name
    for number, document in enumerate(itertools.chain(first, documents), start=1):
        where = f"{part.name}, entry {number}"
        if isinstance(document, Broken):
            yield Skipped(where, document.why)
        else:
            yield from (_entry(known, one, files, where) for one in known.unwrap(document))


def _fits(one: Format, document: JSON | Broken) -> bool:
    return not isinstance(document, Broken) and one.fits(document)


def _decoded(line: bytes) -> JSON:
    found = decode(line)
    return None if isinstance(found, Broken) else found


def _entry(known: Format, document: JSON, files: Files, where: str) -> Entry:
    if not isinstance(document, dict):
        return Skipped(where, "it is no conversation")
    title = text(document.get("title")) or name(document.get("name"))
    try:
        return known.read(document, files)
    except BrokenEntryError as error:
        return Skipped(f"{where} “{title[:80]}”" if title else where, str(error))


def _sessions(
    part: Part, lines: Iterator[tuple[int, JSON | Broken]], files: Files, reading: Reading
) -> Iterator[Entry]:
    for session in gather(lines):
        if isinstance(session, Skipped):
            yield Skipped(f"{part.name}, {session.what}", session.why)
            continue
        try:
            yield _writer_of(session.head).read_session(session, files)
        except BrokenEntryError as error:
            yield Skipped(f"{part.name} “{session.title[:80]}”", str(error))


def _writer_of(head: JSONObject) -> ModuleType:
    return own if head.get("harness") == own.NAME else llamacpp
