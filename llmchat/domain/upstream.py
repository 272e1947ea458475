"""The body of a request for a chat completion, as an endpoint gets it."""

from __future__ import annotations

from llmchat.domain.chat import ChatRequest, JSONObject
from llmchat.domain.endpoint import EndpointKind
from llmchat.domain.job import Prefill

PATH = "/chat/completions"
"""Where it is posted to, below the base URL of the endpoint."""

GO_ON = (
    "Your last answer was cut off. Continue it exactly where it stops, in the same language and"
    " form. Do not repeat any of it, and do not comment on this."
)


def body_of(
    request: ChatRequest, model: str, prefill: Prefill, kind: EndpointKind, *, usage: bool = True
) -> JSONObject:
    """What the worker sends, and what the page shows as what will be sent. `usage`: the endpoint is
    asked to count tokens, as long as it has not refused that.
    """
    body: JSONObject = {
        **request.parameters,
        "model": model,
        "messages": list(request.messages),
        "stream": True,
    }
    if usage:
        body["stream_options"] = {"include_usage": True}
    if request.continues and prefill == "flag":
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    elif request.continues and prefill == "prompt":
        body["messages"] = [*request.messages, {"role": "user", "content": GO_ON}]
    if kind == "embedded":
        # Else llama.cpp notices a closed connection only after it has read the whole prompt.
        body["return_progress"] = True
    return body
