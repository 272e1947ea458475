"""What can answer: the endpoints, their models, which of them is the default, and why.

It only remembers. The workers do the asking, in the background, so that the page never waits for
an endpoint: `GET /models` is answered from here, whatever the endpoints do.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
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
)
from llmchat.domain.errors import RequestError
from llmchat.domain.messages import Discovered

_KNOWN_PORTS = {11434: "Ollama", 1234: "LM Studio"}
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


@dataclass(slots=True)
class _Known:
    endpoint: Endpoint
    models: tuple[Model, ...] = ()
    error: str | None = None
    listed: float | None = None  # monotonic time of the last good list
    answered: bool = False


class Catalogue:
    """`embedded` is the built-in model, where there is one."""

    def __init__(self, settings: Settings, embedded: Model | None) -> None:
        self._default_model = settings.default_model
        self._known: dict[str, _Known] = {}
        self._configured: str | None = None
        self._discovering = settings.discover and not settings.base_url
        if settings.base_url:
            endpoint = configured_endpoint(settings)
            self._configured = endpoint.name
            self.set_endpoint(endpoint)
        if embedded is not None:
            self.set_endpoint(Endpoint(EMBEDDED, "embedded", ""))
            self.learn(Listing(EMBEDDED, (embedded,)))

    @property
    def ready(self) -> bool:
        """Whether the choice of the default is made."""
        if self._configured is not None:
            return bool(self._default_model) or self._known[self._configured].answered
        return not self._discovering

    @property
    def default(self) -> Model | None:
        """The model of a new chat, or None while, or because, there is none."""
        chosen = self._chosen()
        if chosen is None or not self.ready:
            return None
        if self._default_model and self._serves_default(chosen):
            listed = {model.id: model for model in chosen.models}
            fallback = Model(self._default_model, chosen.endpoint.name)
            return listed.get(self._default_model, fallback)
        return first_chat_model(chosen.models)

    @property
    def reason(self) -> str | None:
        """Why the default endpoint answers: a sentence for a person."""
        chosen = self._chosen()
        if chosen is None or not self.ready:
            return None
        endpoint = chosen.endpoint
        match endpoint.kind:
            case "configured":
                return f"{endpoint.name} at {endpoint.base_url} is configured."
            case "discovered":
                return f"{endpoint.name} was found on this machine at {endpoint.base_url}."
            case "embedded":
                return (
                    "No endpoint is configured and no model server was found on this machine,"
                    " so the small built-in model answers."
                )

    def endpoints(self) -> list[Endpoint]:
        """All endpoints but the embedded one, whose address only its process knows."""
        known = (one.endpoint for one in self._known.values())
        return [endpoint for endpoint in known if endpoint.kind != "embedded"]

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
        known.error = listing.error
        if listing.error is None:
            known.models = listing.models
            known.listed = time.monotonic()

    def discovered(self, found: Discovered) -> list[Endpoint]:
        """Take over what was found on this machine. Returns the endpoints that are new."""
        self._discovering = False
        new = [endpoint for endpoint in found.endpoints if endpoint.name not in self._known]
        for endpoint in new:
            self.set_endpoint(endpoint)
        for listing in found.listings:
            self.learn(listing)
        return new

    def resolve(self, model: str | None) -> tuple[str, str]:
        """The endpoint and the model id that a request is for; the id is empty where the endpoint
        shall choose. RequestError (422) for a model that nobody could serve.
        """
        if model is None:
            return self._default_target()
        offers = [one for one in self.models() if one.id == model]
        if offers:
            return offers[0].endpoint, model
        chosen = self._chosen()
        if chosen is None or chosen.endpoint.kind == "embedded":
            raise _unknown_model()
        return chosen.endpoint.name, model

    def _default_target(self) -> tuple[str, str]:
        default = self.default
        if default is not None:
            return default.endpoint, default.id
        chosen = self._chosen()
        if chosen is None:
            raise RequestError(
                "There is no model to answer: this llmchat has no built-in one, no endpoint is"
                " configured and none was found. Set OPENAI_BASE_URL.",
                code="no-model",
                status=422,
            )
        return chosen.endpoint.name, ""

    def _chosen(self) -> _Known | None:
        """The configured endpoint, else the first one found, else the embedded model."""
        if self._configured is not None:
            return self._known[self._configured]
        by_kind = sorted(self._known.values(), key=lambda one: one.endpoint.kind == "embedded")
        return by_kind[0] if by_kind else None

    def _serves_default(self, chosen: _Known) -> bool:
        listed = any(model.id == self._default_model for model in chosen.models)
        return listed or chosen.endpoint.kind == "configured"


def configured_endpoint(settings: Settings) -> Endpoint:
    """The endpoint of OPENAI_BASE_URL and OPENAI_API_KEY, with a name that people know."""
    parts = urlsplit(settings.base_url)
    host = parts.hostname or ""
    name = _KNOWN_HOSTS.get(host) or _KNOWN_PORTS.get(parts.port or 0) or parts.netloc
    return Endpoint(name, "configured", settings.base_url, settings.api_key)


def _unknown_model() -> RequestError:
    detail = "No endpoint has this model. GET /models lists those there are."
    return RequestError(detail, code="validation", status=422, errors=(("/model", detail),))
