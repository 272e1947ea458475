"""What is set for one chat: what a question in it is asked with, unless it says so itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from llmchat.domain.chat import JSON, ChatRequest, JSONObject
from llmchat.domain.tools import tool_servers_of

SAMPLING: Final = (
    *("temperature", "top_p", "max_tokens", "stop", "seed", "presence_penalty"),
    *("frequency_penalty", "response_format", "reasoning_effort"),
)
"""The settings that are members of the request for a model, under the same names."""

RESERVED: Final = frozenset(
    {
        *("messages", "model", "stream", "stream_options", "n"),
        *("continue_final_message", "add_generation_prompt", "return_progress"),
        *("authorization", "api_key", "api-key", "x-api-key", "headers", "extra_headers"),
    }
)
"""What free members may not name: llmchat sets it, or it would be a key in the wrong place."""


def parameters_of(settings: Mapping[str, JSON]) -> JSONObject:
    """The members of a request that the settings ask for, the free ones (`extra`) last.

    What an import has brought was never checked: names that are not for settings are left out.
    """
    known = {name: settings[name] for name in SAMPLING if settings.get(name) is not None}
    extra = settings.get("extra")
    free = extra if isinstance(extra, dict) else {}
    return {**known, **{name: free[name] for name in free if name.lower() not in RESERVED}}


def model_of(settings: Mapping[str, JSON]) -> str | None:
    """The model that is to answer, if the settings name one."""
    return _text_of(settings, "model")


def system_of(settings: Mapping[str, JSON]) -> str | None:
    """What a model is told first."""
    return _text_of(settings, "system")


def with_settings(request: ChatRequest, settings: Mapping[str, JSON]) -> ChatRequest:
    """The request of a chat with these settings. What it says itself goes before them."""
    system = system_of(settings)
    first: list[JSONObject] = [{"role": "system", "content": system}] if system else []
    own = request.tool_servers or "tools" in request.parameters
    return replace(
        request,
        messages=[*first, *request.messages],
        model=request.model or model_of(settings),
        parameters={**parameters_of(settings), **request.parameters},
        tool_servers=request.tool_servers if own else tool_servers_of(settings.get("tool_servers")),
    )


def _text_of(settings: Mapping[str, JSON], name: str) -> str | None:
    value = settings.get(name)
    return value if isinstance(value, str) and value else None
