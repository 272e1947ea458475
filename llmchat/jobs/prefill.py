"""How the endpoints continue an answer that was begun."""

from __future__ import annotations

from urllib.parse import urlsplit

from llmchat.domain.endpoint import Endpoint
from llmchat.domain.job import Prefill

_OLLAMA_PORT = 11434
_CONTINUES = ("llamacpp", "library")  # "library" is what Ollama says


def prefill_of(endpoint: Endpoint, owner: str) -> Prefill:
    """How an endpoint continues an answer; `owner` is the `owned_by` of its model.

    llama.cpp and Ollama go on with a chat that ends in an answer, vLLM on request
    (`continue_final_message` in its documentation of the chat API). OpenAI and most others would
    answer anew.
    """
    if endpoint.is_ours or owner in _CONTINUES:
        return "as-is"
    if owner == "vllm":
        return "flag"
    return "as-is" if urlsplit(endpoint.base_url).port == _OLLAMA_PORT else "prompt"
