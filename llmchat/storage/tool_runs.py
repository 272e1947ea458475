"""The calls of tools that llmchat ran for an answer, as its message keeps them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from llmchat.domain.chat import JSONObject
from llmchat.domain.job import EVENT_NAMES, Delta, ToolRun
from llmchat.storage.journal import StoredRow

_DELTA, _RUN = EVENT_NAMES[Delta], EVENT_NAMES[ToolRun]
# An answer ended, and nobody will hear of these calls: whether it had begun is what matters.
_LEFT = {"running": "interrupted", "waiting": "skipped", "allowed": "skipped", "writing": "skipped"}
_KEPT = ("server", "tool", "title", "state", "result", "seconds", "code")


def tool_runs(events: Iterable[StoredRow], before: int, *, over: bool = True) -> list[JSONObject]:
    """The calls in the order in which they began, in the shape of OpenAI's chat completions, with
    what came of them. `at` is how many characters of the answer, `before` and in these events,
    stand before the call. `over`: the answer has ended.
    """
    found: dict[str, JSONObject] = {}
    places: dict[str, int] = {}
    at = before
    for event in events:
        if event.name == _DELTA:
            at += len(msgspec.json.decode(event.data)["text"])
        elif event.name == _RUN:
            run = msgspec.json.decode(event.data)
            places.setdefault(run["id"], at)
            found[run["id"]] = run
    return [_call(run, places[call_id], over=over) for call_id, run in found.items()]


def _call(run: JSONObject, at: int, *, over: bool) -> JSONObject:
    state = str(run["state"])
    kept = {name: run[name] for name in _KEPT if run.get(name) not in (None, "")}
    return {
        "id": run["id"],
        "type": "function",
        "function": {"name": run["function"], "arguments": run.get("arguments") or ""},
        **kept,
        "state": _LEFT.get(state, state) if over else state,
        "at": at,
    }
