"""`llmchat export FILE`: all conversations as a zip."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from llmchat.commands.output import new_file
from llmchat.commands.progress import Progress
from llmchat.config import Settings
from llmchat.storage.blobs import FOLDER_NAME, Blobs
from llmchat.storage.exports import ExportReader
from llmchat.storage.location import FILE_NAME
from llmchat.storage.migrations import refusal_of
from llmchat.transfer.export.formats import ZIPS


def run(settings: Settings, flags: dict[str, str]) -> int:
    """Export everything. Returns the exit code. Raises ConfigError."""
    target = Path(flags["file"])
    chosen = ZIPS[flags["format"]]
    store = settings.data_dir / FILE_NAME
    blobs = Blobs(settings.data_dir / FOLDER_NAME)
    try:
        with ExportReader(store) as reader, new_file(target) as file:
            total = reader.count(with_bin=chosen.with_bin)
            numbers = reader.numbers(with_bin=chosen.with_bin)
            with Progress("Exporting", total, "conversations") as progress:
                for piece in chosen.write(reader, blobs, numbers, progress.step):
                    file.write(piece)
    except sqlite3.Error as error:
        raise refusal_of(store, error) from error
    print(f"{total:,} conversations are in {target}.")  # noqa: T201 - it talks to a person
    return 0
