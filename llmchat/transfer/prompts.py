"""Prompts as llmchat and Open WebUI export them: JSON lists of texts with names."""

from __future__ import annotations

import re

from llmchat.domain.chat import JSON
from llmchat.storage.prompts import LONGEST_NAME

LONGEST_TEXT = 20_000

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
# Open WebUI: `{{name | text:placeholder="...":default="x":required}}`.
_TYPED = re.compile(r"\{\{\s*([^{}|=]+?)\s*\|([^{}]*)\}\}")
_DEFAULT = re.compile(r'\bdefault="([^"{}]*)"')


def read_prompts(document: JSON) -> tuple[list[tuple[str, str]], int]:
    """The names and texts of a document, and how many there are that cannot be kept.

    Of llmchat it is `{"prompts": [{name, text}]}`, of Open WebUI `[{command, title, content}]`, in
    newer ones with `name` for `title`.
    """
    items = document.get("prompts") if isinstance(document, dict) else document
    if not isinstance(items, list):
        return [], 1
    found = [_prompt_of(item) for item in items]
    kept = [one for one in found if one is not None]
    return kept, len(found) - len(kept)


def _prompt_of(item: JSON) -> tuple[str, str] | None:
    if not isinstance(item, dict):
        return None
    text = item.get("text", item.get("content"))
    names = (item.get(key) for key in ("title", "name", "command"))
    name = next((clean for one in names if isinstance(one, str) and (clean := _clean(one))), "")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT or not name:
        return None
    return name, _TYPED.sub(_plain, text)


def _clean(name: str) -> str:
    return _UNSEEN.sub(" ", name).strip().removeprefix("/")[:LONGEST_NAME].strip()


def _plain(match: re.Match[str]) -> str:
    """A typed variable of Open WebUI as one of ours."""
    default = _DEFAULT.search(match[2])
    return f"{{{{{match[1]}{f'={default[1]}' if default else ''}}}}}"
