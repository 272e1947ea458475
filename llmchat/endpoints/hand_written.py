"""`endpoints.toml` in the data folder: endpoints that are set up by hand."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from llmchat.domain.access import Role
from llmchat.domain.endpoint_rules import (
    Entry,
    FieldError,
    origin_of,
    parse_base_url,
    parse_headers,
    parse_key,
)
from llmchat.endpoints.environment import name_of
from llmchat.endpoints.files import is_open_to_others
from llmchat.endpoints.secrets import Secrets

FILE_NAME = "endpoints.toml"
_CREDENTIAL = re.compile(r"(?!\.)[A-Za-z0-9._-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Written:
    """The endpoints of the file, and what people should know of it."""

    endpoints: tuple[tuple[Entry, Secrets], ...] = ()
    problem: str = ""


class FileError(Exception):
    """Why the file cannot be used, for a person; it quotes no value."""


class _Table(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A table of the file. The key stands in it, or is a credential of systemd."""

    base_url: str
    name: str = ""
    key: str = ""
    key_credential: str = ""
    headers: dict[str, str] = {}
    enabled: bool = True
    model: str = ""
    proxy: str = "auto"
    slots: int | None = None
    connect_seconds: float | None = None
    first_token_seconds: float | None = None
    idle_seconds: float | None = None
    total_seconds: float | None = None
    roles: Role = Role.GUEST


class _File(msgspec.Struct, forbid_unknown_fields=True):
    endpoint: list[_Table] = []


def read_written(
    path: Path, credentials: Path | None, others: Collection[str] = ()
) -> Written | None:
    """What the file says; None if there is none. `others` are names that are taken. Raises
    FileError. Blocks.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        open_to_others = is_open_to_others(path)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise FileError(f"{path.name} cannot be read: {why}.") from error
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except tomllib.TOMLDecodeError as error:
        raise FileError(f"{path.name} is no TOML: {_place(error)}.") from None
    except msgspec.ValidationError as error:
        raise FileError(f"{path.name}: {_plain(str(error))}.") from None
    taken = set(others)
    found = []
    for number, table in enumerate(file.endpoint, 1):
        entry, secrets = _entry(table, f"{path.name}, endpoint {number}", taken, credentials)
        taken.add(entry.name)
        found.append((entry, secrets))
    problem = ""
    if open_to_others and any(one.key or one.headers for one in file.endpoint):
        problem = f"Other users of this machine can read the keys in {path}: chmod 600 it."
    return Written(tuple(found), problem)


def _entry(
    table: _Table, where: str, taken: set[str], credentials: Path | None
) -> tuple[Entry, Secrets]:
    try:
        url = parse_base_url(table.base_url)
        values: dict[str, Any] = msgspec.structs.asdict(table)
        for name in ("key", "key_credential", "headers"):
            del values[name]
        values |= {"base_url": url, "name": table.name or name_of(url, taken)}
        entry = Entry(id=f"file-{values['name']}", **values)
        entry.check()
        _check_new(entry.name, taken)
        key = parse_key(table.key) or _credential(table.key_credential, credentials)
        return entry, Secrets(origin_of(url), key, parse_headers(table.headers))
    except FieldError as error:
        raise FileError(f"{where}: `{error.field}`: {error}.") from None
    except ValueError as error:
        raise FileError(f"{where}: {error}.") from None


def _check_new(name: str, taken: set[str]) -> None:
    if name in taken:
        raise FieldError("name", "another endpoint has this name")


def _credential(name: str, folder: Path | None) -> str:
    if not name:
        return ""
    if not _CREDENTIAL.fullmatch(name):
        raise FieldError("key_credential", "it must be the name of a credential")
    if folder is None:
        raise FieldError(
            "key_credential", "there are no credentials: CREDENTIALS_DIRECTORY is not set"
        )
    return parse_key(read_credentials(folder, [name]).get(name, "")) or _missing(name)


def _missing(name: str) -> str:
    raise FieldError("key_credential", f"there is no credential {name}, or it is empty")


def read_credentials(folder: Path | None, names: list[str]) -> Mapping[str, str]:
    """Those credentials of systemd that are there (`LoadCredential=` in systemd.exec(5))."""
    found = {}
    if folder is None:
        return {}
    for name in names:
        try:
            found[name] = (folder / name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            continue
    return found


def _place(error: tomllib.TOMLDecodeError) -> str:
    """The place alone: the rest of the message quotes what may be a key."""
    match = re.search(r"\(at line \d+, column \d+\)|at end of document", str(error))
    return f"look {match[0].strip('()')}" if match else "it cannot be read"


def _plain(message: str) -> str:
    """msgspec's words without the values that it quotes, but with the names of members."""
    return re.sub(r"Invalid enum value .*", "a value is not allowed", message)
