"""The jobs that run or wait, by the account that they belong to."""

from __future__ import annotations

from collections.abc import Callable

from llmchat.jobs.records import Record, Records


class Owned:
    """`stop` ends one."""

    def __init__(self, records: Records, stop: Callable[[Record], None]) -> None:
        self._records = records
        self._stop = stop

    def accounts(self) -> frozenset[str]:
        """Those that have such jobs."""
        return frozenset(one.account for one in self._records.active())

    async def stop_all(self, account: str) -> None:
        """Stop every job of an account, and wait until that is stored."""
        stopped = [one for one in self._records.active() if one.account == account]
        for record in stopped:
            self._stop(record)
        for record in stopped:
            await record.log.stored()
