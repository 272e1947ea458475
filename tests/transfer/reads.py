"""Reads exports in tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from llmchat.domain.conversation import Message
from llmchat.domain.imported import (
    ImportedConversation,
    ImportedFile,
    ImportedProject,
    Skipped,
)
from llmchat.transfer.reading import Meter, open_reading


@dataclass
class Found:
    """What was read. `files` are the contents by name; None for a missing one."""

    format: str
    conversations: list[ImportedConversation]
    skipped: list[Skipped]
    files: dict[str, bytes | None]
    meter: Meter

    def messages(self, conversation: int = 0) -> dict[str, Message]:
        return {one.id: one for one in self.conversations[conversation].messages}


def _content(file: ImportedFile) -> bytes | None:
    try:
        return None if file.read is None else b"".join(file.read())
    except OSError:
        return None


def read(folder: Path, content: bytes, name: str = "export.json") -> Found:
    path = folder / name
    path.write_bytes(content)
    meter = Meter()
    found = Found("", [], [], {}, meter)
    with open_reading(path, name, meter) as reading:
        for entry in reading.entries:
            if isinstance(entry, Skipped):
                found.skipped.append(entry)
                continue
            if isinstance(entry, ImportedProject):
                continue
            found.conversations.append(entry)
            for file in (one for some in entry.files.values() for one in some):
                found.files[file.name] = _content(file)
        found.format = reading.format
    return found
