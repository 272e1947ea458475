"""An endpoint with its secrets, and what a change makes of both."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from llmchat.domain.endpoint import Configured, Endpoint
from llmchat.domain.endpoint_rules import (
    Entry,
    FieldError,
    origin_of,
    parse_base_url,
    parse_headers,
    parse_key,
)
from llmchat.domain.errors import RequestError
from llmchat.domain.reach import Guard
from llmchat.endpoints.environment import name_of
from llmchat.endpoints.keys import Place
from llmchat.endpoints.secrets import Secrets

Source: TypeAlias = Literal["environment", "file", "page"]
Fields: TypeAlias = Mapping[str, Any]
"""Members of Entry by their names, `key` (None takes it away) and `headers` (the same for each)."""

_OF_ENTRY = frozenset(one.name for one in fields(Entry)) - {"id"}


@dataclass(frozen=True, slots=True)
class Item:
    """`lost`: it had secrets, which are not where they were kept. `place` is where they are. The
    page can change those only whose source it is.
    """

    entry: Entry
    source: Source
    secrets: Secrets
    guard: Guard | None = None
    place: Place | None = None
    lost: bool = False

    @property
    def endpoint(self) -> Endpoint:
        """What is asked; the secrets go with it only to the server that they are for."""
        entry = self.entry
        theirs = self.secrets.origin == origin_of(entry.base_url)
        return Endpoint(
            entry.name,
            "configured",
            entry.base_url,
            self.secrets.key if theirs else "",
            tuple(self.secrets.headers.items()) if theirs else (),
            entry.proxy,
            self.guard,
            entry.slots,
            entry.timeouts,
        )

    @property
    def configured(self) -> Configured:
        return Configured(self.endpoint, self.entry.model, self.entry.roles)


def new_item(id_: str, given: Fields, taken: Collection[str], guard: Guard) -> Item:
    """An endpoint that the page wants to have. Raises RequestError (422)."""
    with_name = {"name": "", **_own(given)}
    if not with_name["name"]:
        try:
            with_name["name"] = name_of(parse_base_url(given["base_url"]), taken)
        except ValueError as error:
            raise invalid("base_url", str(error)) from None
    empty = Entry(id=id_, name="", base_url="")
    return changed(Item(empty, "page", Secrets(""), guard), with_name | _secret(given), taken)


def changed(item: Item, given: Fields, taken: Collection[str]) -> Item:
    """The same with other values. Another server gets none of its secrets. Raises RequestError."""
    try:
        values = _own(given)
        if "base_url" in values:
            values["base_url"] = parse_base_url(values["base_url"])
        entry = replace(item.entry, **values)
        entry.check()
        if entry.name.casefold() in {name.casefold() for name in taken}:
            raise invalid("name", "Another endpoint has this name.")
        if item.guard is not None:
            _check_place(entry.base_url, item.guard)
    except FieldError as error:
        raise invalid(error.field, str(error)) from None
    except ValueError as error:
        raise invalid("base_url", str(error)) from None
    secrets = _changed_secrets(item.secrets, origin_of(entry.base_url), given)
    kept = secrets == item.secrets
    return replace(item, entry=entry, secrets=secrets, lost=item.lost and kept)


def invalid(field: str, detail: str) -> RequestError:
    """422 for one member. `detail` must not quote it."""
    text = f"{detail[:1].upper()}{detail[1:].rstrip('.')}."
    return RequestError(
        "A value is missing or not allowed.",
        code="validation",
        status=422,
        errors=((f"/{field}", text),),
    )


def _own(given: Fields) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in _OF_ENTRY}


def _secret(given: Fields) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in ("key", "headers")}


def _changed_secrets(old: Secrets, origin: str, given: Fields) -> Secrets:
    base = old if old.origin == origin else Secrets(origin)
    try:
        key = parse_key(given["key"] or "") if "key" in given else base.key
    except ValueError as error:
        raise invalid("key", str(error)) from None
    merged = {**base.headers, **given.get("headers", {})}
    try:
        headers = parse_headers({name: text for name, text in merged.items() if text is not None})
    except ValueError as error:
        raise invalid("headers", str(error)) from None
    return Secrets(origin, key, headers)


def _check_place(url: str, guard: Guard) -> None:
    """Say at once what no socket will be connected to. A name is looked up only when it is tried:
    what counts is where it leads then.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = str(ipaddress.ip_address(host))
    except ValueError:
        if host != "localhost":
            return
        address = "127.0.0.1"
    if (why := guard.why_not(address, port)) is not None:
        raise FieldError("base_url", f"llmchat does not call {why}")
