"""What a chunk of an answer may look like, and how it is read: quickly, or leniently.

The quick way is a typed decode of the members that matter (0.5 µs against 67 µs of openai's
`ChatCompletionChunk`). What does not fit is read as plain JSON and made to fit, so both
ways end in the same `Chunk`.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct, field

from llmchat.domain.job import Usage

# From `json`; every use narrows it.
Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"


class Function(Struct, gc=False):
    """The piece of a tool call that is called."""

    name: str | None = None
    arguments: str | None = None


class Call(Struct, gc=False):
    """A piece of a tool call."""

    index: int = 0
    id: str | None = None
    function: Function | None = None


class Part(Struct, gc=False):
    """What a choice adds: a `delta`, or the `message` of a reply that is not streamed."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    thinking: str | None = None
    refusal: str | None = None
    tool_calls: list[Call] | None = None


class Choice(Struct, gc=False):
    """One of the answers; only that of index 0 is ours."""

    index: int = 0
    delta: Part | None = None
    message: Part | None = None
    finish_reason: str | None = None


class PromptDetails(Struct, gc=False):
    """Of the prompt tokens, those from a cache."""

    cached_tokens: int | None = None


class CompletionDetails(Struct, gc=False):
    """Of the completion tokens, those that were thought, not said."""

    reasoning_tokens: int | None = None


class Count(Struct, gc=False):
    """Tokens."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None


class Progress(Struct, gc=False):
    """How much of the prompt llama.cpp has read (`return_progress`)."""

    total: float = 0
    processed: float = 0


class Chunk(Struct, gc=False):
    """One event of a stream."""

    choices: list[Choice] | None = None
    usage: Count | None = None
    error: Any = None  # any JSON; `error_in_reply` reads it
    kind: str | None = field(name="object", default=None)
    prompt_progress: Progress | None = None


quick_chunk = msgspec.json.Decoder(Chunk).decode
quick_chunks = msgspec.json.Decoder(list[Chunk]).decode
# Both mean "not what the quick way expects": bytes that are no UTF-8 raise the second.
NOT_QUICK = (msgspec.DecodeError, UnicodeDecodeError)


def only_text(chunk: Chunk) -> str | None:
    """The text of a chunk that has nothing but text, as nearly all have."""
    choices = chunk.choices
    if chunk.error or chunk.usage or chunk.prompt_progress or chunk.kind == "error":
        return None
    if not choices or len(choices) > 1:
        return None
    choice, part = choices[0], choices[0].delta
    if part is None or choice.index or choice.finish_reason:
        return None
    if part.reasoning_content or part.reasoning or part.thinking or part.refusal or part.tool_calls:
        return None
    return part.content


def plain_json(data: bytes) -> Plain:
    """Decode any JSON. Raises UnicodeDecodeError or another ValueError."""
    try:
        value: Plain = json.loads(data.decode())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def json_or_text(data: bytes) -> Plain:
    """Decode JSON; what is none is a text."""
    try:
        return plain_json(data)
    except ValueError:
        return data.decode(errors="replace")


def usage_of(count: Count) -> Usage:
    """The tokens of a chunk, as the domain has them."""
    prompt, completion = count.prompt_tokens_details, count.completion_tokens_details
    return Usage(
        prompt_tokens=count.prompt_tokens,
        completion_tokens=count.completion_tokens,
        cached_tokens=prompt.cached_tokens if prompt else None,
        reasoning_tokens=completion.reasoning_tokens if completion else None,
    )


def lenient_chunk(value: Plain) -> Chunk:
    """Take from any JSON what has the meaning of a chunk; the rest is ignored."""
    if not isinstance(value, dict):
        return Chunk()
    choices = value.get("choices")
    return Chunk(
        choices=[_choice(one) for one in choices] if isinstance(choices, list) else None,
        usage=_count(value.get("usage")),
        error=value.get("error"),
        kind=_text(value.get("object")),
        prompt_progress=_progress(value.get("prompt_progress")),
    )


def _choice(value: Plain) -> Choice:
    if not isinstance(value, dict):
        return Choice(index=-1)
    return Choice(
        index=_number(value.get("index")) or 0,
        delta=_part(value.get("delta")),
        message=_part(value.get("message")),
        finish_reason=_name(value.get("finish_reason")),
    )


def _part(value: Plain) -> Part | None:
    if not isinstance(value, dict):
        return None
    calls = value.get("tool_calls")
    content = value.get("content")
    return Part(
        content=_joined(content, "text"),
        reasoning_content=_text(value.get("reasoning_content")),
        reasoning=_text(value.get("reasoning")),
        # Mistral's reasoning models send it as parts of the content.
        thinking=_text(value.get("thinking")) or _thought(content),
        refusal=_text(value.get("refusal")),
        tool_calls=[_call(one) for one in calls if one] if isinstance(calls, list) else None,
    )


def _joined(value: Plain, kind: str) -> str | None:
    """A text, or the texts of a list of parts."""
    if isinstance(value, list):
        return "".join(_part_text(one, kind) for one in value)
    return _text(value)


def _part_text(value: Plain, kind: str) -> str:
    if isinstance(value, dict):
        return _text(value.get(kind)) or ""
    return _text(value) or ""


def _thought(content: Plain) -> str | None:
    parts = content if isinstance(content, list) else []
    thoughts = [one.get("thinking") for one in parts if isinstance(one, dict)]
    return "".join(_joined(one, "text") or "" for one in thoughts) or None


def _call(value: Plain) -> Call:
    if not isinstance(value, dict):
        return Call()
    function = value.get("function")
    return Call(
        index=_number(value.get("index")) or 0,
        id=_name(value.get("id")),
        function=Function(_name(function.get("name")), _arguments(function.get("arguments")))
        if isinstance(function, dict)
        else None,
    )


def _arguments(value: Plain) -> str | None:
    # Ollama once sent them as an object instead of its JSON.
    return json.dumps(value) if isinstance(value, dict) else _text(value)


def _count(value: Plain) -> Count | None:
    if not isinstance(value, dict):
        return None
    prompt, completion = value.get("prompt_tokens_details"), value.get("completion_tokens_details")
    return Count(
        prompt_tokens=_number(value.get("prompt_tokens")),
        completion_tokens=_number(value.get("completion_tokens")),
        prompt_tokens_details=PromptDetails(_number(prompt.get("cached_tokens")))
        if isinstance(prompt, dict)
        else None,
        completion_tokens_details=CompletionDetails(_number(completion.get("reasoning_tokens")))
        if isinstance(completion, dict)
        else None,
    )


def _progress(value: Plain) -> Progress | None:
    if not isinstance(value, dict):
        return None
    return Progress(_number(value.get("total")) or 0, _number(value.get("processed")) or 0)


def _name(value: Plain) -> str | None:
    """A text that is no piece of a longer one: half a character in it is none."""
    text = _text(value)
    return None if text is None else whole(text)


def whole(text: str) -> str:
    """Join halves of characters; halves alone become U+FFFD: no store and no socket takes them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _text(value: Plain) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Plain) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if abs(value) < 2**53 else None  # also false for the not-a-number
