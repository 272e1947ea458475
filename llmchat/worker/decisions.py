"""Calls that wait: for a person, and then until it is stored that they run."""

from __future__ import annotations

import asyncio
from typing import TypeAlias

from llmchat.domain.job import JobId
from llmchat.domain.messages import Begin, Decide
from llmchat.domain.tools import Decision

_Key: TypeAlias = tuple[JobId, str]


class Decisions:
    """Brings the commands of the server to the calls that they are about. What is said of a call
    that does not wait is nothing: a page may say it twice.
    """

    def __init__(self) -> None:
        self._asked: dict[_Key, asyncio.Future[Decision]] = {}
        self._starting: dict[_Key, asyncio.Future[None]] = {}

    def expect(self, job_id: JobId, call_id: str) -> asyncio.Future[Decision]:
        """What will be said of a call. Expect it before anybody is asked, and `forget` it."""
        future: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._asked[job_id, call_id] = future
        return future

    def starting(self, job_id: JobId, call_id: str) -> asyncio.Future[None]:
        """When a call may begin. As `expect`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._starting[job_id, call_id] = future
        return future

    def forget(self, job_id: JobId, call_id: str) -> None:
        """Nobody waits for this call any more."""
        self._asked.pop((job_id, call_id), None)
        self._starting.pop((job_id, call_id), None)

    def take(self, command: Decide | Begin) -> None:
        """Hand a command to the call that waits for it."""
        key = (command.job_id, command.call_id)
        if isinstance(command, Decide):
            if (asked := self._asked.get(key)) is not None and not asked.done():
                asked.set_result(command.decision)
        elif (starting := self._starting.get(key)) is not None and not starting.done():
            starting.set_result(None)
