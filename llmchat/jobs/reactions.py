"""What becomes of the jobs when something happens to the processes."""

from __future__ import annotations

from collections.abc import Awaitable

from llmchat.domain.job import Failed
from llmchat.domain.messages import EngineFailed, JobEvents
from llmchat.jobs.dispatcher import Dispatcher
from llmchat.jobs.endings import Endings
from llmchat.jobs.metrics import Metrics
from llmchat.jobs.recorder import Recorder
from llmchat.jobs.router import Router


class Reactions:
    """The side of the job service that the backend tells (`Listener` in backend.py)."""

    metrics: Metrics
    _dispatcher: Dispatcher
    _endings: Endings
    _recorder: Recorder
    _router: Router

    def on_ready(self) -> None:
        """Listener of the backend, as the next eight."""
        self._dispatcher.dispatch()

    def on_events(self, report: JobEvents) -> None:
        self._router.route(report)

    def hold(self) -> Awaitable[None] | None:
        return self._recorder.hold()

    def on_worker_lost(self, slot: int, reason: str) -> None:
        self.metrics.restarted("worker")
        self._endings.run_again(
            self._dispatcher.lost_with(slot),
            "worker-ended",
            f"The worker process ended ({reason})",
        )

    def on_engine_loading(self, endpoint: str) -> None:
        self._dispatcher.tell_progress(endpoint)

    def on_engine_lost(self, endpoint: str, title: str, reason: str) -> None:
        self.metrics.restarted("model")
        hint = ", as happens when memory runs out" if reason.endswith("SIGKILL") else ""
        # What has shown text is left to the worker: it sees the connection break, and says so.
        self._endings.run_again(
            self._dispatcher.take_back(endpoint),
            "model-ended",
            f"The process of {title} ended ({reason}{hint})",
        )

    def on_engine_failed(self, endpoint: str, failure: EngineFailed) -> None:
        for record in self._dispatcher.waiting_for(endpoint):
            self._endings.ended(record, Failed(failure.code, failure.message))

    def is_busy(self, endpoint: str) -> bool:
        return self._dispatcher.is_busy(endpoint)

    def is_wanted(self, endpoint: str) -> bool:
        return self._dispatcher.is_wanted(endpoint)
