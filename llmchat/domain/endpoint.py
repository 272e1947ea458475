"""Where answers come from: endpoints, their models, and which of them is the default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from llmchat.domain.access import Role
from llmchat.domain.reach import Guard
from llmchat.domain.statistics import Price

EndpointKind: TypeAlias = Literal["configured", "discovered", "embedded", "local"]
EMBEDDED = "embedded"
_LOCAL_PREFIX = "local:"
AUTO = "auto"  # the proxy of the environment, but never for a private address
DIRECT = "none"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """The limits of one endpoint in seconds, 0 for none; None where those of the settings hold."""

    connect: float | None = None
    first_token: float | None = None
    idle: float | None = None
    total: float | None = None


def local_endpoint(model: str) -> str:
    """The name of the endpoint that one model of the folder of models is."""
    return _LOCAL_PREFIX + model


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible API. `base_url` ends in its version path, as in `http://host/v1`.

    `headers` go with every request. `proxy` is AUTO, DIRECT, or the address of one. `guard` says
    where it may be; without one, anywhere. `slots` is how many answers it makes at once, None for
    what the settings say.
    """

    name: str
    kind: EndpointKind
    base_url: str
    api_key: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    proxy: str = AUTO
    guard: Guard | None = None
    slots: int | None = None
    timeouts: Timeouts = Timeouts()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may see: the key, and what of the headers is long enough to be one."""
        texts = [value.rpartition(" ")[2] for _, value in self.headers]  # after "Bearer" or "Basic"
        return tuple(filter(None, (self.api_key, *(one for one in texts if len(one) >= 8))))

    @property
    def is_ours(self) -> bool:
        """Whether it is llama.cpp in a process of this server."""
        return self.kind in ("embedded", "local")

    def __repr__(self) -> str:
        # The key must not reach a log through an f-string or a traceback.
        return f"Endpoint({self.name!r}, {self.kind!r}, {self.base_url!r})"


@dataclass(frozen=True, slots=True)
class Configured:
    """An endpoint that somebody has set up, the model that is to be used of it, if any, and the
    least role that may use it. Who that is changes without a word to the endpoint.
    """

    endpoint: Endpoint
    model: str = ""
    roles: Role = Role.GUEST


@dataclass(frozen=True, slots=True)
class Model:
    """A model that an endpoint lists; `context_window` is in tokens, where it is known.

    `vision`: whether it reads images; `tools`: whether it calls them; `reasoning`: whether it
    thinks before it answers. None where nobody said.
    """

    id: str
    endpoint: str
    owned_by: str = ""
    context_window: int | None = None
    vision: bool | None = None
    tools: bool | None = None
    reasoning: bool | None = None
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What an endpoint answered when it was asked for its models.

    If it did not, `error` says why to a person, and `code` is the one of the errors of a job.
    """

    endpoint: str
    models: tuple[Model, ...] = ()
    error: str | None = None
    code: str | None = None


# Parts of the names of models that do not chat; OpenAI lists them among those that do.
_NOT_CHAT = ("embed", "whisper", "tts", "dall-e", "moderation", "transcribe", "realtime", "image")


def first_chat_model(models: Sequence[Model]) -> Model | None:
    """The model to ask when nobody has chosen one."""
    chatty = [one for one in models if not any(word in one.id.lower() for word in _NOT_CHAT)]
    return next(iter(chatty or models), None)
