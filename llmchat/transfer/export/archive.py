"""Everything as a zip in our own format (docs/format.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from llmchat import __version__
from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import Attachment, Conversation
from llmchat.domain.ids import now
from llmchat.domain.names import clean_name
from llmchat.domain.project import Project
from llmchat.storage.blobs import Blobs, is_file_id
from llmchat.storage.exports import ExportedMessage, ExportReader
from llmchat.transfer.export.sessions import FORMAT, HARNESS, encode, lines
from llmchat.transfer.export.zipped import Pieces, StreamedZip

PROJECTS = "projects.json"


def archive(
    reader: ExportReader, blobs: Blobs, numbers: Iterable[int], done: Callable[[], None]
) -> Pieces:
    """The zip of these conversations, piece by piece. `done` is called after each of them."""
    zipped = StreamedZip()
    files: dict[str, str] = {}
    counts = {"conversations": 0, "messages": 0}
    used = set[str | None]()
    for number in numbers:
        with reader.conversation(number) as one:
            if one is not None:
                counts["conversations"] += 1
                used.add(one.conversation.project)
                messages = _noted(reader.messages(one), counts, files)
                name = file_name(one.conversation)
                yield from zipped.add(name, lines(one, messages), one.conversation.updated)
        done()
    if projects := [one for one in reader.projects() if reader.whole or one.id in used]:
        for one_file in [file for project in projects for file in usable(project.files)]:
            files.setdefault(one_file.file, one_file.type)
        yield from zipped.add(PROJECTS, [encode(_listed(projects))], now())
    missing: list[JSON] = []
    for file, media_type in files.items():
        if not (yield from _blob(zipped, reader.file(blobs, file), file, media_type)):
            missing.append(file)
    manifest: JSONObject = {
        "harness": HARNESS,
        "format": FORMAT,
        "version": __version__,
        "created": now(),
        **counts,
        "files": len(files) - len(missing),
        "missing": missing,
    }
    yield from zipped.add("manifest.json", [encode(manifest)], now())
    yield from zipped.end()


def _blob(
    zipped: StreamedZip, path: Path | None, file: str, media_type: str
) -> Generator[bytes, None, bool]:
    """The content of a file. False if it is not there."""
    if path is None:
        return False
    try:
        yield from zipped.add_file(f"blobs/{file}", path, media_type, now())
    except OSError:
        return False
    return True


def _listed(projects: list[Project]) -> JSONObject:
    items: list[JSON] = [msgspec.to_builtins(one) for one in projects]
    return {"harness": HARNESS, "format": FORMAT, "projects": items}


def file_name(conversation: Conversation) -> str:
    """As llama.cpp's page names its files: the day, the id, and what one recognises it by."""
    day = datetime.fromtimestamp(conversation.created / 1000, tz=UTC).strftime("%Y-%m-%d")
    title = re.sub(r"\W+", "_", clean_name(conversation.title, "chat")).strip("_")[:40]
    safe_id = re.sub(r"[^A-Za-z0-9-]", "_", conversation.id)
    return f"{day}_conv_{safe_id}_{title or 'chat'}.jsonl"


def _noted(
    messages: Iterator[ExportedMessage], counts: dict[str, int], files: dict[str, str]
) -> Iterator[ExportedMessage]:
    for one in messages:
        counts["messages"] += 1
        for file in usable(one.message.attachments):
            files.setdefault(file.file, file.type)
        yield one


def usable(attachments: Iterable[Attachment]) -> list[Attachment]:
    """Those whose file can be on the disk."""
    return [one for one in attachments if is_file_id(one.file)]
