"""⑥ Takes the events off the output queues and appends them to the log of their job."""

from __future__ import annotations

from collections.abc import Callable

from llmchat.domain.job import EVENT_NAMES, FINAL_NAMES, Done, Failed, Packed, Status, ToolRun
from llmchat.domain.messages import JobEvents
from llmchat.jobs.log import Entry
from llmchat.jobs.records import Record
from llmchat.queues.events import unpack

_RUNS = frozenset({EVENT_NAMES[Status], EVENT_NAMES[ToolRun]})


class Router:
    """`find` gives the record of a job id, or None; `on_final` gets how its attempt ended, and
    `on_run` what it does meanwhile.
    """

    def __init__(
        self,
        find: Callable[[str], Record | None],
        on_final: Callable[[Record, Done | Failed], None],
        on_run: Callable[[Record, ToolRun | Status], None],
    ) -> None:
        self._find = find
        self._on_final = on_final
        self._on_run = on_run

    def route(self, report: JobEvents) -> None:
        """Append the events in order. What comes from an earlier attempt, or late, is dropped."""
        record = self._find(report.job_id)
        if record is None or record.attempt != report.attempt:
            return
        for seq, event in enumerate(report.events, report.first_seq):
            if event.name not in FINAL_NAMES:
                record.add(Entry(report.attempt, seq, *event))
                if event.name in _RUNS:
                    self._note(record, event)
            elif isinstance(final := unpack(event), Done | Failed):
                self._on_final(record, final)

    def _note(self, record: Record, event: Packed) -> None:
        if isinstance(what := unpack(event), ToolRun | Status):
            self._on_run(record, what)
