"""Log lines that tell no key, whoever writes them: also tracebacks and other libraries."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from llmchat.providers.redaction import HIDDEN, forms_of


class DiscreetFormatter(logging.Formatter):
    """Writes each line without the keys it was told. A key shorter than `SHORTEST` is no secret."""

    SHORTEST = 8

    def __init__(self, text: str, keys: Iterable[str] = ()) -> None:
        super().__init__(text)
        self._forms: list[str] = []
        for key in keys:
            self.hide(key)

    def hide(self, key: str) -> None:
        """From now on, this key is in no line."""
        if len(key) >= self.SHORTEST:
            self._forms = sorted({*self._forms, *forms_of(key)}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for form in self._forms:
            line = line.replace(form, HIDDEN)
        return line


def log_discreetly(level: str, text: str, keys: Iterable[str] = ()) -> DiscreetFormatter:
    """Set up the log of this process, on stderr. `hide` of what it gives adds keys later."""
    handler = logging.StreamHandler()
    formatter = DiscreetFormatter(text, keys)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level.upper(), handlers=[handler])
    return formatter
