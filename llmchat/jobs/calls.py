"""The calls of tools that jobs make, as far as the server has a part in them: it brings what a
person decides to the worker, and says when a call may begin.

While a person thinks, or a tool works, its endpoint is free for others.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from llmchat.domain.errors import NotWaitingError
from llmchat.domain.job import Status, ToolRun
from llmchat.domain.messages import Begin, Decide
from llmchat.domain.tools import Approval, Decision
from llmchat.jobs.approvals import Approvals
from llmchat.jobs.dispatcher import Dispatcher
from llmchat.jobs.records import Record


class Calls:
    """`background` runs what need not be waited for."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        approvals: Approvals,
        background: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._dispatcher = dispatcher
        self._approvals = approvals
        self._background = background

    def note(self, record: Record, run: ToolRun | Status) -> None:
        """A worker tells of a call, or that it asks the model; that is in the log of its job."""
        if isinstance(run, Status):
            if run.state == "running":
                self._dispatcher.wake(record)
            return
        if run.state in ("waiting", "running"):
            self._dispatcher.rest(record)
        if run.state == "waiting":
            record.asked[run.id] = run
        else:
            record.asked.pop(run.id, None)
        if run.state == "running":
            self._background(self._begin(record, run.id))

    async def decide(self, record: Record, call_id: str, decision: Decision) -> None:
        """A person has decided. Raises NotWaitingError, also for what is decided already, and
        StorageError if that cannot be kept: then nothing is decided.
        """
        run = record.asked.pop(call_id, None)
        if run is None:
            raise NotWaitingError
        try:
            await self._keep(record.account, run, decision)
        except BaseException:
            record.asked[call_id] = run
            raise
        self._dispatcher.tell(record, Decide(record.job.id, call_id, decision))

    async def _keep(self, account: str, run: ToolRun, decision: Decision) -> None:
        if decision == "tool":
            approval = Approval(run.server, run.tool, run.tool_digest or "")
        elif decision == "server":
            approval = Approval(run.server, "", run.server_digest or "")
        else:
            return
        await self._approvals.add(account, approval)

    async def _begin(self, record: Record, call_id: str) -> None:
        """Let a call begin when it is stored that it does: a job that is found after a crash is
        never run again then, whatever its tool has done by then.
        """
        attempt = record.attempt
        await record.log.stored()
        if record.log.final is None and record.attempt == attempt:
            self._dispatcher.tell(record, Begin(record.job.id, call_id))
