"""The invariants I1-I8 and I11 as questions to the history of one job. Each yields violations."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass

from llmchat.worker.retries import DELAYS_SECONDS
from tests.chaos.history import END, FINAL, History, Seen, good_text, text_of
from tests.chaos.plan import TRIES, Setting
from tests.fake_faults import MODES

# What a job may end with, besides what its endpoint makes of it, when it was met by a fault.
ALLOWED = {
    "worker": {"worker-crashed"},
    "server": {"interrupted"},
    "engine": {
        *("worker-crashed", "upstream-cut", "upstream-truncated", "upstream-unreachable"),
        *("upstream-error", "model-not-loaded", "no-such-endpoint"),
    },
}
# What the limits of a round mean for who has much less of the machine than a round expects.
SLOW = {"upstream-stalled", "upstream-timeout", "job-timeout"}
CANCEL_SECONDS = 5.0  # from the reply to a stop to the end of the work at the endpoint
_SHOWN = ("delta", "reasoning", "tool_call")


@dataclass(frozen=True)
class Rules:
    """What holds for all jobs of a round. `secrets` must be in no event."""

    setting: Setting
    secrets: tuple[str, ...] = ()
    note: str = ""  # of the questions: it must be in no event but text


def violations(job: History, rules: Rules) -> Iterator[str]:
    """All that is wrong with a job that should be over."""
    yield from _ids(job.stored, "the store")
    yield from _one_end(job)
    for number, events in enumerate(job.readers):
        yield from _ids(events, f"reader {number}")
        yield from _reader(job, events, f"reader {number}")
    if job.stored_again is not None and job.stored_again != job.stored:
        yield "I4: after another start the store has other events"
    yield from _text(job)
    yield from _outcome(job, rules)
    yield from _calls(job, rules)
    yield from _stopped(job)
    if len(job.job_ids) > 1:
        yield "I6: one Idempotency-Key made several jobs"
    yield from _secrets(job, rules)


def _ids(events: list[Seen], who: str) -> Iterator[str]:
    ids = [one.id for one in events]
    if any(after <= before for before, after in itertools.pairwise(ids)):
        yield f"I5: the ids of {who} do not grow"
    if any(one.name in FINAL for one in events[:-1]):
        yield f"I5: something follows the final event for {who}"


def _one_end(job: History) -> Iterator[str]:
    ends = [one for one in job.stored if one.name in FINAL]
    if len(ends) != 1:
        yield f"I1: there are {len(ends)} final events"
    elif ends[0].id != END:
        yield "I5: the final event does not have the last id"


def _reader(job: History, events: list[Seen], who: str) -> Iterator[str]:
    whole, seen = text_of(job.stored), text_of(events)
    if not whole.startswith(seen):
        yield f"I3/I4: the text of {who} is not the start of what is stored"
    if events and events[-1].name in FINAL and seen != whole:
        yield f"I3: {who} has the end, but not the whole text"
    stored = {one.id: one for one in job.stored}
    for one in events:
        if one.name not in _SHOWN and stored.get(one.id) != one:
            yield f"I4: {who} has seen an event that is not stored: {one.short()}"


def _text(job: History) -> Iterator[str]:
    """The text is from one call, from its start. A model's own text is not known."""
    if any(one.name == "status" and one.data.get("endpoint") == "embedded" for one in job.stored):
        return
    text = text_of(job.stored)
    if not any(known.startswith(text) for known in _known_texts(job)):
        yield "I3: the text is not the start of what one call sent"


def _known_texts(job: History) -> Iterator[str]:
    yield ""
    for call in job.calls:
        yield good_text(job.plan.tag, call.number, job.plan.length)
    for name in job.plan.first:
        if name in MODES:
            yield MODES[name].text


