"""What the settings of a chat must be besides what their types say: see `ChatSettings`."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

import msgspec

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.chat_settings import RESERVED
from llmchat.server.problems import invalid
from llmchat.server.wire import ChatSettings, JsonSchemaFormat

FREE_BYTES: Final = 32_000
"""What a schema, and the free members, may have: they are a part of every list of chats."""

_NAME = re.compile(r"[A-Za-z0-9_$.-]{1,64}", re.ASCII)
_RESERVED_DETAIL = "llmchat sets this itself. Leave it out, or use the setting of that name."


async def check_settings(settings: ChatSettings | None, pointer: str = "/settings") -> None:
    """Raise RequestError (422) with a pointer to what cannot be used; `pointer` is theirs."""
    if settings is None:
        return
    _check_extra(settings.extra or {}, f"{pointer}/extra")
    wanted = settings.response_format
    if isinstance(wanted, JsonSchemaFormat):
        schema, place = wanted.json_schema.schema, f"{pointer}/response_format/json_schema/schema"
        if schema is None:
            raise invalid(place, "This member is required.")
        _check_size(schema, place)
        # In a thread: the library takes 0.3 s to import, and a large schema some time to check.
        if (problem := await asyncio.to_thread(_schema_problem, schema)) is not None:
            raise invalid(place, problem)


def kept_settings(document: JSON) -> JSONObject | None:
    """The settings of a document as they are stored: as they were written, without what is null."""
    if not isinstance(document, dict):
        return None
    return {name: value for name, value in document.items() if value is not None}


def _check_extra(extra: JSONObject, pointer: str) -> None:
    for name in extra:
        if name.lower() in RESERVED:
            raise invalid(f"{pointer}/{name.lower()}", _RESERVED_DETAIL)
    _check_size(extra, pointer)


def _check_size(value: object, pointer: str) -> None:
    if len(msgspec.json.encode(value)) > FREE_BYTES:
        raise invalid(pointer, f"It may have at most {FREE_BYTES} bytes.")


def _schema_problem(schema: dict[str, Any]) -> str | None:
    """What is wrong with a JSON schema (draft 2020-12), and where in it. References are not
    followed: nothing is fetched.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    checker = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    error = best_match(checker.iter_errors(schema))
    if error is None:
        return None
    place = "".join(f"/{_shown(step)}" for step in error.absolute_path)
    return f"This is no JSON schema: what is at {place or 'its root'} cannot be there."


def _shown(step: object) -> str:
    """A step to a place in a schema; a name that is more than a name is not repeated."""
    text = str(step)
    return text if _NAME.fullmatch(text) else "*"
