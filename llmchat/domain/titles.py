"""What a conversation is called until a person says otherwise; no model is asked."""

from __future__ import annotations

import re

LONGEST_TITLE = 60
UNNAMED = "New chat"

_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # they would turn the rest of a list round
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def title_of(question: str) -> str:
    """The first line of a question, cut between words; the same as on the page."""
    line = _DIRECTIONS.sub("", question.strip().split("\n", 1)[0])
    line = _CONTROLS.sub(" ", line).strip()
    if len(line) <= LONGEST_TITLE:
        return line or UNNAMED
    cut = line[:LONGEST_TITLE]
    space = cut.rfind(" ")
    return (cut[:space] if space > 0 else cut) + "…"
