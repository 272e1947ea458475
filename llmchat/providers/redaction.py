"""Takes keys and prompts out of what an endpoint says, before anybody sees it.

Endpoints echo what they were sent: a 401 of OpenAI has the key in it, a 422 of vLLM the prompt.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote, quote_plus

HIDDEN = "[hidden]"
LENGTH = 300  # of what is shown; characters
_SCANNED = 2000  # characters of the original that are looked at
_ECHO = 24  # characters in a row that cannot be the prompt's by chance
_BLOCK = _ECHO // 2
_MANY = 100  # places of one block, as in a text of dashes
_SHORT_ECHO = 8  # a whole message of at least this length is hidden too

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:sk|pk|rk|gsk|xai|hf|ghp|github_pat|glpat|AKIA|AIza)[-_]?[A-Za-z0-9*._-]{8,}",
        r"(?<=\bbearer )[^\s'\",;]+",
        r"(?<=\bbasic )[A-Za-z0-9+/=]{8,}",
        r"""(?<=key=)[^\s&'",;]+|(?<=token=)[^\s&'",;]+|(?<=secret=)[^\s&'",;]+""",
        r"""(?<=key: )[^\s&'",;]{8,}|(?<=key provided: )[^\s&'",;]+""",
        r"(?<=://)[^\s/@]+(?=@)",
        r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_.-]+",
    )
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def redact(text: str, *, secrets: Sequence[str] = (), prompts: Iterable[str] = ()) -> str:
    """`text` on one line of at most `LENGTH` characters, without `secrets` and `prompts`."""
    text = text[: _SCANNED + max(map(len, secrets), default=0)]
    for secret in secrets:
        text = _without_key(text, secret)
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    text = text[:_SCANNED]
    for prompt in prompts:
        text = _without_prompt(text, prompt)
    text = _CONTROLS.sub(" ", text).strip()
    return text if len(text) <= LENGTH else text[: LENGTH - 1] + "…"


def forms_of(key: str) -> set[str]:
    """A key as it may stand in a text: as it is, and escaped in the usual ways."""
    escaped = json.dumps(key)[1:-1]
    forms = {key, escaped, json.dumps(escaped)[1:-1], repr(key)[1:-1], quote(key, safe="")}
    return forms | {quote(key), quote_plus(key), html.escape(key)}


def _without_key(text: str, key: str) -> str:
    if not key:
        return text
    for form in sorted(forms_of(key), key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def _without_prompt(text: str, prompt: str) -> str:
    """Hide all of `text` that stands in `prompt` in a run long enough not to be chance."""
    for form in {prompt, json.dumps(prompt)[1:-1], repr(prompt)[1:-1]}:
        if len(form.strip()) >= _SHORT_ECHO:
            text = _without_runs(text.replace(form, HIDDEN), form)
    return text


def _without_runs(text: str, prompt: str) -> str:
    source = _Source(prompt)
    kept: list[str] = []
    at = 0
    while at < len(text):
        end = at + _ECHO
        place = source.find(text[at:end])
        if end > len(text) or place < 0:
            kept.append(text[at])
            at += 1
            continue
        after = place + _ECHO
        while end < len(text):
            if prompt[after : after + 1] != text[end]:
                place = source.find(text[end - _ECHO + 1 : end + 1])
                if place < 0:
                    break
                after = place + _ECHO - 1
            end, after = end + 1, after + 1
        at = end
        kept.append(HIDDEN)
    return "".join(kept)


class _Source:
    """Finds runs of `_ECHO` characters in a text of megabytes, which `str.find` takes milliseconds
    for: a run has a whole block of the text in it, wherever it stands.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._places: dict[str, list[int]] = {}
        for at in range(0, len(text) - _BLOCK + 1, _BLOCK):
            self._places.setdefault(text[at : at + _BLOCK], []).append(at)

    def find(self, run: str) -> int:
        """A place where it stands, -1 if there is none."""
        for offset in range(_BLOCK):
            places = self._places.get(run[offset : offset + _BLOCK], ())
            if len(places) > _MANY:
                return self._text.find(run)
            for place in places:
                if place >= offset and self._text.startswith(run, place - offset):
                    return place - offset
        return -1
