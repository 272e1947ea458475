"""How far a command is: a bar on a terminal, and nothing anywhere else."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType
from typing import TextIO

_SECONDS = 0.1  # between two pictures
_WIDTH = 30


class Progress:
    """`with Progress("Exporting", 212) as progress:` and `progress.step()` for each one.

    `unit` is put behind the numbers. The bar is gone at the end, whatever that is.
    """

    def __init__(
        self, what: str, total: int, unit: str = "", *, stream: TextIO | None = None
    ) -> None:
        self._what = what
        self._total = total
        self._unit = f" {unit}" if unit else ""
        self._stream = stream or sys.stderr
        self._shown = self._stream.isatty()
        self._drawn = 0.0
        self.done = 0

    def __enter__(self) -> Progress:
        return self

    def step(self, count: int = 1) -> None:
        """So many more are done."""
        self.set(self.done + count, self._total)

    def set(self, done: int, total: int) -> None:
        """So many are done, of so many."""
        self.done, self._total = done, total
        now = time.monotonic()
        if self._shown and now - self._drawn >= _SECONDS:
            self._drawn = now
            self._draw(self.line())

    def line(self) -> str:
        """What is shown, for a terminal of its width."""
        part = min(1.0, self.done / self._total) if self._total else 1.0
        full = int(part * _WIDTH)
        bar = "#" * full + "." * (_WIDTH - full)
        text = f"{self._what} [{bar}] {part:4.0%}  {self.done:,} of {self._total:,}{self._unit}"
        return text[: shutil.get_terminal_size().columns - 1]

    def _draw(self, text: str) -> None:
        self._stream.write(f"\r\x1b[K{text}")
        self._stream.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown and self._drawn:
            self._draw("")
