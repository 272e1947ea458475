"""Says a failure to a person: what happened, at which host, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable

from llmchat.domain.endpoint import Endpoint
from llmchat.domain.errors import ProviderError
from llmchat.providers.address import Address
from llmchat.providers.failures import ReplyError
from llmchat.providers.redaction import redact

_STARTS = {
    11434: ("Ollama", "Start it with `ollama serve`."),
    8080: ("llama.cpp", "Start it with `llama-server -m MODEL.gguf`."),
    1234: ("LM Studio", "Start its server: `lms server start`."),
    8001: ("vLLM", "Start it with `vllm serve MODEL --port 8001`."),
}
# {who}: name and address; {origin}: address alone; {said}: the endpoint's own words, if any.
_TEXTS = {
    "upstream-unreachable": "{name} is not answering at {origin}: {detail}. {start}",
    "upstream-forbidden": "llmchat does not call {origin}: it is {detail}. Check the address of the"
    " endpoint.",
    "upstream-tls": "No secure connection to {origin}: {detail}. Check the address, the"
    " certificate and the clock of this machine.",
    "upstream-timeout": "{who} took too long: {detail}. Try again, or raise the limit in the"
    " settings.",
    "upstream-rejected": "{who} refused the request{status}{said}. Check the model, the settings"
    " of the chat and the address of the endpoint.",
    "upstream-context-length": "The chat is longer than the model at {origin} can read{said}."
    " Start a new chat, or choose a model with a larger context.",
    "upstream-model-not-found": "{who} does not have this model{said}. Choose another one.",
    "upstream-no-vision": "This model at {origin} cannot read images{said}. Choose another model or"
    " remove the picture.",
    "upstream-no-tools": "This model at {origin} cannot call tools{said}. Turn off the tools of"
    " this chat, or choose another model.",
    "upstream-auth": "{who} did not accept the key{status}{said}. Check the key of this endpoint.",
    "upstream-rate-limited": "{who} gets too many requests{said}. {later}",
    "upstream-quota": "The account at {name} ({origin}) has no credit left{said}. Check its"
    " plan and billing.",
    "upstream-redirect": "{who} redirects to another address{status}. Set the endpoint to the"
    " final one; llmchat sends no key or chat after a redirect.",
    "upstream-stalled": "{who} stopped sending in the middle of the answer: {detail}. Try again.",
    "upstream-cut": "The connection to {who} broke before the answer was complete. Try again.",
    "upstream-truncated": "{who} stopped without saying that the answer is complete. Continue or"
    " try again.",
    "upstream-error": "{who} reported an error{status}{said}. Try again later.",
    "upstream-bad-json": "{who} sent something that cannot be read: {detail}. Try again.",
    "upstream-bad-utf8": "{who} sent something that cannot be read: {detail}. Try again.",
    "upstream-not-an-api": "At {origin} there is no OpenAI-compatible API: it sent {detail}. Check"
    " that the address of the endpoint ends in /v1, and that no login page is in between.",
    "upstream-empty": "{who} sent an empty answer. Try again, or choose another model.",
    "upstream-too-large": "The answer of {who} was stopped: {detail}.",
    "upstream-encoding": "{who} sent compressed data that was not asked for. Check the proxy in"
    " front of it.",
    "job-timeout": "The answer of {who} was stopped: {detail}.",
}
# Of a model in a process of ours: its address is of no use to a person.
_OWN_TEXTS = {
    "upstream-unreachable": "The process of {name} has ended. Try again in a moment.",
    "upstream-cut": "The process of {name} ended before the answer was complete, as happens when"
    " memory runs out. Try again, or choose a smaller model.",
}


class Advice:
    """Makes the ProviderErrors of one endpoint. No message holds its key or a prompt."""

    def __init__(self, endpoint: Endpoint, address: Address) -> None:
        self._secrets = endpoint.secrets
        self._origin = address.origin
        ours = endpoint.is_ours
        known = _STARTS.get(address.port) if address.is_loopback and not ours else None
        self._texts = _TEXTS | _OWN_TEXTS if ours else _TEXTS
        if endpoint.kind == "embedded":
            self._name = "The built-in model"
        elif endpoint.kind == "local":
            self._name = endpoint.name.partition(":")[2]
        elif known:
            self._name = known[0]
        else:
            # A name that is the address only would say the same thing twice.
            own = endpoint.name if endpoint.name not in address.origin else ""
            self._name = own or "The endpoint"
        if known:
            self._start = known[1]
        else:
            self._start = "Check that it runs, its address and the network."

    def explain(self, error: ReplyError, prompts: Iterable[str] = ()) -> ProviderError:
        """The error to raise, or whose message to show."""
        detail = redact(error.detail, secrets=self._secrets, prompts=prompts).rstrip(".")
        text = self._texts[error.code].format(
            who=f"{self._name} at {self._origin}",
            name=self._name,
            origin=self._origin,
            detail=detail or "no reason given",
            said=f": {detail}" if detail else "",
            status=f" ({error.status})" if error.status else "",
            start=self._start,
            later=_later(error.retry_after_seconds),
        )
        return ProviderError(
            text,
            code=error.code,
            transient=error.transient,
            retry_after_seconds=error.retry_after_seconds,
        )


def _later(seconds: float | None) -> str:
    if seconds is None:
        return "Try again later."
    if seconds < 120:
        return f"Try again in {seconds:.0f} s."
    if seconds < 7200:
        return f"Try again in {seconds / 60:.0f} minutes."
    return f"Try again in {seconds / 3600:.0f} hours."
