"""Imports through a server that runs, since only one process may write to a data folder."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from llmchat.commands.progress import Progress
from llmchat.commands.server import Running, call, send_file
from llmchat.domain.errors import EX_CANTCREAT, EX_TEMPFAIL, ConfigError
from llmchat.domain.imported import ImportReport

_POLL_SECONDS = 0.2


def import_remotely(running: Running, paths: Sequence[Path], *, dry_run: bool) -> ImportReport:
    """Send the files to the server that runs, one after the other. Raises ConfigError."""
    report = ImportReport(dry_run=dry_run)
    for path in paths:
        _add(report, _import(running, path, dry_run=dry_run))
    return report


def _import(running: Running, path: Path, *, dry_run: bool) -> ImportReport:
    query = f"/api/import?dry_run={'true' if dry_run else 'false'}"
    with Progress("Sending  ", path.stat().st_size, "bytes") as progress:
        import_id = send_file(running, query, path, progress.step)["import_id"]
    try:
        return _wait(running, import_id)
    except BaseException:
        call(running, "DELETE", f"/api/import/{import_id}")
        raise


def _wait(running: Running, import_id: str) -> ImportReport:
    with Progress("Importing", 0, "bytes") as progress:
        while True:
            view = call(running, "GET", f"/api/import/{import_id}")
            progress.set(view["done_bytes"], view["total_bytes"])
            if view["state"] != "running":
                break
            time.sleep(_POLL_SECONDS)
    if view["state"] == "done":
        return msgspec.convert(view["report"], ImportReport)
    why = view["error"]["message"] if view["error"] else "It was cancelled."
    raise ConfigError(why, exit_code=EX_CANTCREAT if view["error"] else EX_TEMPFAIL)


def _add(total: ImportReport, one: ImportReport) -> None:
    total.format = total.format or one.format
    for name in (
        "conversations",
        "messages",
        "new",
        "updated",
        "unchanged",
        "attachments",
        "missing_attachments",
        "projects",
        "skipped_more",
    ):
        setattr(total, name, getattr(total, name) + getattr(one, name))
    total.skipped += one.skipped
