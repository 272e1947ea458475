"""`mcp.json` in the data folder: the MCP servers that chats may use.

It has the shape that other programs read too: `{"mcpServers": {name: {"command", "args", "env"} or
{"url", "headers"}}}`. It is the only way to add a server: whoever can write this file can run
programs as this account anyway, and nothing that comes by HTTP can.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from llmchat.domain.errors import ConfigError
from llmchat.domain.tools import is_server_name

FILE_NAME = "mcp.json"
MOST_BYTES = 1024 * 1024
CALL_SECONDS = 120.0

Kind: TypeAlias = Literal["stdio", "http"]
Seconds: TypeAlias = Annotated[float, Meta(gt=0, le=3600)]


class ToolServer(Struct, frozen=True, rename={"open_world": "openWorld"}):
    """A server as the file describes it; members that other programs know are left alone.

    `timeout` is that of one call, in seconds. `openWorld: false` says that its tools send nothing
    out of this machine, so that one that is always allowed stays so after the chat has read what
    comes from outside.
    """

    command: str = ""
    args: list[str] = []
    env: dict[str, str] = {}
    cwd: str | None = None
    url: str = ""
    headers: dict[str, str] = {}
    timeout: Seconds = CALL_SECONDS
    open_world: bool | None = None
    disabled: bool = False

    @property
    def kind(self) -> Kind:
        return "stdio" if self.command else "http"

    @property
    def identity(self) -> list[Any]:
        """What makes it this server and no other one, for approvals."""
        return [self.command, self.args, self.url]

    def __repr__(self) -> str:  # args, env and headers hold keys
        return f"ToolServer({self.kind})"


class _File(Struct):
    mcpServers: dict[str, msgspec.Raw] = {}  # noqa: N815 - the name in the file


_file = msgspec.json.Decoder(_File)
_server = msgspec.json.Decoder(ToolServer)


def read_servers(path: Path | None) -> dict[str, ToolServer]:
    """The servers of the file, in its order; none if there is no file. Raises ConfigError, with
    words for a person and no value of the file, for one that cannot be read or trusted.
    """
    text = _read(path) if path is not None else None
    if text is None:
        return {}
    try:
        raw = _file.decode(text).mcpServers
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ConfigError(
            f'{FILE_NAME} is not of the shape {{"mcpServers": {{"name": {{...}}}}}}, as JSON.'
        ) from None
    servers = {name: _one(name, value) for name, value in raw.items()}
    return {name: server for name, server in servers.items() if not server.disabled}


def permissions_problem(path: Path) -> str | None:
    """What is wrong with who may read the file, which holds keys; None if that is fine, or if this
    system does not say. OSError if there is no file.
    """
    if sys.platform == "win32":
        return None
    mode = path.stat().st_mode
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return f"Others can read {path.name} (mode {stat.S_IMODE(mode):o}). Run: chmod 600 {path}"
    return None


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            _check_owner(os.fstat(file.fileno()))
            text = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{FILE_NAME} cannot be read: {error.strerror}.") from error
    if len(text) > MOST_BYTES:
        raise ConfigError(f"{FILE_NAME} is larger than 1 MB.")
    return text


def _check_owner(state: os.stat_result) -> None:
    """Its commands run as this account: only this account, or root, may have written them."""
    if sys.platform == "win32":
        return
    if state.st_uid not in (os.getuid(), 0) or state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ConfigError(
            f"{FILE_NAME} is not used, for others can write it. Run: chmod 600 {FILE_NAME}"
        )


def _one(name: str, value: msgspec.Raw) -> ToolServer:
    if not is_server_name(name):
        raise ConfigError(
            f"{FILE_NAME}: the name of a server has up to 40 letters, digits, blanks and ._-"
        )
    try:
        server = _server.decode(value)
    except msgspec.ValidationError as error:
        place = str(error).rpartition(" - at ")[2].strip("`$.") or "it"
        raise ConfigError(f"{FILE_NAME}: {place} of the server {name} is not right.") from None
    if bool(server.command) == bool(server.url):
        raise ConfigError(f"{FILE_NAME}: the server {name} needs a `command` or a `url`.")
    if server.url:
        _check_url(name, server.url)
    return server


def _check_url(name: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise ConfigError(f"{FILE_NAME}: the server {name} needs a `url` with http or https.")
