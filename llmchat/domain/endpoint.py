"""Where answers come from: endpoints, their models, and which of them is the default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from llmchat.domain.chat import JSONObject

EndpointKind: TypeAlias = Literal["configured", "discovered", "embedded"]
EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible API. `base_url` ends in its version path, as in `http://host/v1`."""

    name: str
    kind: EndpointKind
    base_url: str
    api_key: str = ""

    def __repr__(self) -> str:
        # The key must not reach a log through an f-string or a traceback.
        return f"Endpoint({self.name!r}, {self.kind!r}, {self.base_url!r})"


@dataclass(frozen=True, slots=True)
class Model:
    """A model that an endpoint lists. `details` are further members that the endpoint told."""

    id: str
    endpoint: str
    owned_by: str = ""
    context_window: int | None = None
    details: JSONObject | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What an endpoint answered when it was asked for its models.

    If it did not, `error` says why to a person, and `code` is the one of the errors of a job.
    """

    endpoint: str
    models: tuple[Model, ...] = ()
    error: str | None = None
    code: str | None = None
