"""What `POST /v1/chat/completions` takes: OpenAI's chat completions.

One answer for each request, in text. What would need more is refused by name; members that are not
known are left out, since every client sends some of its own (docs/compatibility.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, TypeAlias

from msgspec import Meta

from llmchat.domain.chat import ChatRequest, JSONObject
from llmchat.server import wire
from llmchat.server.problems import invalid
from llmchat.server.strict_json import read_json
from llmchat.server.v1.pruning import prune

_Factor: TypeAlias = Annotated[float, Meta(ge=0, le=10)]
_REFUSED: Final = {
    "functions": "Use `tools`.",
    "function_call": "Use `tool_choice`.",
    "audio": "Answers are text only.",
    "web_search_options": "Searching the web is not possible here.",
    "logprobs": "Log probabilities are not passed on.",
    "top_logprobs": "Log probabilities are not passed on.",
}
OURS: Final = ("temporary", "background", "settings", "tool_servers")
"""Members of `POST /chat` that programs cannot set: they are left out."""


class CompletionBody(wire.ChatBody, kw_only=True):
    """OpenAI's chat completions, and what llama.cpp, vLLM and others take beside."""

    top_k: Annotated[int, Meta(ge=-1, le=1_000_000)] | None = None
    min_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    repeat_penalty: _Factor | None = None
    repetition_penalty: _Factor | None = None
    chat_template_kwargs: dict[str, Any] | None = None


NAMES: Final = wire.NAMES | wire.names_of(CompletionBody) | _REFUSED.keys()


@dataclass(frozen=True, slots=True)
class Question:
    """A request, and how its answer is wanted."""

    request: ChatRequest
    stream: bool
    usage: bool  # in the stream, at its end


def question(body: bytes, api_key: str) -> Question:
    """What is asked with a key of that id. Raises RequestError."""
    document = read_json(body, NAMES)
    if not isinstance(document, dict):
        raise invalid("", "Send a JSON object.")
    _check_answer(document)
    ours = {name: value for name, value in document.items() if name not in OURS}
    request = wire.chat_request(prune(ours, CompletionBody), CompletionBody)
    options = document.get("stream_options")
    return Question(
        replace(request, api_key=api_key),
        stream=document.get("stream") is True,
        usage=isinstance(options, dict) and options.get("include_usage") is True,
    )


def _check_answer(document: JSONObject) -> None:
    """Refuse what asks for another answer than there can be, rather than give that one."""
    if document.get("n") not in (None, 1):
        raise invalid("/n", "Each request gets one answer: n has to be 1.")
    if document.get("modalities") not in (None, [], ["text"]):
        raise invalid("/modalities", "Answers are text only.")
    for name, why in _REFUSED.items():
        if document.get(name) not in (None, False, 0, [], "none"):
            raise invalid(f"/{name}", why)
