"""A chat request as it travels from the browser to an endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
else:
    JSON = Any  # decoders read these annotations at run time, and none of them takes the recursion
JSONObject: TypeAlias = dict[str, JSON]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A question, checked at the edge (`server/wire.py`) and from there on forwarded as it is.

    `messages` have the shape of OpenAI's chat completions, oldest first. `model` is an id of
    `GET /models`, or None for the default. `parameters` are the other members of the request
    body (`temperature`, `max_tokens` ...), each known and in range.
    """

    messages: list[JSONObject]
    model: str | None = None
    parameters: JSONObject = field(default_factory=dict)
