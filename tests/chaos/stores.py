"""The data files of a server that was stopped: whole, complete, and without secrets."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from tests.chaos.history import History
from tests.chaos.server import BrokenError

FILE_NAME = "llmchat.db"


@contextlib.asynccontextmanager
async def locked(folder: Path) -> AsyncIterator[None]:
    """Keep everybody else from writing."""
    store = sqlite3.connect(folder / FILE_NAME, isolation_level=None, check_same_thread=False)
    try:
        await asyncio.to_thread(store.execute, "begin immediate")
        yield
    finally:
        store.close()


def check_store(folder: Path, jobs: Iterable[History], secrets: tuple[str, ...]) -> None:
    """Every accepted job is there once and has an end (I1, I4, I6). Raises BrokenError."""
    with contextlib.closing(sqlite3.connect(folder / FILE_NAME)) as store:
        if store.execute("pragma integrity_check").fetchone() != ("ok",):
            raise BrokenError("I4: the data file is damaged")
        ended = dict(store.execute("select id, ended from job").fetchall())
        keys = store.execute("select key, count(*) from job where key is not null group by key")
        twice = [key for key, count in keys if count > 1]
    if twice:
        raise BrokenError(f"I6: several jobs of one key: {twice}")
    if open_ones := [job_id for job_id, end in ended.items() if end is None]:
        raise BrokenError(f"I1: jobs without an end: {open_ones}")
    for job in jobs:
        if job.job_id not in ended:
            raise BrokenError(f"I4: an accepted job is not stored\n{job.describe()}")
    for path in filter(Path.is_file, folder.rglob("*")):
        data = path.read_bytes()
        if any(secret.encode() in data for secret in secrets):
            raise BrokenError(f"I11: a key is in {path.name}")
