"""What a server offers, after a look at it: names that can be shown, texts within limits."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.tools import function_name
from llmchat.tools.configuration import ToolServer
from llmchat.tools.plain import plain, plain_json, plain_line

MOST_TOOLS = 64  # of one server
NAME_CHARACTERS = 128
TITLE_CHARACTERS = 80
DESCRIPTION_CHARACTERS = 4000
SHOWN_CHARACTERS = 300  # of a description, where a person decides
SCHEMA_BYTES = 32 * 1024

log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as the model and a person are told of it. `digest` is that of all the server said of
    it. A `closed` one sends nothing out.
    """

    server: str
    name: str
    function: str
    title: str
    description: str
    schema: JSONObject
    digest: str
    closed: bool

    def as_function(self) -> JSONObject:
        """The tool in a request, in the shape of OpenAI's chat completions."""
        function: JSONObject = {
            "name": self.function,
            "description": self.description,
            "parameters": self.schema,
        }
        return {"type": "function", "function": function}


@dataclass(frozen=True, slots=True)
class Said:
    """What a server said of one tool, as it came."""

    name: str
    title: str
    description: str
    schema: JSONObject
    annotations: JSONObject


def offered(name: str, server: ToolServer, said: Iterable[Said]) -> list[Tool]:
    """The tools of a server that can be used. What is hostile or too large is left out: a name with
    hidden characters, a second tool of one name, a schema of megabytes.
    """
    tools: dict[str, Tool] = {}
    for one in said:
        if len(tools) == MOST_TOOLS:
            log.warning("the tool server %s has more than %d tools", name, MOST_TOOLS)
            break
        problem = _problem(one)
        if problem is None and one.name in tools:
            problem = "a second one of the same name"
        if problem is not None:
            log.warning("a tool of the server %s is not used: %s", name, problem)
            continue
        tools[one.name] = _tool(name, server, one)
    return list(tools.values())


def digest_of(tools: Iterable[Tool]) -> str:
    """That of all tools of a server together."""
    return _digest(sorted(one.digest for one in tools))


def _problem(said: Said) -> str | None:
    if not said.name or len(said.name) > NAME_CHARACTERS:
        return "a name of no length or too much of it"
    if plain_line(said.name, NAME_CHARACTERS) != said.name:
        return "hidden characters in its name"
    try:
        size = len(_encode(said.schema))
    except (UnicodeEncodeError, RecursionError, TypeError):
        return "a schema that is no JSON"
    return f"a schema of {size} bytes" if size > SCHEMA_BYTES else None


def _tool(name: str, server: ToolServer, said: Said) -> Tool:
    schema = plain_json(said.schema, DESCRIPTION_CHARACTERS)
    title = plain_line(said.title, TITLE_CHARACTERS)
    # A program on this machine has the rights of the account whatever it says of itself; what a
    # server elsewhere says of where its data goes counts nothing.
    claims = server.kind == "stdio" and said.annotations.get("openWorldHint") is False
    closed = claims if server.open_world is None else not server.open_world
    facts: list[JSON] = [said.name, said.title, said.description, said.schema, said.annotations]
    return Tool(
        server=name,
        name=said.name,
        function=function_name(name, said.name),
        title=title if title != said.name else "",
        description=plain(said.description, DESCRIPTION_CHARACTERS),
        schema=schema if isinstance(schema, dict) else {},
        digest=_digest([server.identity, facts]),
        closed=closed,
    )


def _digest(value: object) -> str:
    # In ASCII: half a character in a description is written out, not refused.
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
