"""The feed of changes: nobody misses one without being told."""

from __future__ import annotations

import asyncio
import contextlib
import re

import pytest

from llmchat.conversations.changes import KEPT, MOST_IDLE, Changes, Feed


async def _read(feed: Feed, place: int | None, most: int = 1) -> list[bytes]:
    pieces = []
    async with contextlib.aclosing(feed.follow(place)) as events, asyncio.timeout(5):
        async for piece in events:
            pieces.append(piece)
            if len(pieces) == most:
                return pieces
    return pieces


def _id(feed: Feed) -> str:
    match = re.search(rb"id: (\S+)", feed.hello(feed.position))
    assert match is not None
    return match[1].decode()


async def test_a_reader_gets_what_came_since_its_place() -> None:
    feed = Feed()
    start = feed.place(_id(feed))
    feed.publish("a", None)
    middle = feed.place(_id(feed))
    feed.publish("b", None, ["m"])
    [both] = await _read(feed, start)
    assert re.findall(rb'"conversation":"(.)"', both) == [b"a", b"b"]
    [last] = await _read(feed, middle)
    assert b'"messages":["m"]' in last
    assert b'"a"' not in last


async def test_a_reader_that_waits_hears_of_it_at_once() -> None:
    feed = Feed()
    waiting = asyncio.create_task(_read(feed, feed.place(None)))
    await asyncio.sleep(0)
    feed.publish("a", None)
    assert b"event: change" in (await waiting)[0]
    assert feed._waiting == set()


async def test_who_has_missed_too_much_is_told_so() -> None:
    feed = Feed()
    old = _id(feed)
    place = feed.place(None)
    for _ in range(KEPT + 1):
        feed.publish("a", None)
    assert feed.place(old) is None
    for lost in (place, None):
        [piece] = await _read(feed, lost)
        assert b"event: reset" in piece
        assert _id(feed).encode() in piece


async def test_so_many_changes_at_once_are_one_reset() -> None:
    feed = Feed()
    feed.reset()
    assert b"event: reset" in (await _read(feed, 0))[0]


@pytest.mark.parametrize("unknown", ["", "-", "x-1", "{run}-", "{run}--1", "{run}-9", "{run}-²"])
async def test_an_id_that_is_none_of_this_run_says_nothing(unknown: str) -> None:
    feed = Feed()
    run = _id(feed).rpartition("-")[0]
    assert feed.place(unknown.format(run=run)) is None


async def test_a_stream_begins_with_where_it_stands_and_whether_something_was_missed() -> None:
    feed = Feed()
    start = _id(feed)
    feed.publish("a", None)
    run = start.rpartition("-")[0]
    for place, event_id, missed in (
        (feed.place(start), start, "false"),
        (feed.place(None), f"{run}-1", "false"),
        (feed.place("x-1"), f"{run}-1", "true"),
    ):
        data = f'{{"run":"{run}","missed":{missed}}}'
        expected = f"id: {event_id}\r\nevent: hello\r\ndata: {data}\r\n\r\n"
        assert feed.hello(place) == expected.encode()


async def test_an_account_gets_only_its_own_changes() -> None:
    changes = Changes()
    mine, yours = changes.of("me"), changes.of("you")
    changes.publish("you", "secret", None)
    changes.reset("you")
    assert (mine.position, yours.position) == (0, 2)
    changes.publish("me", "mine", None)
    [piece] = await _read(mine, 0)
    assert b"mine" in piece
    assert b"secret" not in piece
    assert mine.place(_id(yours)) is None  # an id of another account is none of this one


async def test_a_feed_that_is_read_stays_however_many_accounts_there_are() -> None:
    changes = Changes()
    read, left = changes.of("read"), _id(changes.of("left"))
    for number in range(MOST_IDLE):
        changes.of(f"account {number}")
    changes.publish("read", "a", None)
    assert read.position == 1
    assert changes.of("read") is read
    assert changes.of("left").place(left) is None  # who comes back is told to load everything
    changes.publish("nobody has asked", "a", None)
