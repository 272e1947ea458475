"""The event log of a job: one rule for ids, nothing shown before it is stored, any readers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from llmchat.domain.errors import StorageError
from llmchat.domain.job import END, Delta, Done, Event, EventId, Failed, Status
from llmchat.jobs.log import KEPT, KEPT_BYTES, Entry, JobLog


def _add(log: JobLog, event_id: tuple[int, int], event: Event) -> None:
    assert log.append(EventId(*event_id), event)
    log.publish(1)


def _log(*events: tuple[tuple[int, int], Event]) -> JobLog:
    log = JobLog()
    for event_id, event in events:
        _add(log, event_id, event)
    return log


async def _read(log: JobLog, after: EventId | None = None) -> list[Entry]:
    return [entry async for batch in log.follow(after) for entry in batch]


def test_an_id_that_is_not_greater_than_the_last_one_is_refused() -> None:
    log = _log(((1, 5), Delta("a")))
    assert not log.append(EventId(1, 5), Delta("b"))
    assert not log.append(EventId(0, 9), Delta("c"))
    _add(log, (2, 0), Status("restarted"))
    assert [entry.event for entry in log.since(None)] == [Delta("a"), Status("restarted")]


def test_nothing_follows_the_final_event() -> None:
    log = _log(((1, 1), Delta("a")), (END, Done("stop")))
    assert not log.append(END, Failed("worker-crashed", ""))
    assert not log.append(EventId(1, 2), Delta("b"))
    assert log.final == Done("stop")


@pytest.mark.parametrize(("event_id", "event"), [(END, Delta("a")), (EventId(1, 1), Done("stop"))])
def test_the_last_id_is_for_final_events_and_only_for_them(event_id: EventId, event: Event) -> None:
    with pytest.raises(ValueError, match="cannot have the id"):
        JobLog().append(event_id, event)


async def test_a_reader_gets_what_was_there_and_then_what_comes() -> None:
    log = _log(((1, 0), Status("running")), ((1, 1), Delta("a")))
    reader = asyncio.create_task(_read(log))
    await asyncio.sleep(0)
    _add(log, (1, 2), Delta("b"))
    await asyncio.sleep(0)
    _add(log, (1, 3), Delta("c"))
    _add(log, END, Done("stop"))
    texts = [entry.event for entry in (await reader)[1:]]
    assert texts == [Delta("a"), Delta("b"), Delta("c"), Done("stop")]


async def test_nobody_gets_an_event_before_it_is_published() -> None:
    log = _log(((1, 0), Status("running")))
    log.append(EventId(1, 1), Delta("a"))
    log.append(EventId(1, 2), Delta("b"))
    assert [entry.id for entry in log.since(None)] == [(1, 0)]
    assert (log.published_id, log.last_id) == (EventId(1, 0), EventId(1, 2))
    assert await log.read(EventId(1, 0)) == []
    log.publish(1)
    assert [entry.id for entry in await log.read(EventId(1, 0))] == [(1, 1)]


async def test_what_could_not_be_stored_was_never_there() -> None:
    log = _log(((1, 1), Delta("a")))
    log.append(EventId(1, 2), Delta("b"))
    log.append(END, Done("stop"))
    log.drop_unpublished()
    _add(log, END, Failed("storage", ""))
    assert [entry.event for entry in await _read(log)] == [Delta("a"), Failed("storage", "")]


async def test_a_reader_that_comes_back_gets_only_what_it_missed() -> None:
    log = _log(((1, 1), Delta("a")), ((1, 2), Delta("b")), (END, Done("stop")))
    assert [str(entry.id) for entry in await _read(log, EventId(1, 1))] == ["1-2", str(END)]
    assert await _read(log, END) == []


class _Store:
    """All entries of a log, given out a few at a time."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.reads = 0

    async def read(self, after: EventId | None) -> Sequence[Entry]:
        self.reads += 1
        return [one for one in self.entries if after is None or one.id > after][:50]


async def test_a_long_answer_is_in_memory_only_at_its_end_and_read_whole_by_everybody() -> None:
    store = _Store()
    log = JobLog(store.read)
    early = asyncio.create_task(_read(log))
    for seq in range(1, 1001):
        log.append(EventId(1, seq), Delta(str(seq)))
        store.entries += log.unpublished
        log.publish(1, folded=True)
    assert len(log.since(None)) <= 2 * KEPT
    log.append(END, Done("stop"))
    store.entries += log.unpublished
    log.publish(1)
    assert await early == await _read(log) == store.entries
    assert list(await log.read_all(EventId(1, 3))) == store.entries[3:]
    reads = store.reads
    assert await _read(log, EventId(1, 995)) == store.entries[995:]
    assert store.reads == reads  # the end needs no store


async def test_large_events_leave_memory_as_soon_as_they_are_in_the_store() -> None:
    store = _Store()
    log = JobLog(store.read)
    for seq in range(1, 9):
        log.append(EventId(1, seq), Delta("x" * (KEPT_BYTES // 3)))
        store.entries += log.unpublished
        log.publish(1, folded=True)
        assert sum(len(entry.data) for entry in log.since(None)) <= KEPT_BYTES
    assert list(await log.read_all(None)) == store.entries
    assert (log.last_id, log.published_id) == (EventId(1, 8), EventId(1, 8))


def test_a_listener_finds_all_that_is_new_in_memory_however_much_comes_at_once() -> None:
    store = _Store()
    log = JobLog(store.read)
    got: list[Entry] = []
    log.listen(lambda: got.extend(log.since(got[-1].id if got else None)))
    for start in (1, 1 + 5 * KEPT):
        for seq in range(start, start + 5 * KEPT):
            log.append(EventId(1, seq), Delta(str(seq)))
        log.publish(5 * KEPT, folded=True)
    assert [entry.id.seq for entry in got] == list(range(1, 1 + 10 * KEPT))


async def test_a_part_that_the_store_has_lost_is_an_error_and_not_a_gap() -> None:
    log = JobLog(_Store().read, last=EventId(1, 7))
    with pytest.raises(StorageError):
        await log.read(None)


async def test_a_reader_that_goes_away_leaves_nothing_behind() -> None:
    log = _log(((1, 1), Delta("a")))
    readers = [asyncio.create_task(_read(log)) for _ in range(100)]
    await asyncio.sleep(0)
    for reader in readers:
        reader.cancel()
    await asyncio.wait(readers)
    assert not log._listeners  # what a leak would fill


@pytest.mark.parametrize("text", ["", "1", "1-", "-1", "1-2-3", "01-2", "1-99999999999", "1-٣"])
def test_what_is_not_an_event_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        EventId.parse(text)


def test_an_event_id_survives_its_wire_form() -> None:
    for event_id in (EventId(0, 1), EventId(1, 57), END):
        assert EventId.parse(str(event_id)) == event_id
