"""What the API for programs answers, for its description."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType


class ApiModel(Struct):
    """A model that can be asked for."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    context_length: int | None
    capabilities: dict[str, bool | None]


class ApiModels(Struct):
    """OpenAI's list of models."""

    object: Literal["list"]
    data: list[ApiModel]


class CompletionMessage(Struct):
    """What the model said."""

    role: Literal["assistant"]
    content: str | None
    refusal: None
    reasoning_content: str | UnsetType = UNSET
    tool_calls: list[dict[str, Any]] | UnsetType = UNSET


class CompletionChoice(Struct):
    """The one answer."""

    index: Literal[0]
    message: CompletionMessage
    logprobs: None
    finish_reason: Literal["stop", "length", "tool_calls", "content_filter"]


class Completion(Struct):
    """OpenAI's chat completion; with `stream` it comes as `chat.completion.chunk` events."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: dict[str, Any] | None


class Embeddings(Struct):
    """OpenAI's list of embeddings, as the endpoint has written it."""

    data: list[dict[str, Any]]


class ApiError(Struct):
    """What is wrong."""

    message: str
    type: str
    param: str | None
    code: str


class ApiErrorBody(Struct):
    """An error as OpenAI writes it."""

    error: ApiError
