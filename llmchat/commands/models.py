"""`llmchat models`: what can be asked for with `-m`."""

from __future__ import annotations

import sys
import time
from typing import Any

from llmchat.commands.server import Running, call, find
from llmchat.config import Settings

_LISTS_SECONDS = 5.0
_POLL_SECONDS = 0.1


def run(settings: Settings) -> int:
    """Print the models: one on each line, and for a person with what has it. Raises ConfigError."""
    listed = _listed(find(settings.data_dir))
    names = list(dict.fromkeys(one["id"] for one in listed["data"]))
    if not sys.stdout.isatty():
        sys.stdout.write("".join(f"{name}\n" for name in names))
        return 0
    width = max(map(len, names), default=0)
    for one in listed["data"]:
        note = ", the default" if one["default"] else ""
        sys.stdout.write(f"{one['id']:{width}}  {one['endpoint']}{note}\n")
    for one in listed["endpoints"]:
        if one["error"]:
            sys.stderr.write(f"llmchat: {one['name']}: {one['error']}\n")
    return 0


def _listed(running: Running) -> dict[str, Any]:
    """The models, when all endpoints have said which they have, or after some seconds anyway."""
    until = time.monotonic() + _LISTS_SECONDS
    while True:
        listed: dict[str, Any] = call(running, "GET", "/models")
        loading = any(one["state"] == "loading" for one in listed["endpoints"])
        if (listed["ready"] and not loading) or time.monotonic() > until:
            return listed
        time.sleep(_POLL_SECONDS)
