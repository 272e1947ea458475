"""What can answer: the endpoints, their models, which of them is the default, and why.

It only remembers. The workers do the asking, in the background, so that the page never waits for
an endpoint: `GET /models` is answered from here, whatever the endpoints do.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Literal
from urllib.parse import urlsplit

from llmchat.config import Settings
from llmchat.domain.endpoint import (
    EMBEDDED,
    Endpoint,
    EndpointKind,
    Listing,
    Model,
    first_chat_model,
    local_endpoint,
)
from llmchat.domain.errors import RequestError
from llmchat.domain.job import Prefill, Target
from llmchat.domain.known_models import completed
from llmchat.domain.messages import Discovered
from llmchat.domain.model_notes import ModelNote, noted
from llmchat.domain.modelfile import ModelFile

_OLLAMA_PORT = 11434
_NOTHING = ModelNote()
_KNOWN_PORTS = {_OLLAMA_PORT: "Ollama", 1234: "LM Studio"}
_CONTINUES = ("llamacpp", "library")  # "library" is what Ollama says
_KNOWN_HOSTS = {"api.openai.com": "OpenAI", "openrouter.ai": "OpenRouter"}


@dataclass(frozen=True, slots=True)
class EndpointState:
    """An endpoint as the page shows it; `age_seconds` is that of its list of models."""

    name: str
    kind: EndpointKind
    base_url: str
    state: Literal["ok", "loading", "error"]
    error: str | None
    age_seconds: float | None
    code: str | None = None  # of the error, as in docs/errors.md


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an endpoint is the default: a sentence for a person, and what names it elsewhere."""

    code: str
    text: str


@dataclass(slots=True)
class _Known:
    endpoint: Endpoint
    told: tuple[Model, ...] = ()  # as the endpoint has listed them
    models: tuple[Model, ...] = ()  # with what else is known of them
    error: str | None = None
    code: str | None = None
    listed: float | None = None  # monotonic time of the last good list
    answered: bool = False


