"""`llmchat licenses`: what others made of the program, as one text."""

from __future__ import annotations

import os
import sys

from llmchat import __version__
from llmchat.licenses import Part, parts

_LINE = "=" * 80


def run() -> int:
    """Print the list of the parts, and then the terms of each."""
    found = parts()
    width = max(len(f"{part.name} {part.version}") for part in found)
    lines = [f"llmchat {__version__} is built from these {len(found)} parts:", ""]
    lines += [f"{f'{part.name} {part.version}':{width}}  {part.license}" for part in found]
    lines += [text for part in found for text in _terms(part)]
    try:
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # of `| less`, or `| head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _terms(part: Part) -> list[str]:
    head = ["", _LINE, f"{part.name} {part.version}", part.home, _LINE]
    return head + [line for name, text in part.texts for line in ("", f"--- {name}", "", text)]
