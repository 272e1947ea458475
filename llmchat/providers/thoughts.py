"""Takes thoughts that a model writes between tags out of its answer, however the text is cut.

A tag opens thoughts only at the start of a line outside fenced code, where models write it: in
the middle of a line it is more likely one that the answer speaks of, and all that follows would
be hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from llmchat.domain.job import Delta, Done, Event, Reasoning, ToolCall, Usage

_NAMES = ("think", "thinking", "reason", "reasoning", "thought")
_CLOSING = {f"<{name}>": f"</{name}>" for name in _NAMES}
_CLOSING["<|begin_of_thought|>"] = "<|end_of_thought|>"
_LONGEST_HELD = 256  # characters; what is still undecided after them is text
# What may stand before a fence in its line: quotes and the marker of a list's item.
_BEFORE = r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?"
_LINE = re.compile(rf"{_BEFORE}(?P<fence>`{{3,}}|~{{3,}})")
_UNDECIDED = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)]?)?[ \t]*(?:`*|~*)")
_CLOSES = re.compile(r"[ \t>]*(?P<fence>`{3,}|~{3,})[ \t\r]*(?P<end>\n)?")
# The end of a line whose next one may begin with a tag or a fence, or has only begun.
_NEXT = re.compile(r"\n(?=[ \t>]*(?:[-*+\d][\d.)]*[ \t]*)?(?:[`~<]|\Z))")


class ThoughtTags:
    """Feed it all events of one reply in their order."""

    def __init__(self) -> None:
        self._held = ""
        self._closing = ""  # what ends the thoughts, while there are any
        self._fence = ""
        self._fence_begins = False  # the line that opens it is not over
        self._line_begins = True
        self._is_first = True  # the answer itself has not begun
        self._follows_thoughts = False
        self._before = ""  # the last character of the thoughts

    def take(self, events: Iterable[Event]) -> list[Event]:
        """The same events, with what is between tags as Reasoning."""
        taken: list[Event] = []
        for event in events:
            if isinstance(event, Delta):
                taken += self._take_text(event)
            else:
                if isinstance(event, Reasoning | ToolCall | Usage | Done):
                    taken += self.end()
                taken.append(event)
        return taken

    def end(self) -> list[Event]:
        """What was kept back because more might have followed."""
        held, self._held = self._held, ""
        if self._closing:
            return [Reasoning(held)] if held.strip() else []
        return [self._say(held)] if held else []

    def _take_text(self, event: Delta) -> Iterator[Event]:
        is_plain = not (self._held or self._closing or self._line_begins or self._fence_begins)
        if is_plain and "\n" not in event.text:
            yield event
            return
        data, self._held = self._held + event.text, ""
        while data:
            before = data
            found, data = self._think(data) if self._closing else self._answer(data)
            if found is not None:
                yield found
            if data == before:  # more has to come
                self._held = data
                return

    def _say(self, text: str) -> Delta:
        self._is_first = False
        return Delta(text)

    def _answer(self, data: str) -> tuple[Event | None, str]:
        """The next event of the answer, and what is left."""
        if self._follows_thoughts and self._is_first:
            data = data.lstrip()
        if self._line_begins and data:
            blank = len(data) - len(data.lstrip()) if self._is_first else _indent(data)
            rest = data[blank:]
            tag = next((one for one in _CLOSING if rest.startswith(one)), None)
            if tag and not self._fence:
                self._closing = _CLOSING[tag]
                self._before = ""
                return None, rest[len(tag) :]
            if len(data) < _LONGEST_HELD and self._is_undecided(data, rest):
                return None, data
            self._take_fence(data)
        return self._rest_of_line(data) if data else (None, data)

    def _is_undecided(self, data: str, rest: str) -> bool:
        if not rest or any(one.startswith(rest) for one in _CLOSING):
            return True
        if self._fence and (found := _CLOSES.match(data)):
            return found.end() == len(data) and not found["end"]
        return _UNDECIDED.fullmatch(data) is not None

    def _take_fence(self, data: str) -> None:
        if self._fence:
            found = _CLOSES.match(data)
            if found and found["end"] and found["fence"].startswith(self._fence):
                self._fence = ""
        elif found := _LINE.match(data):
            self._fence = found["fence"]
            self._fence_begins = True

    def _rest_of_line(self, data: str) -> tuple[Event | None, str]:
        """All up to the next line that has to be looked at."""
        if self._fence_begins:
            self._check_fence(data)
        found = _NEXT.search(data)
        self._line_begins = found is not None
        cut = found.end() if found else len(data)
        return self._say(data[:cut]), data[cut:]

    def _check_fence(self, data: str) -> None:
        """Backticks behind those of a fence: it was code within a line."""
        behind = data.partition(self._fence)[2] if self._line_begins else data
        line, end, _ = behind.partition("\n")
        if self._fence[0] == "`" and "`" in line:
            self._fence, end = "", "\n"
        self._fence_begins = not end

    def _think(self, data: str) -> tuple[Event | None, str]:
        """The next event of the thoughts, and what is left."""
        if not self._before:
            data = data.lstrip()
        at = self._find_closing(data)
        if at >= 0:
            thought, rest = data[:at].rstrip(), data[at + len(self._closing) :]
            self._closing = ""
            self._line_begins = self._follows_thoughts = True
            return (Reasoning(thought) if thought else None), rest
        kept = self._may_belong(data)
        thought, rest = data[:kept], data[kept:]
        if not thought:
            return None, rest
        self._before = thought[-1]
        return Reasoning(thought), rest

    def _find_closing(self, data: str) -> int:
        """Where the thoughts end; a tag in backticks is one that they speak of."""
        at = data.find(self._closing)
        while at >= 0 and (data[at - 1] if at else self._before) == "`":
            at = data.find(self._closing, at + 1)
        return at

    def _may_belong(self, data: str) -> int:
        """Where what may be blanks and a tag at the end of the thoughts begins."""
        longest = len(self._closing) - 1
        sizes = range(min(longest, len(data)), 0, -1)
        size = next((one for one in sizes if data.endswith(self._closing[:one])), 0)
        kept = len(data[: len(data) - size].rstrip())
        return kept if len(data) - kept < _LONGEST_HELD else len(data) - size


def _indent(data: str) -> int:
    """Spaces at the start, of which four would be code."""
    spaces = len(data) - len(data.lstrip(" "))
    return spaces if spaces < 4 else 0
