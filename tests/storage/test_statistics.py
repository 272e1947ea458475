"""What is counted of answers, and that it survives them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from llmchat.domain.job import Done, Failed, Timings, Usage
from llmchat.domain.statistics import Count
from llmchat.storage.database import Database
from llmchat.storage.jobs import Ending, JobStore, NewJob
from llmchat.storage.journal import Fold
from llmchat.storage.migrations import open_migrated
from llmchat.storage.statistics import StatisticsStore

ALWAYS = (0, 2**53, 2**53)
LAST = 2**32 - 1


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database.open(tmp_path / "llmchat.db")
    yield opened
    await opened.close()


async def _end(store: JobStore, name: str, final: Done | Failed, model: str = "m") -> None:
    number = await store.add(NewJob(name, "", None, "{}", "", "local", model))
    kind, state = ("error", "error") if isinstance(final, Failed) else ("done", "done")
    data = msgspec.json.encode(final).decode()
    events = f'[{LAST},0,"{kind}",{data}]'
    ending = Ending(number, state, "local", model, 1)
    await store.append(b"", [Fold(number, LAST, 0, events.encode())], [ending])


async def test_answers_are_counted_as_they_end_and_stay_when_their_jobs_go(
    database: Database,
) -> None:
    store, numbers = JobStore(database), StatisticsStore(database)
    usage = Usage(prompt_tokens=30, completion_tokens=11, cached_tokens=10)
    await _end(store, "1", Done("stop", usage, Timings(0.1, 0.5, 2.5)))
    await _end(store, "2", Done("stop", usage, Timings(0.0, 1.5, 3.5)))
    await _end(store, "3", Failed("upstream-error", "No."))
    await _end(store, "4", Done("stop", Usage(), Timings(), model="other", endpoint="cloud"))
    counted = [count for _, count in await numbers.read("", *ALWAYS)]
    assert counted == [
        Count("m", "local", 3, 1, 60, 20, 22, 2.0, 2, 4.0, 20),
        Count("other", "cloud", 1, 0, 0, 0, 0, 0.0, 0, 0.0, 0),
    ]
    await store.forget(-10)
    assert len(await numbers.read("", *ALWAYS)) == 2
    assert await numbers.read("somebody", *ALWAYS) == []
    await numbers.forget("")
    assert await numbers.read("", *ALWAYS) == []


async def test_the_answers_of_an_older_store_are_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "llmchat.db"
    connection = open_migrated(path, 1.0, ())
    connection.executescript((Path(__file__).parent / "version_2.sql").read_text(encoding="utf-8"))
    connection.close()
    database = Database.open(path)
    try:
        ((_, counted),) = await StatisticsStore(database).read("", *ALWAYS)
    finally:
        await database.close()
    assert counted == Count("m", "local", 2, 1, 20, 5, 11, 0.5, 1, 2.0, 10)