class Catalogue:
    """`embedded` is the built-in model, where there is one."""

    def __init__(self, settings: Settings, embedded: Model | None) -> None:
        self._local: dict[str, ModelFile] = {}  # by the names of their endpoints
        self._local_context = settings.model_context
        self._known: dict[str, _Known] = {}
        self._notes: Mapping[str, ModelNote] = {}
        self._order: list[str] = []  # of the endpoints that are configured
        self._wanted: dict[str, str] = {}  # the model that each of them is to use
        self._first_wanted = settings.default_models[0] if settings.default_models else ""
        self._discovering = settings.discover and not settings.base_urls
        models = chain(settings.default_models, repeat(""))
        for endpoint, model in zip(configured_endpoints(settings), models, strict=False):
            if endpoint.kind == "embedded" and embedded is None:
                continue
            self._order.append(endpoint.name)
            self._wanted[endpoint.name] = model
            self.set_endpoint(endpoint)
        if embedded is not None:
            self.set_endpoint(Endpoint(EMBEDDED, "embedded", ""))
            self.learn(Listing(EMBEDDED, (embedded,)))

    @property
    def ready(self) -> bool:
        """Whether the choice of the default is made."""
        if self._order:
            first = self._order[0]
            return bool(self._wanted[first]) or self._known[first].answered
        return not self._discovering

    @property
    def default(self) -> Model | None:
        """The model of a new chat, or None while, or because, there is none."""
        chosen = self._chosen()
        if chosen is None or not self.ready:
            return None
        wanted = self._wanted_of(chosen)
        listed = {model.id: model for model in chosen.models}
        if wanted:
            return listed.get(wanted, Model(wanted, chosen.endpoint.name))
        return first_chat_model(chosen.models)

    @property
    def reason(self) -> Reason | None:
        """Why the default endpoint answers."""
        chosen = self._chosen()
        if chosen is None or not self.ready:
            return None
        endpoint = chosen.endpoint
        match endpoint.kind:
            case "configured":
                text = f"{endpoint.name} at {endpoint.base_url} is configured."
                return Reason("default-configured", text)
            case "embedded" if self._order:
                text = "The small built-in model is configured as the one to answer."
                return Reason("default-built-in", text)
            case "discovered":
                text = f"{endpoint.name} was found on this machine at {endpoint.base_url}."
                return Reason("default-found", text)
            case "local":
                text = f"{self._first_wanted} is configured, a model file of this machine."
                return Reason("default-local", text)
            case "embedded":
                text = (
                    "No endpoint is configured and no model server was found on this machine,"
                    " so the small built-in model answers."
                )
                return Reason("default-nothing-found", text)

    def endpoints(self) -> list[Endpoint]:
        """All endpoints but those of our own processes, whose addresses only they know."""
        known = (one.endpoint for one in self._known.values())
        return [endpoint for endpoint in known if not endpoint.is_ours]

    def set_local(self, files: Sequence[ModelFile]) -> None:
        """Take over what is in the folder of models: each file is an endpoint with one model."""
        for gone in self._local.keys() - {local_endpoint(file.id) for file in files}:
            del self._known[gone]
        self._local = {local_endpoint(file.id): file for file in files}
        for name, file in self._local.items():
            self.set_endpoint(Endpoint(name, "local", ""))
            context = file.context_tokens(self._local_context)
            self.learn(Listing(name, (Model(file.id, name, "llmchat", context, vision=False),)))

    def model_file(self, endpoint: str) -> ModelFile | None:
        """The file behind an endpoint that is one."""
        return self._local.get(endpoint)

    def models(self) -> list[Model]:
        """All models, those of the default endpoint first."""
        chosen = self._chosen()
        order = sorted(self._known.values(), key=lambda one: one is not chosen)
        return [model for one in order for model in one.models]

    def states(self) -> list[EndpointState]:
        """The endpoints in the order in which they became known."""
        now = time.monotonic()
        return [
            EndpointState(
                one.endpoint.name,
                one.endpoint.kind,
                one.endpoint.base_url,
                "error" if one.error else "ok" if one.answered else "loading",
                one.error,
                None if one.listed is None else round(now - one.listed, 1),
                one.code,
            )
            for one in self._known.values()
        ]

    def kind(self, name: str) -> EndpointKind:
        """The kind of a known endpoint."""
        return self._known[name].endpoint.kind

    def set_endpoint(self, endpoint: Endpoint) -> None:
        """Add an endpoint, or replace the one of that name and keep what it listed."""
        known = self._known.get(endpoint.name)
        if known is None:
            self._known[endpoint.name] = _Known(endpoint)
        else:
            known.endpoint = endpoint

    def learn(self, listing: Listing) -> None:
        """Remember what an endpoint listed; when it failed, its last good list stands."""
        known = self._known.get(listing.endpoint)
        if known is None:
            return
        known.answered = True
        known.error, known.code = listing.error, listing.code
        if listing.error is None:
            known.told = listing.models
            self._complete(known)
            known.listed = time.monotonic()

    def note(self, notes: Mapping[str, ModelNote]) -> None:
        """Take over what people have noted of models, by their ids."""
        self._notes = notes
        for known in self._known.values():
            self._complete(known)

    def note_of(self, model: str) -> ModelNote:
        """What was noted of a model."""
        return self._notes.get(model, _NOTHING)

    def discovered(self, found: Discovered) -> list[Endpoint]:
        """Take over what was found on this machine. Returns the endpoints that are new."""
        self._discovering = False
        new = [endpoint for endpoint in found.endpoints if endpoint.name not in self._known]
        for endpoint in new:
            self.set_endpoint(endpoint)
        for listing in found.listings:
            self.learn(listing)
        return new

    def resolve(self, model: str | None) -> list[Target]:
        """Where to ask for a model, and where to turn if that fails: to the endpoints that are
        configured after it. A model id is empty where the endpoint shall choose.

        RequestError (422) for a model that nobody could serve.
        """
        first = self._default_endpoint() if model is None else self._endpoint_for(model)
        name = first.endpoint.name
        later = self._order[self._order.index(name) + 1 :] if name in self._order else []
        return [self._target(one, model) for one in (first, *(self._known[one] for one in later))]

    def _complete(self, known: _Known) -> None:
        url = known.endpoint.base_url
        known.models = tuple(
            noted(completed(one, url), self._notes.get(one.id)) for one in known.told
        )

    def _endpoint_for(self, model: str) -> _Known:
        offers = [one for one in self.models() if one.id == model]
        if offers:
            return self._known[offers[0].endpoint]
        chosen = self._chosen()
        if chosen is None or chosen.endpoint.is_ours:
            raise _unknown_model()
        return chosen

    def _default_endpoint(self) -> _Known:
        chosen = self._chosen()
        if chosen is None:
            raise RequestError(
                "There is no model to answer: this llmchat has no built-in one, no endpoint is"
                " configured and none was found. Set OPENAI_BASE_URL.",
                code="no-model",
                status=422,
            )
        return chosen

    def _target(self, known: _Known, model: str | None) -> Target:
        """What to ask of an endpoint, for which another model may have been meant."""
        listed = {one.id: one for one in known.models}
        chosen = known is self._chosen()
        wanted = model if model in listed or chosen else None
        wanted = wanted or self._wanted_of(known)
        if not wanted and self._first_wanted in listed:
            wanted = self._first_wanted
        if not wanted and (default := first_chat_model(known.models)) is not None:
            wanted = default.id
        of = listed.get(wanted or "", Model("", ""))
        prefill = prefill_of(known.endpoint, of.owned_by)
        return Target(known.endpoint.name, wanted or "", prefill, of.vision)

    def _chosen(self) -> _Known | None:
        """The first configured endpoint, else the model file that DEFAULT_MODEL names, else the
        first endpoint that was found, else the embedded model.
        """
        if self._order:
            return self._known[self._order[0]]
        wanted = self._known.get(local_endpoint(self._first_wanted))
        if wanted is not None:
            return wanted
        others = [one for one in self._known.values() if one.endpoint.kind != "local"]
        return min(others, key=lambda one: one.endpoint.kind == "embedded", default=None)

    def _wanted_of(self, known: _Known) -> str:
        """What DEFAULT_MODEL names for an endpoint; for one that was found: if it has that."""
        if known.endpoint.name in self._wanted:
            return self._wanted[known.endpoint.name]
        has = any(model.id == self._first_wanted for model in known.models)
        return self._first_wanted if has and not self._order else ""


def configured_endpoints(settings: Settings) -> list[Endpoint]:
    """The endpoints of OPENAI_BASE_URL with the key of each, and names that people know."""
    endpoints: list[Endpoint] = []
    for url, key in zip(settings.base_urls, chain(settings.api_keys, repeat("")), strict=False):
        if url == EMBEDDED:
            endpoints.append(Endpoint(EMBEDDED, "embedded", ""))
            continue
        name = _name_of(url)
        taken = {endpoint.name for endpoint in endpoints}
        if name in taken:
            name = urlsplit(url).netloc if urlsplit(url).netloc not in taken else url
        endpoints.append(Endpoint(name, "configured", url, key))
    return endpoints


def _name_of(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return _KNOWN_HOSTS.get(host) or _KNOWN_PORTS.get(parts.port or 0) or parts.netloc


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


def _unknown_model() -> RequestError:
    detail = "No endpoint has this model. GET /models lists those there are."
    return RequestError(detail, code="validation", status=422, errors=(("/model", detail),))
