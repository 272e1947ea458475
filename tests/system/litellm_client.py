"""What LiteLLM's own users write, in its own environment: prints what came of it as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

import litellm
import openai

litellm.suppress_debug_info = True


def main(base: str, key: str) -> dict[str, Any]:
    """Ask in every way, with an `openai/` model as for any compatible server."""
    hello = [{"role": "user", "content": "Hello wörld"}]
    place = {"api_base": base, "api_key": key, "num_retries": 0}
    whole = litellm.completion(model="openai/echo", messages=hello, **place)
    stream = litellm.completion(
        model="openai/known-3000",
        messages=hello,
        stream=True,
        stream_options={"include_usage": True},
        **place,
    )
    chunks = list(stream)
    thought = litellm.completion(model="openai/reasoning", messages=hello, **place)
    tools = [{"type": "function", "function": {"name": "clock", "parameters": {}}}]
    called = litellm.completion(model="openai/agent", messages=hello, tools=tools, **place)
    message = called.choices[0].message
    told = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "noon"}
    after = litellm.completion(
        model="openai/agent", messages=[*hello, message, told], tools=tools, **place
    )
    vectors = litellm.embedding(model="openai/vectors", input=["seven"], **place)
    return {
        "text": whole.choices[0].message.content,
        "tokens": whole.usage.total_tokens,
        "stream": "".join(one.choices[0].delta.content or "" for one in chunks if one.choices),
        "streamed": [one.usage.total_tokens for one in chunks if getattr(one, "usage", None)],
        "thought": thought.choices[0].message.reasoning_content,
        "arguments": message.tool_calls[0].function.arguments,
        "after": after.choices[0].message.content,
        "vector": vectors.data[0]["embedding"],
        "errors": [
            _error(model="openai/echo", messages=hello, **{**place, "api_key": "wrong"}),
            _error(model="openai/status-404-model", messages=hello, **place),
            _error(model="openai/context-openai", messages=hello, **place),
            _error(model="openai/rate-limit-hour", messages=hello, **place),
        ],
    }


def _error(**question: Any) -> str:
    try:
        litellm.completion(**question)
    except openai.OpenAIError as error:  # what all of LiteLLM's are
        return type(error).__name__
    return ""


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
