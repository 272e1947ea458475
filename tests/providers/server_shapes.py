"""What each kind of server sends: its chunks, its list of models and its errors, member by member.

Texts and names are ours; the members, their order and their values where nothing is said are those
of the servers, after their documentation, their sources and what their users report.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from llmchat.domain.endpoint import Model
from llmchat.domain.job import Usage
from llmchat.domain.statistics import Price

CALLS = [("clock", '{"zone":"UTC"}'), ("clock", '{"zone":"CET"}')]
TEXT = "It is noon ä漢🙂."
THOUGHT = "Let me think."


@dataclass(frozen=True)
class Shape:
    """`answer` is a stream with THOUGHT (if the server `thinks` aloud) and TEXT, `tools` one with
    CALLS. `refusal` is a status with its body, and `code` what it means.
    """

    answer: bytes
    tools: bytes
    models: Any
    model: Model
    refusal: tuple[int, Any]
    code: str
    usage: Usage
    thinks: bool = True
    after: dict[str, str] = field(default_factory=dict)  # a stream that fails after TEXT, its code


def _stream(*chunks: object, done: bool = True) -> bytes:
    data = b"".join(b"data: %b\n\n" % json.dumps(one).encode() for one in chunks)
    return data + (b"data: [DONE]\n\n" if done else b"")


def _call(index: int | None, call_id: str, which: int, **more: object) -> dict[str, object]:
    name, arguments = CALLS[which]
    place = {} if index is None else {"index": index}
    function = {"name": name, "arguments": arguments}
    return {**place, "id": call_id, "type": "function", "function": function, **more}


def _openai() -> Shape:
    def chunk(delta: object, finish: str | None = None) -> dict[str, object]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**head, "choices": [choice], "usage": None, "obfuscation": "pN3"}

    head = {
        "id": "chatcmpl-BQ1",
        "object": "chat.completion.chunk",
        "created": 1_741_569_952,
        "model": "gpt-4.1-2025-04-14",
        "service_tier": "default",
        "system_fingerprint": "fp_b5d1",
    }
    usage = {
        "prompt_tokens": 19,
        "completion_tokens": 10,
        "total_tokens": 29,
        "prompt_tokens_details": {"cached_tokens": 8, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 4,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
    first: dict[str, object] = {"role": "assistant", "content": "", "refusal": None}

    def pieces(index: int) -> list[dict[str, object]]:
        name, arguments = CALLS[index]
        start = {"index": index, "id": f"call_{index}", "type": "function"}
        begin = {**start, "function": {"name": name, "arguments": ""}}
        more = [
            {"index": index, "function": {"arguments": arguments[at : at + 4]}}
            for at in range(0, len(arguments), 4)
        ]
        return [chunk({"tool_calls": [one]}) for one in (begin, *more)]

    return Shape(
        answer=_stream(
            chunk(first),
            *(chunk({"content": char}) for char in TEXT),
            chunk({}, "stop"),
            {**head, "choices": [], "usage": usage, "obfuscation": "a"},
        ),
        tools=_stream(
            chunk({**first, "content": None}), *pieces(0), *pieces(1), chunk({}, "tool_calls")
        ),
        models={
            "object": "list",
            "data": [
                {"id": "gpt-4.1", "object": "model", "created": 1_744_316_542, "owned_by": "system"}
            ],
        },
        model=Model("gpt-4.1", "Fake", "system"),
        refusal=(
            400,
            {
                "error": {
                    "message": "This model's maximum context length is 8192 tokens. However, your"
                    " messages resulted in 9000 tokens.",
                    "type": "invalid_request_error",
                    "param": "messages",
                    "code": "context_length_exceeded",
                }
            },
        ),
        code="upstream-context-length",
        usage=Usage(19, 10, 8, 4),
        thinks=False,
    )


def _ollama() -> Shape:
    def chunk(delta: object, finish: str | None = None) -> dict[str, object]:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    head = {
        "id": "chatcmpl-537",
        "object": "chat.completion.chunk",
        "created": 1_748_000_000,
        "model": "qwen3:8b",
        "system_fingerprint": "fp_ollama",
    }
    say = {"role": "assistant", "content": ""}
    usage = {"prompt_tokens": 26, "completion_tokens": 9, "total_tokens": 35}
    return Shape(
        answer=_stream(
            chunk({**say, "reasoning": "Let me "}),
            chunk({**say, "reasoning": "think."}),
            *(chunk({**say, "content": char}) for char in TEXT),
            chunk(say, "stop"),
            {**head, "choices": [], "usage": usage},
        ),
        tools=_stream(
            chunk({**say, "tool_calls": [_call(0, "call_a1", 0)]}),
            chunk({**say, "tool_calls": [_call(1, "call_a2", 1)]}),
            chunk(say, "tool_calls"),
        ),
        models={
            "object": "list",
            "data": [
                {
                    "id": "qwen3:8b",
                    "object": "model",
                    "created": 1_746_000_000,
                    "owned_by": "library",
                }
            ],
        },
        model=Model("qwen3:8b", "Fake", "library"),
        refusal=(
            404,
            {
                "error": {
                    "message": 'model "qwen3:9b" not found, try pulling it first',
                    "type": "not_found_error",
                    "param": None,
                    "code": None,
                }
            },
        ),
        code="upstream-model-not-found",
        usage=Usage(26, 9),
    )


def _llamacpp() -> Shape:
    def chunk(delta: object, finish: str | None = None) -> dict[str, object]:
        return {"choices": [{"finish_reason": finish, "index": 0, "delta": delta}], **tail}

    tail = {
        "created": 1_756_000_000,
        "id": "chatcmpl-xyz",
        "model": "SmolLM2",
        "system_fingerprint": "b6301-e81b8e4b7",
        "object": "chat.completion.chunk",
    }
    counts = {"completion_tokens": 9, "prompt_tokens": 31, "total_tokens": 40}
    usage = {**counts, "prompt_tokens_details": {"cached_tokens": 30}}
    timings = {"cache_n": 30, "prompt_n": 1, "prompt_ms": 12.5, "predicted_n": 9}
    arguments = [CALLS[1][1][:6], CALLS[1][1][6:]]
    return Shape(
        answer=_stream(
            chunk({"role": "assistant", "content": None}),
            chunk({"reasoning_content": "Let me "}),
            chunk({"reasoning_content": "think."}),
            *(chunk({"content": char}) for char in TEXT),
            chunk({}, "stop"),
            {"choices": [], **tail, "usage": usage, "timings": timings},
        ),
        tools=_stream(
            chunk({"role": "assistant", "content": None}),
            chunk({"tool_calls": [_call(0, "fZ1", 0)]}),
            chunk(
                {
                    "tool_calls": [
                        {
                            "index": 1,
                            "id": "fZ2",
                            "type": "function",
                            "function": {"name": "clock", "arguments": arguments[0]},
                        }
                    ]
                }
            ),
            chunk({"tool_calls": [{"index": 1, "function": {"arguments": arguments[1]}}]}),
            chunk({}, "tool_calls"),
        ),
        models={
            "models": [{"name": "SmolLM2", "model": "SmolLM2", "capabilities": ["completion"]}],
            "object": "list",
            "data": [
                {
                    "id": "SmolLM2",
                    "object": "model",
                    "created": 1_756_000_000,
                    "owned_by": "llamacpp",
                    "meta": {"vocab_type": 2, "n_ctx_train": 8192, "n_params": 134_515_008},
                }
            ],
        },
        model=Model("SmolLM2", "Fake", "llamacpp", 8192),
        refusal=(
            400,
            {
                "error": {
                    "code": 400,
                    "message": "the request exceeds the available context size, try increasing it",
                    "type": "exceed_context_size_error",
                    "n_prompt_tokens": 9000,
                    "n_ctx": 4096,
                }
            },
        ),
        code="upstream-context-length",
        usage=Usage(31, 9, 30),
    )


def _vllm() -> Shape:
    def chunk(delta: object, finish: str | None = None) -> dict[str, object]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        stop = {} if finish is None else {"stop_reason": None}
        return {**head, "choices": [{**choice, **stop, "token_ids": None}]}

    head = {
        "id": "chatcmpl-7f6c",
        "object": "chat.completion.chunk",
        "created": 1_757_000_000,
        "model": "Qwen/Qwen3-8B",
    }
    usage = {
        "prompt_tokens": 23,
        "total_tokens": 33,
        "completion_tokens": 10,
        "prompt_tokens_details": None,
    }
    name, arguments = CALLS[1]
    begin = {"id": "chatcmpl-tool-2", "type": "function", "index": 1, "function": {"name": name}}
    return Shape(
        answer=_stream(
            chunk({"role": "assistant", "content": ""}),
            chunk({"reasoning": "Let me ", "reasoning_content": "Let me "}),
            chunk({"reasoning": "think.", "reasoning_content": "think."}),
            *(chunk({"content": char}) for char in TEXT),
            chunk({"content": ""}, "stop"),
            {**head, "choices": [], "usage": usage},
        ),
        tools=_stream(
            chunk({"role": "assistant", "content": ""}),
            chunk({"tool_calls": [_call(0, "chatcmpl-tool-1", 0)]}),
            chunk({"tool_calls": [begin]}),
            *(
                chunk({"tool_calls": [{"index": 1, "function": {"arguments": char}}]})
                for char in arguments
            ),
            chunk({"content": ""}, "tool_calls"),
        ),
        models={
            "object": "list",
            "data": [
                {
                    "id": "Qwen/Qwen3-8B",
                    "object": "model",
                    "created": 1_757_000_000,
                    "owned_by": "vllm",
                    "root": "Qwen/Qwen3-8B",
                    "parent": None,
                    "max_model_len": 40960,
                    "permission": [{"id": "modelperm-1", "object": "model_permission"}],
                }
            ],
        },
        model=Model("Qwen/Qwen3-8B", "Fake", "vllm", 40960),
        refusal=(
            404,
            {
                "object": "error",
                "message": "The model `Qwen/Qwen3-9B` does not exist.",
                "type": "NotFoundError",
                "param": None,
                "code": 404,
            },
        ),
        code="upstream-model-not-found",
        usage=Usage(23, 10),
    )


def _lm_studio() -> Shape:
    def chunk(delta: object, finish: str | None = None) -> dict[str, object]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**head, "choices": [choice]}

    head = {
        "id": "chatcmpl-k1l",
        "object": "chat.completion.chunk",
        "created": 1_750_000_000,
        "model": "qwen3-8b",
        "system_fingerprint": "qwen3-8b",
    }
    usage = {
        "prompt_tokens": 17,
        "completion_tokens": 11,
        "total_tokens": 28,
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    name, arguments = CALLS[1]
    begin = {"index": 1, "id": "222", "type": "function"}
    error = {"error": {"message": "The model has crashed without additional information."}}
    broken = b"event: error\ndata: %b\n\n" % json.dumps(error).encode()
    said = _stream(chunk({"role": "assistant", "content": TEXT}), done=False)
    return Shape(
        answer=_stream(
            chunk({"role": "assistant", "reasoning_content": "Let me "}),
            chunk({"reasoning_content": "think."}),
            *(chunk({"role": "assistant", "content": char}) for char in TEXT),
            chunk({}, "stop"),
            {**head, "usage": usage, "choices": []},
        ),
        tools=_stream(
            chunk({"role": "assistant", "tool_calls": [_call(0, "111", 0)]}),
            chunk({"tool_calls": [{**begin, "function": {"name": name, "arguments": ""}}]}),
            chunk({"tool_calls": [{"index": 1, "function": {"arguments": arguments}}]}),
            chunk({}, "tool_calls"),
        ),
        models={
            "data": [{"id": "qwen3-8b", "object": "model", "owned_by": "organization_owner"}],
            "object": "list",
        },
        model=Model("qwen3-8b", "Fake", "organization_owner"),
        refusal=(
            400,
            {
                "error": "Trying to keep the first 9000 tokens when context the overflows. However,"
                " the model is loaded with context length of only 4096 tokens, which is not enough."
            },
        ),
        code="upstream-context-length",
        usage=Usage(17, 11, None, 3),
        after={(said + broken).decode(): "upstream-error"},
    )


def _openrouter() -> Shape:
    def chunk(delta: dict[str, object], finish: str | None = None) -> dict[str, object]:
        choice = {
            "index": 0,
            "delta": {"role": "assistant", "content": "", **delta},
            "finish_reason": finish,
            "native_finish_reason": finish and "STOP",
            "logprobs": None,
        }
        return {**head, "choices": [choice]}

    def thought(text: str) -> dict[str, object]:
        details = [{"type": "reasoning.text", "text": text, "format": "unknown", "index": 0}]
        return chunk({"reasoning": text, "reasoning_details": details})

    head = {
        "id": "gen-1746649993-JcAn",
        "provider": "Google AI Studio",
        "model": "google/gemini-2.5-flash",
        "object": "chat.completion.chunk",
        "created": 1_746_649_993,
    }
    usage = {
        "prompt_tokens": 8,
        "completion_tokens": 12,
        "total_tokens": 20,
        "cost": 0.000013,
        "is_byok": False,
        "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "cost_details": {"upstream_inference_cost": None},
        "completion_tokens_details": {"reasoning_tokens": 5, "image_tokens": 0},
    }
    comment = b": OPENROUTER PROCESSING\n\n"
    failed = {
        **head,
        "error": {"code": 502, "message": "Provider disconnected unexpectedly"},
        "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
    }
    return Shape(
        answer=comment * 2
        + _stream(
            thought("Let me "),
            thought("think."),
            *(chunk({"content": char}) for char in TEXT),
            chunk({}, "stop"),
            {**chunk({}), "usage": usage},
        ),
        tools=comment
        + _stream(
            chunk({"content": None, "tool_calls": [_call(0, "tool_0_clock", 0)]}),
            chunk({"content": None, "tool_calls": [_call(1, "tool_1_clock", 1)]}),
            chunk({}, "tool_calls"),
        ),
        models={
            "data": [
                {
                    "id": "google/gemini-2.5-flash",
                    "canonical_slug": "google/gemini-2.5-flash",
                    "name": "Google: Gemini 2.5 Flash",
                    "created": 1_750_172_488,
                    "context_length": 1_048_576,
                    "architecture": {
                        "modality": "text+image->text",
                        "input_modalities": ["file", "image", "text"],
                        "output_modalities": ["text"],
                    },
                    "pricing": {"prompt": "0.0000003", "completion": "0.0000025"},
                    "top_provider": {"context_length": 1_048_576, "is_moderated": False},
                }
            ]
        },
        model=Model(
            "google/gemini-2.5-flash", "Fake", "", 1_048_576, vision=True, price=Price(0.3, 2.5)
        ),
        refusal=(
            402,
            {
                "error": {
                    "message": "This request requires more credits, or fewer max_tokens.",
                    "code": 402,
                    "metadata": {"provider_name": None},
                },
                "user_id": "user_1",
            },
        ),
        code="upstream-quota",
        usage=Usage(8, 12, 0, 5),
        after={
            _stream(chunk({"content": TEXT}), failed, done=False).decode(): "upstream-error",
        },
    )


def _gemini() -> Shape:
    def chunk(delta: object, finish: str | None = None) -> dict[str, object]:
        end = {} if finish is None else {"finish_reason": finish}
        counts = {"completion_tokens": 5, "prompt_tokens": 4, "total_tokens": 9}
        return {"choices": [{"delta": delta, **end, "index": 0}], **tail, "usage": counts}

    tail = {
        "created": 1_758_000_000,
        "id": "2P_VaI",
        "model": "gemini-2.5-flash",
        "object": "chat.completion.chunk",
    }
    signed = {"extra_content": {"google": {"thought_signature": "CiQB"}}}
    return Shape(
        answer=_stream(
            chunk({"content": TEXT[:7], "role": "assistant"}),
            chunk({"content": TEXT[7:], "role": "assistant"}, "stop"),
        ),
        tools=_stream(
            chunk({"role": "assistant", "tool_calls": [_call(None, "call_1", 0, **signed)]}),
            chunk({"role": "assistant", "tool_calls": [_call(None, "call_2", 1)]}),
            chunk({"role": "assistant"}, "stop"),
        ),
        models={
            "object": "list",
            "data": [
                {
                    "id": "models/gemini-2.5-flash",
                    "object": "model",
                    "owned_by": "google",
                    "display_name": "Gemini 2.5 Flash",
                }
            ],
        },
        model=Model("models/gemini-2.5-flash", "Fake", "google"),
        refusal=(
            400,
            [
                {
                    "error": {
                        "code": 400,
                        "message": "API key not valid. Please pass a valid API key.",
                        "status": "INVALID_ARGUMENT",
                        "details": [{"reason": "API_KEY_INVALID", "domain": "googleapis.com"}],
                    }
                }
            ],
        ),
        code="upstream-auth",
        usage=Usage(4, 5),
        thinks=False,
    )


SHAPES = {
    "OpenAI": _openai(),
    "Ollama": _ollama(),
    "llama.cpp": _llamacpp(),
    "vLLM": _vllm(),
    "LM Studio": _lm_studio(),
    "OpenRouter": _openrouter(),
    "Gemini": _gemini(),
}
