"""The tool servers of `mcp.json`: each is started or asked, as a chat would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from llmchat.doctor.report import Check
from llmchat.domain.errors import ConfigError
from llmchat.tools.configuration import FILE_NAME, permissions_problem, read_servers
from llmchat.tools.failures import ToolError
from llmchat.tools.limits import ToolLimits
from llmchat.tools.sessions import Sessions


async def tools(folder: Path) -> AsyncIterator[Check]:
    """What can be said of the file, and then of each server in it. Nothing where there is none."""
    file = folder / FILE_NAME
    try:
        problem = permissions_problem(file)
    except OSError:
        return
    if problem is not None:
        yield Check("tools", "warn", problem, "It may hold keys.")
    try:
        servers = read_servers(file)
    except ConfigError as error:
        yield Check("tools", "fail", error.message)
        return
    sessions = Sessions(file, ToolLimits(), lambda _: None)
    try:
        for check in await asyncio.gather(*(_try(sessions, name) for name in servers)):
            yield check
    finally:
        await sessions.close()


async def _try(sessions: Sessions, name: str) -> Check:
    try:
        found = await (await sessions.get(name)).tools()
    except ToolError as error:
        return Check("tools", "warn", f"{name}: {error.message}", f"See {name} in {FILE_NAME}.")
    names = ", ".join(one.name for one in found[:5]) + (" ..." if len(found) > 5 else "")
    count = "1 tool" if len(found) == 1 else f"{len(found)} tools"
    return Check("tools", "ok", f"{name}: {count}: {names}" if found else f"{name}: no tools")
