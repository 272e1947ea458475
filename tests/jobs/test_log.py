"""The event log of a job: one rule for ids, any number of readers."""

from __future__ import annotations

import asyncio

import pytest

from llmchat.domain.job import END, Delta, Done, Event, EventId, Failed, Status
from llmchat.jobs.log import Entry, JobLog


def _log(*events: tuple[tuple[int, int], Event]) -> JobLog:
    log = JobLog()
    for event_id, event in events:
        assert log.append(EventId(*event_id), event)
    return log


async def _read(log: JobLog, after: EventId | None = None) -> list[Entry]:
    return [entry async for batch in log.follow(after) for entry in batch]


def test_an_id_that_is_not_greater_than_the_last_one_is_refused() -> None:
    log = _log(((1, 5), Delta("a")))
    assert not log.append(EventId(1, 5), Delta("b"))
    assert not log.append(EventId(0, 9), Delta("c"))
    assert log.append(EventId(2, 0), Status("restarted"))
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
    log.append(EventId(1, 2), Delta("b"))
    await asyncio.sleep(0)
    log.append(EventId(1, 3), Delta("c"))
    log.append(END, Done("stop"))
    entries = await reader
    assert [entry.event for entry in entries[1:]] == [
        Delta("a"),
        Delta("b"),
        Delta("c"),
        Done("stop"),
    ]


async def test_a_reader_that_comes_back_gets_only_what_it_missed() -> None:
    log = _log(((1, 1), Delta("a")), ((1, 2), Delta("b")), (END, Done("stop")))
    assert [str(entry.id) for entry in await _read(log, EventId(1, 1))] == ["1-2", str(END)]
    assert await _read(log, END) == []


async def test_a_reader_that_goes_away_leaves_nothing_behind() -> None:
    log = _log(((1, 1), Delta("a")))
    readers = [asyncio.create_task(_read(log)) for _ in range(100)]
    await asyncio.sleep(0)
    for reader in readers:
        reader.cancel()
    await asyncio.wait(readers)
    assert not log._waiting  # what a leak would fill


@pytest.mark.parametrize("text", ["", "1", "1-", "-1", "1-2-3", "01-2", "1-99999999999", "1-٣"])
def test_what_is_not_an_event_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        EventId.parse(text)


def test_an_event_id_survives_its_wire_form() -> None:
    for event_id in (EventId(0, 1), EventId(1, 57), END):
        assert EventId.parse(str(event_id)) == event_id
