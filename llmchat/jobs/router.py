"""⑥ Takes the events off the output queues and appends them to the log of their job."""

from __future__ import annotations

from collections.abc import Callable

from llmchat.domain.job import FINAL_NAMES, Done, Failed
from llmchat.domain.messages import JobEvents
from llmchat.jobs.log import Entry
from llmchat.jobs.records import Record
from llmchat.queues.events import unpack


class Router:
    """`find` gives the record of a job id, or None; `on_final` gets how its attempt ended."""

    def __init__(
        self,
        find: Callable[[str], Record | None],
        on_final: Callable[[Record, Done | Failed], None],
    ) -> None:
        self._find = find
        self._on_final = on_final

    def route(self, report: JobEvents) -> None:
        """Append the events in order. What comes from an earlier attempt, or late, is dropped."""
        record = self._find(report.job_id)
        if record is None or record.attempt != report.attempt:
            return
        for seq, event in enumerate(report.events, report.first_seq):
            if event.name not in FINAL_NAMES:
                record.add(Entry(report.attempt, seq, *event))
            elif isinstance(final := unpack(event), Done | Failed):
                self._on_final(record, final)
