"""The endpoints of a round: they answer each job as its plan says, and note who asked when."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from tests.chaos.history import Call, History, good_text
from tests.chaos.plan import GOOD
from tests.fake_faults import MODES
from tests.fake_openai import FakeOpenAI
from tests.fake_replies import Behaviour, Recorded, Reply, chunk, sse

PIECE = 20  # characters
_TAG = re.compile(r"<(job-\d+)>")


class Upstream(FakeOpenAI):
    """Endpoint number `number` of a round. `jobs` is by tag; questions of others are answered."""

    def __init__(self, number: int, jobs: Mapping[str, History]) -> None:
        super().__init__(models=("m",))
        self._number = number
        self._jobs = jobs
        self.open: dict[str, Recorded] = {}  # by tag: the call that is being answered

    def behaviour(self, recorded: Recorded) -> Behaviour:
        """As the plan of the job says for this call."""
        found = _TAG.search(str(recorded.body.get("messages")))
        job = self._jobs.get(found[1]) if found else None
        if job is None:
            return _unknown
        self.requests.clear()  # they are noted with the job
        earlier = sum(call.endpoint == self._number for call in job.calls)
        name = GOOD if self._number else job.plan.first[min(earlier, len(job.plan.first) - 1)]
        silent = name == "reset-before"
        job.calls.append(Call(len(job.calls) + 1, recorded.started, self._number, silent))
        self.open[job.plan.tag] = recorded
        return _good(job, len(job.calls)) if name == GOOD else MODES[name].run

    def streaming(self, ports: set[int]) -> set[str]:
        """The tags of the jobs that get text by a connection from one of these ports."""
        return {
            tag
            for tag, call in self.open.items()
            if call.ended is None and call.sent.is_set() and call.port in ports
        }


def _good(job: History, number: int) -> Behaviour:
    plan = job.plan
    text = good_text(plan.tag, number, plan.length)

    async def run(reply: Reply) -> None:
        step = PIECE if plan.pause and plan.length < 10_000 else 2000
        for at in range(0, len(text), step):
            await reply.body(sse(chunk(text[at : at + step])))
            await asyncio.sleep(plan.pause)
        await reply.finish()

    return run


async def _unknown(reply: Reply) -> None:
    await reply.text("no plan")
    await reply.finish()
