"""The schemas of endpoints: what is set up, and what is told of it. No secret goes out."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict

from llmchat.domain.access import Role
from llmchat.domain.endpoint_rules import Entry
from llmchat.domain.trial import Step
from llmchat.endpoints.items import Item
from llmchat.endpoints.secrets import last4
from llmchat.jobs.catalogue import EndpointState
from llmchat.server.wire import names_of

Text: TypeAlias = Annotated[str, Meta(max_length=2000)]
Secret: TypeAlias = Annotated[str, Meta(max_length=4200)]
Slots: TypeAlias = Annotated[int, Meta(ge=1, le=1000)]
Seconds: TypeAlias = Annotated[float, Meta(ge=0, le=86400)]
Headers: TypeAlias = Annotated[dict[str, Secret | None], Meta(max_length=40)]


class EndpointPatch(Struct, forbid_unknown_fields=True):
    """What is to be changed. `key`: null takes it away, as it does a header of `headers`; those
    that are not named stay. Another server than before gets none of what was kept.
    `roles`: the least role that may use it.
    """

    name: Text | UnsetType = UNSET
    base_url: Text | UnsetType = UNSET
    key: Secret | UnsetType | None = UNSET
    headers: Headers | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    model: Text | UnsetType = UNSET
    proxy: Text | UnsetType = UNSET
    slots: Slots | UnsetType | None = UNSET
    connect_seconds: Seconds | UnsetType | None = UNSET
    first_token_seconds: Seconds | UnsetType | None = UNSET
    idle_seconds: Seconds | UnsetType | None = UNSET
    total_seconds: Seconds | UnsetType | None = UNSET
    roles: Role | UnsetType = UNSET

    def given(self) -> dict[str, Any]:
        """The values that are there."""
        return {name: value for name, value in asdict(self).items() if value is not UNSET}


class EndpointChange(EndpointPatch, forbid_unknown_fields=True):
    """`position`: its new place among those of the page, from 0; the first one is the default."""

    position: Annotated[int, Meta(ge=0, le=1000)] | UnsetType = UNSET


class NewEndpoint(EndpointPatch, forbid_unknown_fields=True, kw_only=True):
    """An endpoint to set up. Without a `name` it is called by its address."""

    base_url: Text


class EndpointTest(EndpointPatch, forbid_unknown_fields=True):
    """What to try: an endpoint by its `id`, as it is or with other values, or one that is not set
    up. Nothing is kept.
    """

    id: Annotated[str, Meta(max_length=2100)] | None = None


class SecretState(Struct):
    """What is told of a secret: `last4` is empty for a short one."""

    set: bool
    last4: str

    @classmethod
    def of(cls, secret: str) -> SecretState:
        """That of a secret, which is empty where there is none."""
        return cls(bool(secret), last4(secret))


class EndpointItem(Struct):
    """An endpoint that is set up. Only those whose `source` is the page can be changed here.
    `key_lost`: the key is not where it was kept. `models` is how many it has listed.
    """

    id: str
    name: str
    base_url: str
    source: Literal["environment", "file", "page"]
    embedded: bool
    enabled: bool
    key: SecretState
    key_lost: bool
    headers: dict[str, SecretState]
    model: str
    proxy: str
    slots: int | None
    connect_seconds: float | None
    first_token_seconds: float | None
    idle_seconds: float | None
    total_seconds: float | None
    roles: Role
    state: Literal["ok", "loading", "error", "off"]
    error: str | None
    code: str | None
    models: int

    @classmethod
    def of(cls, item: Item, state: EndpointState | None, models: int) -> EndpointItem:
        """What is told of an item, and of what the catalogue knows of it."""
        entry: Entry = item.entry
        known = state if entry.enabled else None
        return cls(
            id=entry.id,
            name=entry.name,
            base_url=entry.base_url,
            source=item.source,
            embedded=not entry.base_url,
            enabled=entry.enabled,
            key=SecretState.of(item.secrets.key),
            key_lost=item.lost,
            headers={name: SecretState.of(text) for name, text in item.secrets.headers.items()},
            model=entry.model,
            proxy=entry.proxy,
            slots=entry.slots,
            connect_seconds=entry.connect_seconds,
            first_token_seconds=entry.first_token_seconds,
            idle_seconds=entry.idle_seconds,
            total_seconds=entry.total_seconds,
            roles=entry.roles,
            state="off" if not entry.enabled else known.state if known else "loading",
            error=known.error if known else None,
            code=known.code if known else None,
            models=models if entry.enabled else 0,
        )


class EndpointList(Struct):
    """All that are set up, in the order in which they are asked. `key_store` is where a key that
    comes now is kept; `problems` are those of the files that name endpoints.
    """

    items: list[EndpointItem]
    next: None
    key_store: Literal["keyring", "file"]
    problems: list[str]


class Trial(Struct):
    """What came of trying an endpoint; docs/errors.md has the codes. `suggestion` is an address
    nearby that works where this one does not.
    """

    ok: bool
    code: str
    message: str
    steps: list[Step]
    models: list[str]
    suggestion: str


class FoundServer(Struct):
    """A model server that runs on this machine; `added` if it is set up."""

    name: str
    base_url: str
    models: list[str]
    added: bool


class FoundServers(Struct):
    """All that answer now."""

    items: list[FoundServer]
    next: None


NAMES: Final = names_of(NewEndpoint, EndpointChange, EndpointTest)
