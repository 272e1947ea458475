"""Brings an export into the store, one conversation after the other, and reports what became of it.

Reading is done in a thread, so that an event loop can go on; nothing is read ahead of the store.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from llmchat.domain.conversation import Attachment, ConversationId, MessageId
from llmchat.domain.imported import (
    ImportedConversation,
    ImportedFile,
    ImportedProject,
    ImportReport,
    Skipped,
)
from llmchat.domain.media import HEAD_BYTES, type_of
from llmchat.storage.difference import Outcome
from llmchat.storage.files import FileStore, problem_of_disk
from llmchat.storage.imports import ImportStore
from llmchat.transfer.reading import Meter, Reading, open_reading

MAX_SKIPPED = 1000  # that a report names


@dataclass(frozen=True, slots=True)
class _Described:
    file: str
    size: int
    head: bytes


class Importer:
    """One import. `report` and `meter` can be looked at while it runs.

    `changed` is called with each conversation that was stored.
    """

    def __init__(
        self,
        imports: ImportStore,
        files: FileStore,
        *,
        dry_run: bool,
        changed: Callable[[ConversationId], None] = lambda _: None,
    ) -> None:
        self._imports = imports
        self._files = files
        self._changed = changed
        self._seen: set[tuple[str, str]] = set()
        self._projects: dict[str, str | None] = {}
        self.report = ImportReport(dry_run=dry_run)
        self.meter = Meter()

    async def run(self, path: Path, file_name: str) -> None:
        """Import a file; several times for several files. What cannot be read is in the report.

        Raises CancelledImportError after `meter.cancel()`, and StorageError; the conversations up
        to there stay imported.
        """
        if not self.report.dry_run:
            await self._imports.tidy()
        async with self._open(path, file_name) as reading:
            while (entry := await asyncio.to_thread(next, reading.entries, None)) is not None:
                self.meter.check()  # one piece of a file holds many conversations
                self._name(reading.format)
                if isinstance(entry, Skipped):
                    self._skip(entry)
                elif isinstance(entry, ImportedProject):
                    await self._bring(entry)
                else:
                    await self._take(entry)

    def _name(self, name: str) -> None:
        """Several files may be of several formats."""
        known = self.report.format
        if name and name not in known.split(", "):
            self.report.format = f"{known}, {name}" if known else name

    @asynccontextmanager
    async def _open(self, path: Path, file_name: str) -> AsyncIterator[Reading]:
        stack = ExitStack()
        try:
            opened = open_reading(path, file_name, self.meter)
            yield await asyncio.to_thread(stack.enter_context, opened)
        finally:
            await asyncio.to_thread(stack.close)

    async def _take(self, one: ImportedConversation) -> None:
        key = (one.source, str(one.conversation.id))
        if key in self._seen:
            self._skip(Skipped(one.conversation.title, "it is there twice; the first one counts"))
            return
        self._seen.add(key)
        attached = await self._placed(await self._attach(one))
        if self.report.dry_run:
            outcome = await self._imports.compare(attached)
        else:
            stored = await self._imports.store(attached)
            outcome = stored.outcome
            if stored.id is not None:
                self._changed(stored.id)
        self._count(attached, outcome)

    async def _bring(self, one: ImportedProject) -> None:
        """A project, with its files, under which the conversations of the export find it."""
        account = self._imports.account
        files = [await self._keep(file) for file in one.files]
        if not self.report.dry_run:
            kept = [
                file
                for file in files
                if file is not None and await self._files.get(account, file.file)
            ]
            brought = await self._imports.bring(replace(one.project, files=kept))
            self._projects[one.project.id] = brought
        self.report.projects += 1

    async def _placed(self, one: ImportedConversation) -> ImportedConversation:
        """The same in a project that is here, or in none."""
        project = one.conversation.project
        if project is None:
            return one
        if project not in self._projects:
            self._projects[project] = await self._imports.project(project)
        conversation = replace(one.conversation, project=self._projects[project])
        return replace(one, conversation=conversation)

    def _count(self, one: ImportedConversation, outcome: Outcome) -> None:
        report = self.report
        report.conversations += 1
        report.messages += len(one.messages)
        if outcome == "new":
            report.new += 1
        elif outcome == "updated":
            report.updated += 1
        else:
            report.unchanged += 1
        if outcome == "binned":
            self._skip(Skipped(one.conversation.title, "it is in the bin here, and stays there"))

    def _skip(self, skipped: Skipped) -> None:
        if len(self.report.skipped) < MAX_SKIPPED:
            self.report.skipped.append(skipped)
        else:
            self.report.skipped_more += 1

    async def _attach(self, one: ImportedConversation) -> ImportedConversation:
        """The same with its files in the store, and their digests in its messages."""
        if not one.files:
            return one
        attachments: dict[MessageId, list[Attachment]] = {}
        for key, files in one.files.items():
            found = [await self._keep(file) for file in files]
            attachments[key] = list(dict.fromkeys(each for each in found if each is not None))
        with_files = [
            replace(message, attachments=attachments.get(message.id, []))
            for message in one.messages
        ]
        return replace(one, messages=with_files)

    async def _keep(self, file: ImportedFile) -> Attachment | None:
        found = await asyncio.to_thread(_describe, file)
        if found is None:
            self.report.missing_attachments += 1
            if not file.file:
                return None
            return Attachment(file.file, file.name, file.type, file.size)
        self.report.attachments += 1
        media_type = type_of(found.head, file.type)
        if not self.report.dry_run and not await self._files.hold(
            self._imports.account, found.file
        ):
            await self._write(file, media_type)
        return Attachment(found.file, file.name, media_type, found.size)

    async def _write(self, file: ImportedFile, media_type: str) -> None:
        try:
            incoming = await asyncio.to_thread(self._files.blobs.incoming)
        except OSError as error:
            raise problem_of_disk(error) from error
        with incoming:
            try:
                await asyncio.to_thread(_copy, file, incoming.write)
                await asyncio.to_thread(incoming.finish)
            except OSError as error:
                raise problem_of_disk(error) from error
            await self._files.add(self._imports.account, incoming, media_type)


def _pieces(file: ImportedFile) -> Iterator[bytes]:
    return iter(()) if file.read is None else file.read()


def _copy(file: ImportedFile, write: Callable[[bytes], None]) -> None:
    for piece in _pieces(file):
        write(piece)


def _describe(file: ImportedFile) -> _Described | None:
    """What the content is; None if it is missing or cannot be read."""
    if file.read is None:
        return None
    digest = hashlib.sha256()
    size, head = 0, b""
    try:
        for piece in file.read():
            digest.update(piece)
            size += len(piece)
            head += piece[: HEAD_BYTES - len(head)]
    except OSError:
        return None
    return _Described(digest.hexdigest(), size, head)


def summary(report: ImportReport) -> str:
    """What was done, or would be, in one sentence for a person."""
    parts = [
        _several(report.conversations, "conversation"),
        _several(report.messages, "message"),
    ]
    if report.attachments:
        parts.append(_several(report.attachments, "attachment"))
    if report.missing_attachments:
        parts.append(f"{_several(report.missing_attachments, 'attachment')} missing")
    if report.projects:
        parts.append(_several(report.projects, "project"))
    outcomes = (
        (report.new, "new"),
        (report.updated, "updated"),
        (report.unchanged, "as they were"),
    )
    detail = ", ".join(f"{number:,} {word}" for number, word in outcomes if number)
    skipped = len(report.skipped) + report.skipped_more
    if skipped:
        parts.append(f"{_several(skipped, 'entry', 'entries')} skipped")
    return ", ".join(parts) + (f" ({detail})" if detail else "")


def _several(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
