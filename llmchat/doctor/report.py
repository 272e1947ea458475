"""What was found: one line for each part, for a person or for a program."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]

# What is shown comes from files, endpoints and other programs.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Check:
    """A part of llmchat: `message` is what is so, `hint` what to do about it."""

    name: str
    state: State
    message: str
    hint: str = ""


class Report:
    """Prints checks as they come; as JSON, all of them at the end."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._checks: list[Check] = []

    @property
    def failed(self) -> bool:
        return any(check.state == "fail" for check in self._checks)

    def add(self, checks: Iterable[Check]) -> None:
        for check in checks:
            self._checks.append(check)
            if not self._as_json:
                _print(_line(check))

    def end(self) -> None:
        """Print what is to be said of all checks together."""
        if self._as_json:
            checks = [asdict(check) for check in self._checks]
            _print(json.dumps({"ok": not self.failed, "checks": checks}, indent=2))
            return
        counts = [sum(check.state == state for check in self._checks) for state in ("warn", "fail")]
        words = [f"{n} {what}" for n, what in zip(counts, ("to look at", "broken"), strict=True)]
        _print("All is well." if not any(counts) else f"{', '.join(words)}.")


def _line(check: Check) -> str:
    hint = f" {check.hint}" if check.hint else ""
    return _CONTROLS.sub(" ", f"{check.state:4}  {check.name}: {check.message}{hint}")


def _print(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    with contextlib.suppress(BrokenPipeError):  # nobody reads on
        print(text.encode(encoding, "replace").decode(encoding), flush=True)  # noqa: T201
