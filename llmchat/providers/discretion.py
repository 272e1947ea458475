"""Log lines that tell no key, whoever writes them: also tracebacks and other libraries."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from llmchat.providers.redaction import HIDDEN, forms_of


class DiscreetFormatter(logging.Formatter):
    """Writes the lines of another one without the keys it was told. A key shorter than `SHORTEST`
    is no secret.
    """

    SHORTEST = 8

    def __init__(self, inner: logging.Formatter, keys: Iterable[str] = ()) -> None:
        super().__init__()
        self._inner = inner
        self._forms: list[str] = []
        for key in keys:
            self.hide(key)

    def hide(self, key: str) -> None:
        """From now on, this key is in no line."""
        if len(key) >= self.SHORTEST:
            self._forms = sorted({*self._forms, *forms_of(key)}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = self._inner.format(record)
        for form in self._forms:
            line = line.replace(form, HIDDEN)
        return line


def hide_keys(handler: logging.Handler, keys: Iterable[str] = ()) -> DiscreetFormatter:
    """Keep keys out of what a handler writes; `hide` of what it gives adds keys later."""
    formatter = DiscreetFormatter(handler.formatter or logging.Formatter(), keys)
    handler.setFormatter(formatter)
    return formatter