def _outcome(job: History, rules: Rules) -> Iterator[str]:
    if not job.stored or job.stored[-1].name not in FINAL:
        return
    final = job.stored[-1]
    code = final.data.get("code", "")
    finish = final.data.get("finish_reason", "")
    if finish == "cancelled":
        yield from _cancelled(job, final)
        return
    if job.plan.embedded and not code:
        return  # `stop` or `length`, as the model likes
    if any(code in ALLOWED.get(kind, ()) for kind in job.touched):
        return
    mode = MODES.get(job.plan.first[-1])
    if "server" in job.touched and mode is not None and code == mode.code:
        return  # a server that is being stopped turns to no other endpoint
    yield from _as_planned(job, rules, code, finish)


def _as_planned(job: History, rules: Rules, code: str, finish: str) -> Iterator[str]:
    wanted = job.plan.outcome(rules.setting)
    if wanted.any_text and not code:
        return
    if (code, "" if code else finish) != (wanted.code, "" if wanted.code else wanted.finish):
        if "slow" in job.touched and code in SLOW:
            return
        yield f"I8: it ended as {code or finish}, not as {wanted.code or wanted.finish}"
        return
    whole = {wanted.text}
    if wanted.text is None:
        plan = job.plan
        whole = {good_text(plan.tag, call.number, plan.length) for call in job.calls}
    if text_of(job.stored) not in whole:
        yield "I8: it ended as it should, but its text is not whole"


def _cancelled(job: History, final: Seen) -> Iterator[str]:
    if not job.stops:
        yield "I8: it was stopped, but nobody stopped it"
    elif final.data.get("seen") not in {stop.seen for stop in job.stops}:
        yield "I4: it was stopped at an event that nobody named"


def _calls(job: History, rules: Rules) -> Iterator[str]:
    if job.first_text is not None and any(call.started > job.first_text for call in job.calls):
        yield "I7: an endpoint was asked after text had been shown"
    told = [one.data.get("state") for one in job.stored if one.name == "status"]
    starts = sum(
        one.name == "status" and one.data.get("state") == "running" and one.id[1] == 0
        for one in job.stored
    )
    silent = sum(call.silent for call in job.calls)
    # A start that was not stored when the server was killed is not told, nor is what followed it:
    # while the store is locked that may be every try at every endpoint.
    lost = job.server_kills * rules.setting.endpoints * (1 + len(DELAYS_SECONDS))
    bound = starts + told.count("retrying") + lost + silent
    if len(job.calls) > bound:
        yield f"I6: {len(job.calls)} calls, but {bound} at most are told of"
    planned = job.plan.calls(rules.setting) + silent
    if not job.touched and len(job.calls) > planned:
        yield f"I6: {len(job.calls)} calls where {planned} are right"
    most = TRIES * (2 + rules.setting.endpoints) + job.server_kills + silent
    if len(job.calls) > most:
        yield f"I7: {len(job.calls)} calls are too many for any job"
    yield from _shown_once(job)


def _shown_once(job: History) -> Iterator[str]:
    shown = False
    for one in job.stored:
        shown = shown or one.name in _SHOWN
        state = one.data.get("state") if one.name == "status" else None
        if shown and state in {"running", "restarted", "retrying", "failover", "queued"}:
            yield f"I7: {state} after text was shown"


def _stopped(job: History) -> Iterator[str]:
    replies = [one.acknowledged for one in job.stops if one.acknowledged is not None]
    if replies and any(call.started > min(replies) + CANCEL_SECONDS for call in job.calls):
        yield "I6: an endpoint was asked after the job was stopped"


def _secrets(job: History, rules: Rules) -> Iterator[str]:
    for one in [*job.stored, *(event for events in job.readers for event in events)]:
        told = json.dumps(one.data, ensure_ascii=False)
        if any(secret in told for secret in rules.secrets):
            yield f"I11: a key is in an event: {one.short()}"
        if rules.note and one.name not in _SHOWN and rules.note in told:
            yield f"I11: a question is in an event: {one.short()}"
