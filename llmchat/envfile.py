"""Env files: where they are looked for, and what is in them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dotenv import dotenv_values

from llmchat.domain.errors import EX_NOINPUT, ConfigError


def find_env_file() -> dict[str, str]:
    """The settings of the first env file in its usual places; empty if there is none."""
    found = next((place for place in usual_places() if os.access(place, os.R_OK)), None)
    return {} if found is None else read_env_file(found)


def usual_places() -> list[Path]:
    """Where an env file may be, best first.

    A program must not take its endpoint, and with it every prompt and key, from the folder that it
    happens to be started in: only a checkout reads its own `.env` (SECURITY.md 2.4).
    """
    places = [_config_home() / "llmchat" / ".env", Path("/etc/llmchat/.env")]
    checkout = Path(__file__).resolve().parent.parent
    if not getattr(sys, "frozen", False) and (checkout / "pyproject.toml").is_file():
        places.insert(0, checkout / ".env")
    return places


def named_place(name: str) -> Path:
    """The path that a person named, with `~` in it."""
    return Path(os.path.expanduser(name))  # noqa: PTH111 - unlike Path's, this one does not raise


def read_env_file(path: Path) -> dict[str, str]:
    """Read `NAME=value` lines. Raises ConfigError if the file cannot be read."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            values = dotenv_values(stream=lines, interpolate=False)
    except UnicodeDecodeError:
        raise ConfigError(f"The env file {path} is not UTF-8 text.", exit_code=EX_NOINPUT) from None
    except OSError as error:
        raise ConfigError(
            f"The env file {path} cannot be read: {error.strerror}.", exit_code=EX_NOINPUT
        ) from None
    return {name: value for name, value in values.items() if value is not None}


def _config_home() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("APPDATA") or Path.home())
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
