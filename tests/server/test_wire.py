"""The schema of `POST /chat`."""

from __future__ import annotations

from typing import Any

import pytest

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.errors import RequestError
from llmchat.server.wire import chat_request

PIXEL = "data:image/png;base64,iVBORw0KGgo="
USER: JSONObject = {"role": "user", "content": "hi"}


def test_what_was_given_is_kept_as_it_was_written() -> None:
    request = chat_request(
        {"messages": [USER], "model": "m", "temperature": 1, "stop": None, "stream": True}
    )
    assert request.messages == [USER]
    assert request.model == "m"
    assert request.parameters == {"temperature": 1}
    assert isinstance(request.parameters["temperature"], int)


MESSAGES: list[list[Any]] = [
    [{"role": "system", "content": "be brief"}, USER],
    [{"role": "developer", "content": [{"type": "text", "text": "be brief"}]}, USER],
    [{"role": "user", "content": "hi", "name": "Ann"}],
    [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "what is this?"},
                {"type": "image_url", "image_url": {"url": PIXEL, "detail": "low"}},
            ],
        }
    ],
    [
        USER,
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "1", "content": "42"},
    ],
    [USER, {"role": "assistant", "content": ""}, USER],
]


@pytest.mark.parametrize("messages", MESSAGES)
def test_messages_of_the_openai_shape_are_accepted(messages: list[JSON]) -> None:
    assert chat_request({"messages": messages}).messages == messages


SCHEMA: dict[str, JSON] = {"type": "object", "properties": {"any": {"deep": [1]}}}
PARAMETERS: list[dict[str, JSON]] = [
    {"temperature": 0.7, "top_p": 1, "seed": -5, "user": "u"},
    {"max_tokens": 1, "max_completion_tokens": 2**31 - 1},
    {"stop": "END"},
    {"stop": ["a", "b"]},
    {"presence_penalty": -2, "frequency_penalty": 2.0},
    {"response_format": {"type": "text"}},
    {"response_format": {"type": "json_object"}},
    {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}},
    {"tools": [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}]},
    {"tool_choice": "required", "parallel_tool_calls": False},
    {"tool_choice": {"type": "function", "function": {"name": "f"}}},
    {"reasoning_effort": "high", "n": 1, "logprobs": True, "top_logprobs": 20},
    {"logit_bias": {"50256": -100}},
]


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_parameters_of_the_openai_shape_are_accepted(parameters: dict[str, JSON]) -> None:
    assert chat_request({"messages": [USER], **parameters}).parameters == parameters


def test_stream_options_are_taken_and_ignored() -> None:
    options: JSON = {"include_usage": True}
    assert chat_request({"messages": [USER], "stream_options": options}).parameters == {}


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"temperature": 2.5}, "/temperature", "Expected `float` <= 2.0."),
    ({"temperature": True}, "/temperature", "Expected `float | null`, got `bool`."),
    ({"top_logprobs": 21}, "/top_logprobs", "Expected `int` <= 20."),
    ({"seed": 2**63}, "/seed", ""),
    ({"stop": ["a"] * 17}, "/stop", "Expected `array` of length <= 16."),
    ({"user": 1}, "/user", "Expected `str | null`, got `int`."),
    ({"n": 2}, "/n", "This is none of the values that are allowed here."),
    ({"stream": "yes"}, "/stream", "Expected `bool | null`, got `str`."),
    ({"reasoning_effort": "cAnArY"}, "/reasoning_effort", "This is none of"),
    ({"response_format": {"type": "cAnArY"}}, "/response_format/type", "This is none of"),
    ({"logit_bias": {"cAnArY": 101}}, "/logit_bias/*", "Expected `float` <= 100.0."),
    ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "/tools/0/function/name", ""),
    ({"cAnArY": 1}, "", "There is a member here that is not known."),
    ({"messages": [{"content": "x"}]}, "/messages/0/role", "This member is required."),
    ({"messages": [{"role": "tool", "content": "x"}]}, "/messages/0/tool_call_id", ""),
    ({"messages": [{"role": "user", "content": None}]}, "/messages/0/content", "Expected"),
    ({"messages": [{"role": "user", "content": []}]}, "/messages/0/content", "Expected"),
    ({"messages": [{"role": "assistant"}]}, "/messages/0", "Expected `content` or `tool_calls`."),
]


@pytest.mark.parametrize(("members", "pointer", "detail"), WRONG)
def test_what_is_wrong_is_named_without_a_word_of_the_client(
    members: dict[str, Any], pointer: str, detail: str
) -> None:
    with pytest.raises(RequestError) as caught:
        chat_request({"messages": [USER], **members})
    ((at, text),) = caught.value.errors
    assert caught.value.status == 422
    assert at == pointer
    assert text.startswith(detail)
    assert "cAnArY" not in text


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.png",
        "data:text/html;base64,aGk=",
        "data:image/svg+xml;base64,aGk=",
        "data:image/png;base64,a b",
        "data:image/png;base64,aGk=\n",
        "file:///etc/passwd",
    ],
)
def test_images_come_with_the_request_or_not_at_all(url: str) -> None:
    part: JSONObject = {"type": "image_url", "image_url": {"url": url}}
    with pytest.raises(RequestError) as caught:
        chat_request({"messages": [{"role": "user", "content": [part]}]})
    assert caught.value.errors[0][0] == "/messages/0/content/0/image_url/url"
