"""Pieces of texts around what was found in them, with the hits marked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from llmchat.domain.search import Part

CHARACTERS = 160
_BEFORE = 50  # of them, in front of the hit
_LOOK_AT = 65_536  # characters at a time, so that a huge text holds nobody up
_TO_WORD = 15  # how far an edge is moved to the next blank
_ODD_SMALL = str.maketrans({"ς": "σ", "ſ": "s", "µ": "μ"})
_JOINERS = "\u200d\ufe0e\ufe0f"
ELLIPSIS = "…"


def snippet(text: str, words: Sequence[str]) -> list[Part]:
    """About `CHARACTERS` around the first hit, or the beginning if there is none."""
    folded = [fold(word) for word in words]
    at, length = _first(text, folded)
    start = _edge(text, max(0, at - _BEFORE), limit=at)
    end = _edge(text, min(len(text), max(start + CHARACTERS, at + length)), limit=len(text))
    parts = marked(text[start:end], words)
    if start:
        parts.insert(0, Part(ELLIPSIS))
    if end < len(text):
        parts.append(Part(ELLIPSIS))
    return _joined(parts)


def marked(text: str, words: Sequence[str]) -> list[Part]:
    """The whole text, its blanks made one each."""
    folded = fold(text)
    covered: list[tuple[int, int]] = []
    for word in {fold(word) for word in words} - {""}:
        at = folded.find(word)
        while at >= 0:
            covered.append((at, at + len(word)))
            at = folded.find(word, at + len(word))
    parts, done = list[Part](), 0
    for begin, end in sorted(covered):
        if end > done:
            parts.append(Part(text[done:begin]))
            parts.append(Part(text[max(begin, done) : end], hit=True))
            done = end
    parts.append(Part(text[done:]))
    return _joined(parts)


def fold(text: str) -> str:
    """Small letters, as many as there were characters."""
    small = text.lower()
    if len(small) != len(text):
        small = text.replace("İ", "i").lower()  # the only one that becomes two
    return small if text.isascii() else small.translate(_ODD_SMALL)


def _first(text: str, folded: Sequence[str]) -> tuple[int, int]:
    """Where the first hit is, and how long."""
    longest = max((len(word) for word in folded), default=0)
    for begin in range(0, len(text), _LOOK_AT):
        part = fold(text[begin : begin + _LOOK_AT + longest])
        places = [(place, len(word)) for word in folded if (place := part.find(word)) >= 0]
        if places:
            place, length = min(places)
            return begin + place, length
    return 0, 0


def _edge(text: str, at: int, *, limit: int) -> int:
    """The next good place to cut: at a blank if one is near, and in no case inside a character."""
    if at in (0, len(text)):
        return at
    blank = re.search(r"\s", text[at : min(limit, at + _TO_WORD)])
    if blank:
        return at + blank.start()
    while at < limit and _continues(text, at):
        at += 1
    return at


def _continues(text: str, at: int) -> bool:
    """Whether the character there belongs to what is before it, as accents and joined signs do."""
    return (
        unicodedata.combining(text[at]) > 0
        or text[at] in _JOINERS
        or "\U0001f3fb" <= text[at] <= "\U0001f3ff"  # skin tones
        or text[at - 1] == "\u200d"
    )


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Without empty ones, and neighbours of one kind together."""
    found: list[Part] = []
    for part in parts:
        text = re.sub(r"\s+", " ", part.text)
        if found and found[-1].hit == part.hit:
            found[-1] = Part(found[-1].text + text, part.hit)
        elif text:
            found.append(Part(text, part.hit))
    return found
