"""A chat request as it travels from the browser to an endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
else:
    JSON = Any  # decoders read these annotations at run time, and none of them takes the recursion
JSONObject: TypeAlias = dict[str, JSON]


@dataclass(frozen=True, slots=True)
class TurnIds:
    """Where an answer is stored: its conversation, its message, and that of its question, if that
    came with it.
    """

    conversation: str
    message: str
    question: str | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A question, checked at the edge (`server/wire.py`) and from there on forwarded as it is.

    `messages` have the shape of OpenAI's chat completions, oldest first. `model` is an id of
    `GET /models`, or None for the default. `parameters` are the other members of the request
    body (`temperature`, `max_tokens` ...), each known and in range. `continues` means that the
    last message is an answer that was cut, and is to be continued where it stops. A `background`
    question waits behind all that somebody waits for. `turn` is None for an answer that becomes no
    message. `api_key` is the id of the one that a program asked with: however much it asks, and for
    whomever, it has one turn beside the others. One that `embeds` has no messages: its parameters
    are those of OpenAI's embeddings, and its answer is the document with them. `tool_servers` are
    the MCP servers whose tools the model may call.
    """

    messages: list[JSONObject]
    model: str | None = None
    parameters: JSONObject = field(default_factory=dict)
    continues: bool = False
    background: bool = False
    turn: TurnIds | None = None
    api_key: str = ""
    embeds: bool = False
    tool_servers: tuple[str, ...] = ()

    @property
    def user(self) -> str:
        """Who asks, as far as turns in the queue go; empty where nobody said."""
        if self.api_key:
            return f"key:{self.api_key}"
        user = self.parameters.get("user")
        return user if isinstance(user, str) else ""


def without_images(request: ChatRequest) -> ChatRequest:
    """The same request with its texts only."""
    if not any(isinstance(one.get("content"), list) for one in request.messages):
        return request
    return replace(request, messages=[_texts_of(one) for one in request.messages])


def _texts_of(message: JSONObject) -> JSONObject:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    parts: list[JSON] = [
        one for one in content if isinstance(one, dict) and one.get("type") == "text"
    ]
    return {**message, "content": parts}
