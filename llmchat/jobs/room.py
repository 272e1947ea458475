"""Whether another question can be taken now, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping

from llmchat.domain.errors import StorageFullError, UnavailableError
from llmchat.jobs.pool import WorkerPool
from llmchat.jobs.records import Records
from llmchat.storage.jobs import JobStore


class Room:
    """`notices` are for people, by code, as long as the server runs; `closing` is for good."""

    def __init__(
        self,
        store: JobStore,
        workers: WorkerPool[object],
        records: Records,
        most_jobs: int,
        notices: Mapping[str, str],
    ) -> None:
        self._store = store
        self._workers = workers
        self._records = records
        self._notices = notices
        self.most_jobs = most_jobs
        self.closing = False

    def check(self) -> None:
        """Raise UnavailableError if no question can be taken."""
        if self.closing:
            raise UnavailableError("llmchat is stopping.", code="stopping")
        if (reason := self._workers.failing) is not None:
            raise UnavailableError(
                f"No worker process can be started ({reason}). The log of llmchat says more.",
                code="no-worker",
            )
        if self._store.full:
            raise StorageFullError(
                "The disk is full, so no new question can be stored. Free some space, then ask"
                " again."
            )
        if self._records.active_count >= self.most_jobs:
            raise UnavailableError(
                "Too many questions are waiting. Try again in a moment.", code="queue-full"
            )

    def missing(self) -> Mapping[str, str]:
        """What is not ready, by part; empty if all is."""
        missing = {}
        if self.closing:
            missing["server"] = "stopping"
        if not self._workers.up:
            missing["worker"] = self._workers.failing or "starting"
        if self._records.active_count >= self.most_jobs:
            missing["queue"] = "full"
        if self._store.full:
            missing["store"] = "full"
        return missing

    def notices(self) -> Mapping[str, str]:
        """What people should know of the state of this server, by code."""
        if not self._store.full:
            return self._notices
        return {
            **self._notices,
            "storage-full": "The disk is full: no new question can be stored. Free some space.",
        }
