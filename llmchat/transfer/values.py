"""Reads values out of JSON that nobody has checked; whatever is not as it should be is empty."""

from __future__ import annotations

import hashlib
import json
import math
import re
from datetime import UTC, datetime

import msgspec

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import Role

_SURROGATE = re.compile("[\ud800-\udfff]")
_LATEST = 253_402_300_799_000  # the end of the year 9999
_ROLES: dict[str, Role] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
_SECONDS_BELOW = 100_000_000_000  # 5138 if it is seconds, 1973 if it is milliseconds
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # they turn the rest of a list round
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
LONGEST_NAME = 1000


class BrokenEntryError(Exception):
    """An entry of an export that cannot be imported; the text says why, for a person."""


def members(value: JSON | object) -> JSONObject:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: JSON | object) -> list[JSON]:
    """A JSON array, or an empty one."""
    return value if isinstance(value, list) else []


def text(value: JSON | object) -> str:
    """A text that can be stored: no NUL, no half of a surrogate pair."""
    found = unicode_text(value)
    return found.replace("\0", "") if "\0" in found else found


def unicode_text(value: JSON | object) -> str:
    """A text that UTF-8 has, NUL included, which models may send."""
    if not isinstance(value, str):
        return ""
    if not value.isascii() and _SURROGATE.search(value):
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def name(value: JSON | object) -> str:
    """A text of one line that is not too long: an id, the name of a model, a role."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 2**64 else ""
    return text(value)[:LONGEST_NAME].strip()


def role(value: JSON | object) -> Role | None:
    """Who says something, if it is one of those that we know."""
    return _ROLES.get(name(value))


def written(value: JSON | object) -> str:
    """A text as it is, anything else as JSON; nothing for null."""
    if value is None or isinstance(value, str):
        return text(value)
    try:
        return text(json.dumps(value, ensure_ascii=False))
    except (RecursionError, ValueError, TypeError):
        return ""


def plain(value: JSON | object) -> JSON:
    """The same JSON with each text cleaned; null if that cannot be."""
    try:
        cleaned: JSON = msgspec.json.decode(text(json.dumps(value, ensure_ascii=False)).encode())
    except (msgspec.MsgspecError, RecursionError, ValueError, TypeError):
        return None
    return cleaned


def when(value: JSON | object) -> int:
    """A time in milliseconds since the epoch, 0 if it is none: from seconds, milliseconds and
    less, with or without a fraction, or ISO 8601.
    """
    if isinstance(value, str):
        return _iso(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    if value < _SECONDS_BELOW:
        value = value * 1000
    while value > _LATEST and value < 1e20:  # microseconds, nanoseconds
        value /= 1000
    return round(value) if 0 < value <= _LATEST else 0


def when_ms(value: JSON | object) -> int:
    """A time that is known to be in milliseconds."""
    if isinstance(value, float) and math.isfinite(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 < value <= _LATEST else 0


def _iso(value: str) -> int:
    try:
        found = datetime.fromisoformat(value.strip()[:40])
    except ValueError:
        return 0
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    try:
        ms = round(found.timestamp() * 1000)
    except (OverflowError, ValueError):
        return 0
    return ms if 0 < ms <= _LATEST else 0


def one_line(title: str) -> str:
    """A title that stays on its line and in its direction."""
    return " ".join(_CONTROLS.sub(" ", _DIRECTIONS.sub("", title)).split())


def digest(value: JSON | object) -> str:
    """An id for what has none: the same for the same content."""
    return f"sha256-{hashlib.sha256(written(value).encode()).hexdigest()[:32]}"


def tool_call(call_id: str, function: str, arguments: str, result: str = "") -> JSONObject:
    """A call in the shape of OpenAI's chat completions, with what came of it if that is known."""
    call: JSONObject = {
        "id": call_id,
        "type": "function",
        "function": {"name": function, "arguments": arguments},
    }
    return {**call, "result": result} if result else call
