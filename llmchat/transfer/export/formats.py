"""The formats by name, for the server and for the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from llmchat.storage.blobs import Blobs
from llmchat.storage.exports import ExportedConversation, ExportedMessage, ExportReader
from llmchat.transfer.export.archive import archive
from llmchat.transfer.export.markdown import markdown
from llmchat.transfer.export.open_webui import open_webui
from llmchat.transfer.export.sessions import document
from llmchat.transfer.export.zipped import Pieces

Write: TypeAlias = Callable[[ExportReader, Blobs, Iterable[int], Callable[[], None]], Pieces]
WriteOne: TypeAlias = Callable[[ExportedConversation, Iterator[ExportedMessage]], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class ZipFormat:
    """`with_bin`: what was deleted less than 30 days ago is in it, as deleted."""

    write: Write
    with_bin: bool


@dataclass(frozen=True, slots=True)
class OneFormat:
    """How one conversation is written: all its branches, or the one in view."""

    write: WriteOne
    ending: str
    media_type: str
    whole: bool


ZIPS = {
    "llmchat": ZipFormat(archive, with_bin=True),
    "open-webui": ZipFormat(open_webui, with_bin=False),
}
SINGLES = {
    "markdown": OneFormat(markdown, ".md", "text/markdown; charset=utf-8", whole=False),
    "json": OneFormat(document, ".json", "application/json", whole=True),
}
