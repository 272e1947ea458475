"""The verdict on a round: what the server stored, logged and shows to other processes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection

from tests.chaos import checks
from tests.chaos.client import Users
from tests.chaos.history import END, History, text_of
from tests.chaos.processes import tells
from tests.chaos.server import BrokenError, Server
from tests.chaos.stores import check_store

# A process whose server is killed while it is spawned says so in Python's words.
_SPAWNED = re.compile(r"Traceback .*\n(?: .*\n)*? .*multiprocessing.*\n(?: .*\n)*\w+Error.*\n")


class Verdict:
    """Everything here raises BrokenError for the first violation."""

    def __init__(self, server: Server, users: Users, rules: checks.Rules) -> None:
        self._server = server
        self._users = users
        self._rules = rules

    async def judge(self, jobs: Collection[History]) -> None:
        """Read every job that is over; start the server again, and read them again."""
        for job in jobs:
            job.stored = await self._users.events(job, None)
            await self._check_positions(job)
        await self._server.terminate()
        check_store(self._server.data, jobs, self._rules.secrets)
        self._check_log()
        await self._server.start()
        for job in jobs:
            job.stored_again = await self._users.events(job, None)
            for violation in checks.violations(job, self._rules):
                raise BrokenError(f"{violation}\n{job.describe()}")

    async def look_for_keys(self) -> None:
        """No child has a key where other programs can read it (I11)."""
        told = {pid for pid in self._server.family()[1:] if tells(pid, self._rules.secrets)}
        if told:
            await asyncio.sleep(1.0)  # until it runs its own program, a child looks like its parent
        for pid in told & set(self._server.family()[1:]):
            if (place := tells(pid, self._rules.secrets)) is not None:
                raise BrokenError(f"I11: a key is in the {place} of process {pid}")

    async def _check_positions(self, job: History) -> None:
        """From wherever a reader left, the rest completes the text (I3)."""
        for events in job.readers:
            if events and events[-1].id != END:
                rest = await self._users.events(job, events[-1].id)
                if text_of(events) + text_of(rest) != text_of(job.stored):
                    raise BrokenError(f"I3: the rest does not complete the text\n{job.describe()}")

    def _check_log(self) -> None:
        log = self._server.log.read_text(errors="replace")
        for secret in (*self._rules.secrets, self._rules.note):
            if secret in log:
                raise BrokenError("I11: a key or a question is in the log")
        log = _SPAWNED.sub("", log)
        if "Traceback" in log or "ERROR" in log:
            raise BrokenError(f"the log tells of a mistake:\n{log[-4000:]}")
