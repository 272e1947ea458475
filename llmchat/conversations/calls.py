"""What a model is told of the tools that an earlier answer has called."""

from __future__ import annotations

from itertools import groupby

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import Message
from llmchat.tools.untrusted import call_part, result_message

OLD_CHARACTERS = 2000  # of a result further up: what it was good for, the answer says
_NO_RESULT = {
    "skipped": "This call was not made.",
    "interrupted": "This call was interrupted. What it has done by then is not known.",
}


def has_calls(message: Message) -> bool:
    """Whether llmchat has run tools for an answer; what was imported from elsewhere it has not."""
    return message.role == "assistant" and any(map(_is_run, message.tool_calls))


def with_calls(message: Message, *, newest: bool) -> list[JSONObject]:
    """An answer as the messages that it was made of: its text up to a call, the result, and so on.
    Only of the newest one the results are whole.
    """
    most = None if newest else OLD_CHARACTERS
    told: list[JSONObject] = []
    start = 0
    runs = [one for one in message.tool_calls if _is_run(one)]
    for at, group in groupby(runs, key=_place):
        calls = list(group)
        parts: list[JSON] = [call_part(*_call(one)) for one in calls]
        text = message.content[start:at].strip("\n")
        told.append({"role": "assistant", "content": text or None, "tool_calls": parts})
        told += [_result(one, most) for one in calls]
        start = max(start, at)
    rest = message.content[start:].lstrip("\n")
    return [*told, {"role": "assistant", "content": rest}] if rest else told


def _is_run(call: JSONObject) -> bool:
    """Whether it has what is used below: a conversation may come from a file that anybody wrote."""
    texts = (call.get("id"), call.get("server"), call.get("tool"))
    return all(isinstance(one, str) and one for one in texts) and bool(_call(call)[1])


def _place(call: JSONObject) -> int:
    at = call.get("at")
    return max(0, at) if isinstance(at, int) else 0


def _call(call: JSONObject) -> tuple[str, str, str]:
    function = call.get("function")
    named = function if isinstance(function, dict) else {}
    return str(call.get("id")), str(named.get("name") or ""), str(named.get("arguments") or "")


def _result(call: JSONObject, most: int | None) -> JSONObject:
    text = str(call.get("result") or _NO_RESULT.get(str(call.get("state")), ""))
    if most is not None and len(text) > most:
        text = f"{text[:most]}\n[The rest of this earlier result is left out.]"
    return result_message(str(call["id"]), str(call["server"]), str(call["tool"]), text)
