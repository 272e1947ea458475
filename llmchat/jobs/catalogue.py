"""What can answer: the endpoints, their models, which of them is the default, and why.

It only remembers. The workers do the asking, in the background, so that the page never waits for
an endpoint: `GET /models` is answered from here, whatever the endpoints do.

What a role may not use does not exist for it. Who names no role gets what guests get, so that what
was forgotten opens nothing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from llmchat.config import Settings
from llmchat.domain.access import Role
from llmchat.domain.endpoint import (
    EMBEDDED,
    Configured,
    Endpoint,
    EndpointKind,
    Listing,
    Model,
    first_chat_model,
    local_endpoint,
)
from llmchat.domain.endpoint_rules import same_server
from llmchat.domain.errors import RequestError
from llmchat.domain.job import Target
from llmchat.domain.known_models import completed
from llmchat.domain.messages import Discovered
from llmchat.domain.model_notes import ModelNote, noted
from llmchat.domain.modelfile import ModelFile
from llmchat.endpoints.environment import configured_endpoints
from llmchat.jobs.prefill import prefill_of
from llmchat.jobs.rights import Rights

_NOTHING = ModelNote()


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
    models: tuple[Model, ...] = ()
    error: str | None = None
    code: str | None = None
    listed: float | None = None  # monotonic time of the last good list
    answered: bool = False


class Catalogue:
    """`embedded` is the built-in model, where there is one. `expecting`: further endpoints come by
    `configure`, before which there is no choice of a default.
    """

    def __init__(
        self, settings: Settings, embedded: Model | None, *, expecting: bool = False
    ) -> None:
        self._local: dict[str, ModelFile] = {}  # by the names of their endpoints
        self._local_context = settings.model_context
        self._known: dict[str, _Known] = {}
        self._notes: dict[str, Mapping[str, ModelNote]] = {}  # by account
        self._order: list[str] = []  # of the endpoints that are configured
        self._expecting = expecting
        self._further: frozenset[str] = frozenset()  # those that `configure` has brought
        self._wanted: dict[str, str] = {}  # the model that each of them is to use
        self._first_wanted = settings.default_models[0] if settings.default_models else ""
        self._discovering = settings.discover and not settings.base_urls
        own = configured_endpoints(settings)
        self._rights = Rights(own, settings.model_files_roles)
        for one in own:
            if one.endpoint.kind == "embedded" and embedded is None:
                continue
            self._order.append(one.endpoint.name)
            self._wanted[one.endpoint.name] = one.model
            self.set_endpoint(one.endpoint)
        if embedded is not None:
            self.set_endpoint(Endpoint(EMBEDDED, "embedded", ""))
            self.learn(Listing(EMBEDDED, (embedded,)))

    @property
    def ready(self) -> bool:
        """Whether the choice of the default is made."""
        if self._expecting:
            return False
        if self._order:
            first = self._order[0]
            return bool(self._wanted[first]) or self._known[first].answered
        return not self._discovering

    @property
    def complete(self) -> bool:
        """Whether every endpoint has said what it has, or why it does not."""
        return not self._discovering and all(one.answered for one in self._known.values())

    @property
    def default(self) -> Model | None:
        """The model of a new chat of an admin, or None while, or because, there is none."""
        return self.default_for(Role.ADMIN)

    def default_for(self, role: Role) -> Model | None:
        """The same for a role."""
        chosen = self._chosen(role)
        if chosen is None or not self.ready:
            return None
        wanted = self._wanted_of(chosen)
        listed = {model.id: model for model in chosen.models}
        if wanted:
            return listed.get(wanted, Model(wanted, chosen.endpoint.name))
        return first_chat_model(chosen.models)

    def is_default(self, model: Model, role: Role) -> bool:
        """Whether a model of the list is that one, whatever was noted of it."""
        default = self.default_for(role)
        return default is not None and (model.id, model.endpoint) == (default.id, default.endpoint)

    @property
    def reason(self) -> Reason | None:
        """Why the default endpoint of an admin answers."""
        return self.reason_for(Role.ADMIN)

    def reason_for(self, role: Role) -> Reason | None:
        """The same for a role."""
        chosen = self._chosen(role)
        if chosen is None or not self.ready:
            return None
        endpoint = chosen.endpoint
        match endpoint.kind:
            case "configured":
                text = f"{endpoint.name} at {endpoint.base_url} is configured."
                return Reason("default-configured", text)
            case "embedded" if endpoint.name in self._order:
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

    def models(self, account: str = "", role: Role = Role.GUEST) -> list[Model]:
        """The models that a role may use, as an account has noted them, those of its default
        endpoint first.
        """
        chosen = self._chosen(role)
        order = sorted(self._open_to(role), key=lambda one: one is not chosen)
        return [self._noted(account, model) for one in order for model in one.models]

    def states(self, role: Role = Role.GUEST) -> list[EndpointState]:
        """The endpoints of a role: those that are set up in their order, then those that were
        found, then the embedded one.
        """
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
            for one in sorted(self._open_to(role), key=self._place)
        ]

    def _open_to(self, role: Role) -> list[_Known]:
        return [one for one in self._known.values() if self._rights.opens(one.endpoint, role)]

    def _place(self, known: _Known) -> tuple[bool, bool, int]:
        name, kind = known.endpoint.name, known.endpoint.kind
        listed = name in self._order
        return not listed, kind == "embedded", self._order.index(name) if listed else 0

    def kind(self, name: str) -> EndpointKind:
        """The kind of a known endpoint."""
        return self._known[name].endpoint.kind

    def endpoint(self, name: str) -> Endpoint | None:
        """A known endpoint."""
        known = self._known.get(name)
        return None if known is None else known.endpoint

    def endpoint_of(self, target: Target) -> Endpoint:
        """That of a target that was just resolved."""
        return self._known[target.endpoint].endpoint

    def configure(self, further: Sequence[Configured]) -> tuple[list[Endpoint], list[str]]:
        """Take these, in their order, after the endpoints of the settings; those that came so
        before and are not among them go. Returns what is new or changed, and the names that went.
        """
        self._expecting = False
        before = {name: self._known[name].endpoint for name in self._further}
        names = [one.endpoint.name for one in further]
        own = [name for name in self._order if name not in self._further]
        gone = [name for name in before if name not in names]
        # What was found is the same as what somebody has set up at its address.
        gone += [name for name in self._found_at(further) if name not in names]
        for name in gone:
            del self._known[name]
            self._wanted.pop(name, None)
        changed = [one.endpoint for one in further if before.get(one.endpoint.name) != one.endpoint]
        for endpoint in changed:
            self._known[endpoint.name] = _Known(endpoint)
        self._rights.set_further(further)
        self._further = frozenset(names)
        self._order = [*own, *names]
        self._wanted |= {one.endpoint.name: one.model for one in further}
        return changed, gone

    def _found_at(self, further: Sequence[Configured]) -> list[str]:
        return [
            name
            for name, known in self._known.items()
            if known.endpoint.kind == "discovered"
            and any(same_server(known.endpoint.base_url, one.endpoint.base_url) for one in further)
        ]

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
            url = known.endpoint.base_url
            known.models = tuple(completed(one, url) for one in listing.models)
            known.listed = time.monotonic()

    def note(self, account: str, notes: Mapping[str, ModelNote]) -> None:
        """Take over what somebody has noted of models, by their ids. What the owner of this llmchat
        has noted of what they can and cost holds for all who say nothing else.
        """
        self._notes[account] = notes

    def note_of(self, account: str, model: str) -> ModelNote:
        """What an account has noted of a model."""
        return self._notes.get(account, {}).get(model, _NOTHING)

    def _noted(self, account: str, model: Model) -> Model:
        if not self._notes:
            return model
        return noted(noted(model, self.note_of("", model.id)), self.note_of(account, model.id))

    def discovered(self, found: Discovered) -> list[Endpoint]:
        """Take over what was found on this machine. Returns the endpoints that are new."""
        self._discovering = False
        set_up = [one for name, one in self._known.items() if name in self._order]
        others = [
            endpoint
            for endpoint in found.endpoints
            if not any(same_server(endpoint.base_url, one.endpoint.base_url) for one in set_up)
        ]
        new = [endpoint for endpoint in others if endpoint.name not in self._known]
        for endpoint in new:
            self.set_endpoint(endpoint)
        for listing in found.listings:
            if any(one.name == listing.endpoint for one in others):
                self.learn(listing)
        return new

    def resolve(
        self, model: str | None, account: str = "", role: Role = Role.GUEST
    ) -> list[Target]:
        """Where to ask for a model that an account wants, and where to turn if that fails: to the
        endpoints that are configured after it. A model id is empty where the endpoint shall choose.
        Every question goes through here, and nowhere else: no target is one that the role may not
        use, whatever the model is called, and whoever else has one of that name.

        RequestError (422) for a model that nobody could serve.
        """
        chosen = self._chosen(role)
        first = _there(chosen) if model is None else self._endpoint_for(model, chosen, role)
        name = first.endpoint.name
        later = self._order[self._order.index(name) + 1 :] if name in self._order else []
        others = [self._known[one] for one in later]
        return [
            self._target(one, model, account, is_default=one is chosen)
            for one in (first, *others)
            if self._rights.opens(one.endpoint, role)
        ]

    def _endpoint_for(self, model: str, chosen: _Known | None, role: Role) -> _Known:
        offers = [one for one in self.models(role=role) if one.id == model]
        if offers:
            return self._known[offers[0].endpoint]
        if chosen is None or chosen.endpoint.is_ours:
            raise _unknown_model()
        return chosen

    def _target(
        self, known: _Known, model: str | None, account: str, *, is_default: bool
    ) -> Target:
        """What to ask of an endpoint, for which another model may have been meant."""
        listed = {one.id: one for one in known.models}
        wanted = model if model in listed or is_default else None
        wanted = wanted or self._wanted_of(known)
        if not wanted and self._first_wanted in listed:
            wanted = self._first_wanted
        if not wanted and (default := first_chat_model(known.models)) is not None:
            wanted = default.id
        of = self._noted(account, listed.get(wanted or "", Model("", "")))
        prefill = prefill_of(known.endpoint, of.owned_by)
        return Target(known.endpoint.name, wanted or "", prefill, of.vision)

    def _chosen(self, role: Role) -> _Known | None:
        """Of what a role may use the first configured endpoint, else the model file that
        DEFAULT_MODEL names, else the first endpoint that was found, else the embedded model.
        """
        known = {one.endpoint.name: one for one in self._open_to(role)}
        for name in self._order:
            if name in known:
                return known[name]
        wanted = known.get(local_endpoint(self._first_wanted))
        if wanted is not None:
            return wanted
        others = [one for one in known.values() if one.endpoint.kind != "local"]
        return min(others, key=lambda one: one.endpoint.kind == "embedded", default=None)

    def _wanted_of(self, known: _Known) -> str:
        """What DEFAULT_MODEL names for an endpoint; for one that was found: if it has that."""
        if known.endpoint.name in self._wanted:
            return self._wanted[known.endpoint.name]
        has = any(model.id == self._first_wanted for model in known.models)
        return self._first_wanted if has and not self._order else ""


def _there(chosen: _Known | None) -> _Known:
    if chosen is None:
        raise RequestError(
            "There is no model to answer: this llmchat has no built-in one, no endpoint is"
            " configured and none was found. Add one in the settings, or set OPENAI_BASE_URL.",
            code="no-model",
            status=422,
        )
    return chosen


def _unknown_model() -> RequestError:
    detail = "No endpoint has this model. GET /models lists those there are."
    return RequestError(detail, code="validation", status=422, errors=(("/model", detail),))
