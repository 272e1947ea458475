"""Leaves out of a document what its schema does not know.

Client libraries send members of their own, and send back what they were given: `refusal: null`,
`reasoning_content`, `cache_control`. The rest has to fit as strictly as anywhere else.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from llmchat.domain.chat import JSON, JSONObject


def prune(value: JSON, kind: type[msgspec.Struct]) -> JSON:
    """A copy without unknown members, and without optional ones that are null or an empty list."""
    return _prune(value, _info(kind))


@cache
def _info(kind: type[msgspec.Struct]) -> inspect.Type:
    return inspect.type_info(kind)


def _prune(value: JSON, kind: inspect.Type) -> JSON:
    if isinstance(value, list):
        lists = [one for one in _choices(kind) if isinstance(one, inspect.ListType)]
        return [_prune(item, lists[0].item_type) for item in value] if lists else value
    if isinstance(value, dict):
        struct = _struct_of(value, kind)
        return value if struct is None else _members(value, struct)
    return value


def _members(value: JSONObject, struct: inspect.StructType) -> JSONObject:
    known = {field.encode_name: field for field in struct.fields}
    kept: JSONObject = {}
    if struct.tag_field is not None and struct.tag_field in value:
        kept[struct.tag_field] = value[struct.tag_field]
    for name, item in value.items():
        field = known.get(name)
        if field is not None and (field.required or item not in (None, [])):
            kept[name] = _prune(item, field.type)
    return kept


def _struct_of(value: JSONObject, kind: inspect.Type) -> inspect.StructType | None:
    """The struct that an object is to be, of those that it may be."""
    structs = [one for one in _choices(kind) if isinstance(one, inspect.StructType)]
    for one in structs:
        if one.tag_field is None or value.get(one.tag_field) == one.tag:
            return one
    return None


def _choices(kind: inspect.Type) -> tuple[Any, ...]:
    if isinstance(kind, inspect.Metadata):
        return _choices(kind.type)
    return kind.types if isinstance(kind, inspect.UnionType) else (kind,)
