"""The oldest libraries that llmchat may run on: below, a known flaw is open."""

from __future__ import annotations

import re

from llmchat.domain.errors import ConfigError

# The parsers of those before let through what makes two programs read one request differently.
AIOHTTP = (3, 14, 3)


def check() -> None:
    """Raises ConfigError, with one line that says what to do."""
    from aiohttp import __version__

    if is_below(__version__, AIOHTTP):
        floor = ".".join(map(str, AIOHTTP))
        raise ConfigError(
            f"aiohttp {__version__} has known flaws, and llmchat needs {floor} or newer."
            " Run `make setup`, or install it again."
        )


def is_below(version: str, floor: tuple[int, ...]) -> bool:
    """Whether a version is older; one that comes before a release (3.14.3rc1) counts as that."""
    numbers = [int(match[0]) for part in version.split(".") if (match := re.match(r"\d+", part))]
    return tuple(numbers[: len(floor)]) < floor
