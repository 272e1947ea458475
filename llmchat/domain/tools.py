"""What is said of tools between the processes: what may run, and what a person decided."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

MOST_SERVERS = 20  # that one chat may use
NAME_CHARACTERS = 64  # what APIs take as the name of a function

Decision: TypeAlias = Literal[
    "once",  # this call only
    "tool",  # this tool from now on, as it is
    "server",  # all tools of this server from now on, as they are
    "deny",  # the model is told that it may not
]

_SERVER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}", re.ASCII)
_UNUSUAL = re.compile(r"[^A-Za-z0-9_-]+", re.ASCII)
_SEPARATOR = "__"


@dataclass(frozen=True, slots=True)
class Approval:
    """A tool, or with an empty name all tools of a server, that may run without a question. It
    holds for what has this digest: what has changed since is asked for again.
    """

    server: str
    tool: str
    digest: str


def is_server_name(name: str) -> bool:
    """Whether a server may be called so: it is shown, and stands in the settings of chats."""
    return _SERVER_NAME.fullmatch(name) is not None


def function_name(server: str, tool: str) -> str:
    """What a model calls a tool: two tools never have one name, of whatever servers they are."""
    start, end = _UNUSUAL.sub("-", server), _UNUSUAL.sub("-", tool)
    name = f"{start}{_SEPARATOR}{end}"
    same = start == server and end == tool and _SEPARATOR not in f"{server}_"
    if same and len(name) <= NAME_CHARACTERS:
        return name
    mark = hashlib.sha256(f"{server}\0{tool}".encode()).hexdigest()[:8]
    return f"{start[:16]}{_SEPARATOR}{end[:36]}_{mark}"


def tool_servers_of(value: object) -> tuple[str, ...]:
    """The servers that the settings of a chat turn on; nothing for what is no list of names."""
    if not isinstance(value, list):
        return ()
    names = [one for one in value if isinstance(one, str) and is_server_name(one)]
    return tuple(dict.fromkeys(names))[:MOST_SERVERS]
