"""Which models are in memory, with processes that only say that they are ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from llmchat.domain.messages import EngineFailed, EngineReady
from llmchat.jobs.engine import Engine
from llmchat.jobs.engines import Engines
from llmchat.jobs.supervisor import Child
from llmchat.queues.base import Inbox, Outbox


def _serve(reports: Outbox[Any], lifeline: Inbox[Any], config: bool) -> None:
    reports.put_now(EngineReady("http://127.0.0.1:1/v1", "key") if config else EngineFailed("no"))
    if config:
        lifeline.wait_closed()


class World:
    """Who wants what, and what has happened."""

    def __init__(self, most: int, idle_seconds: float = 0.0) -> None:
        self.busy: set[str] = set()
        self.wanted: list[str] = []
        self.free: int | None = None
        self.failed: list[str] = []
        self.loads: list[str] = []
        self.engines = Engines(
            self, self, most=most, idle_seconds=idle_seconds, free_bytes=lambda: self.free
        )

    def add(self, name: str, *, works: bool = True, size: int = 0) -> None:
        child = Child("engine", _serve, lambda: works, start_seconds=60, silence_seconds=60)
        engine = Engine(name, "local", child, self.engines, slots=1)
        engine.file_bytes = engine.needed_bytes = size
        self.engines.add(engine)

    def ask(self, name: str) -> None:
        """Somebody asks: it is taken as soon as the model has a slot."""
        self.wanted.append(name)
        self.on_room()

    def answer(self, name: str) -> None:
        """It has answered."""
        self.busy.discard(name)
        self.engines.rest(name)
        self.on_room()

    def loaded(self) -> set[str]:
        return {one.name for one in self.engines if one.state != "off"}

    def is_busy(self, endpoint: str) -> bool:
        return endpoint in self.busy

    def is_wanted(self, endpoint: str) -> bool:
        return endpoint in self.wanted

    def on_room(self) -> None:
        for name in dict.fromkeys(self.wanted):
            if self.engines.slots(name) and name not in self.busy:
                self.wanted.remove(name)
                self.busy.add(name)

    def on_engine_ready(self, engine: Engine) -> None:
        self.loads.append(engine.name)
        self.on_room()

    def on_engine_loading(self, engine: Engine) -> None:
        pass

    def on_engine_lost(self, engine: Engine, reason: str) -> None:
        pass

    def on_engine_failed(self, engine: Engine, failure: EngineFailed) -> None:
        self.failed.append(engine.name)
        self.wanted = [name for name in self.wanted if name != engine.name]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds():  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.005)

    async def asked(self, name: str) -> None:
        """Ask, and have it answered."""
        self.ask(name)
        await self.until(lambda: name in self.busy)
        self.answer(name)


@pytest.fixture
async def world() -> AsyncIterator[Callable[..., World]]:
    made: list[World] = []

    def make(most: int, idle_seconds: float = 0.0) -> World:
        made.append(World(most, idle_seconds))
        return made[-1]

    yield make
    for one in made:
        await one.engines.close()


async def test_the_one_that_was_not_used_for_the_longest_time_goes(
    world: Callable[..., World],
) -> None:
    here = world(2)
    for name in "abc":
        here.add(name)
    for name in "aba":
        await here.asked(name)
    assert here.loads == ["a", "b"]
    await here.asked("c")
    assert here.loaded() == {"a", "c"}


async def test_one_that_answers_takes_nothing_new_and_goes_when_it_is_done(
    world: Callable[..., World],
) -> None:
    here = world(1)
    for name in "ab":
        here.add(name)
    here.ask("a")
    await here.until(lambda: "a" in here.busy)
    here.ask("b")
    here.ask("a")
    assert here.engines.slots("a") == 0
    assert here.loaded() == {"a"}
    here.answer("a")
    await here.until(lambda: "b" in here.busy)  # and not "a" once more
    assert here.loads == ["a", "b"]
    here.answer("b")
    await here.until(lambda: "a" in here.busy)


async def test_nobody_makes_room_for_a_question_that_was_taken_back(
    world: Callable[..., World],
) -> None:
    here = world(1)
    for name in "ab":
        here.add(name)
    here.ask("a")
    await here.until(lambda: "a" in here.busy)
    here.ask("b")
    here.wanted.remove("b")
    assert here.engines.slots("a") == 1


async def test_others_go_where_memory_is_short(world: Callable[..., World]) -> None:
    here = world(9)
    for name, size in (("a", 30), ("b", 30), ("c", 80)):
        here.add(name, size=size)
    here.free = 100
    await here.asked("a")
    await here.asked("b")
    assert here.loaded() == {"a", "b"}
    await here.asked("c")  # 100 are free, of which 60 are the files of the others
    assert here.loaded() == {"c"}
    assert here.loads == ["a", "b", "c"]


async def test_what_is_only_expected_drives_nobody_out(world: Callable[..., World]) -> None:
    here = world(1)
    for name in "ab":
        here.add(name)
    await here.asked("a")
    expected = here.engines.get("b")
    assert expected is not None
    here.engines.expect(expected)
    assert here.loaded() == {"a"}
    await here.engines.unload("a")
    here.engines.expect(expected)
    await here.until(lambda: here.loads == ["a", "b"])


async def test_one_that_cannot_be_loaded_holds_nobody_up(world: Callable[..., World]) -> None:
    here = world(1)
    here.add("bad", works=False)
    here.add("good")
    here.ask("bad")
    here.ask("good")
    await here.until(lambda: "good" in here.busy)
    assert here.failed == ["bad"]


async def test_who_is_idle_leaves_and_who_is_not_stays(world: Callable[..., World]) -> None:
    here = world(2, idle_seconds=0.05)
    for name in "ab":
        here.add(name)
    here.ask("a")
    await here.until(lambda: "a" in here.busy)
    await here.asked("b")
    await here.until(lambda: here.loaded() == {"a"})
    here.answer("a")
    await here.until(lambda: not here.loaded())
