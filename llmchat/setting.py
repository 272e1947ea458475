"""How a setting is declared: a field of a dataclass whose metadata feeds `--help` and the docs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any


def setting(
    default: object,
    parse: Callable[[str], object],
    env: str,
    help: str,  # noqa: A002 - argparse's name for the same thing
    *,
    flag: str | None = None,
    secret: bool = False,
) -> Any:  # `dataclasses.field` is typed as Any too: the annotation beside it is what counts
    """A field with its variable, its flag, and what reads its text or raises ValueError."""
    metadata = {"parse": parse, "env": env, "help": help, "flag": flag, "secret": secret}
    return field(default=default, repr=not secret, metadata=metadata)
