"""The keys of `mcp.json`, kept out of logs, of results and of what a person is told."""

from __future__ import annotations

import re

from llmchat.providers.redaction import HIDDEN, forms_of, redact
from llmchat.tools.configuration import ToolServer

SHORTEST = 8  # a shorter value is no secret
_NAMES = re.compile(r"key|token|secret|pass|auth|credential|cookie|session", re.IGNORECASE)
_SCHEMES = ("bearer ", "basic ", "token ")


class Secrets:
    """Those of one server: each header, and what of the environment is named like a key."""

    def __init__(self, server: ToolServer) -> None:
        named = [value for name, value in server.env.items() if _NAMES.search(name)]
        values = {*named, *server.headers.values()}
        for scheme in _SCHEMES:
            values |= {v[len(scheme) :] for v in values if v.lower().startswith(scheme)}
        self.values = [one.strip() for one in values if len(one.strip()) >= SHORTEST]
        forms = {form for value in self.values for form in forms_of(value)}
        self._forms = sorted(forms, key=len, reverse=True)

    def hide(self, text: str) -> str:
        """The text without them, as they are and as they are escaped."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text

    def line(self, text: str) -> str:
        """The text on one short line, also without what only looks like a key."""
        return redact(self.hide(text))
