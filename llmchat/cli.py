"""The command line: arguments, environment and env file become Settings, then the server runs."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from dotenv import dotenv_values

from llmchat import __version__, bundle
from llmchat.config import Settings, load_settings, setting_fields
from llmchat.domain.errors import EX_NOINPUT, EX_USAGE, ConfigError
from llmchat.providers.discretion import log_discreetly

# What a child process has no use for: keys of this and of other programs, and what Python and the
# openai package would read for themselves.
_NOT_INHERITED = re.compile(
    r".*(API_?KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL).*|PYTHON(PATH|HOME|STARTUP)|OPENAI_.*",
    re.IGNORECASE,
)


def main(arguments: Sequence[str]) -> int:
    """Run `llmchat`. Returns the exit code; what cannot work is one line on stderr."""
    try:
        settings = read_settings(arguments)
        prepare_data_dir(settings.data_dir)
        log_discreetly(settings.log_level, "%(levelname)s %(name)s: %(message)s", settings.api_keys)
        forget_secrets()
        with bundle.unpacked():
            from llmchat.app import serve

            asyncio.run(serve(settings))
    except ConfigError as error:
        print(f"llmchat: {error.message}", file=sys.stderr)  # noqa: T201 - a message to a person
        return error.exit_code
    except KeyboardInterrupt:
        pass  # pressed before the server had its own handler
    return 0


def read_settings(arguments: Sequence[str]) -> Settings:
    """Merge flags, environment and env file. Raises ConfigError; `--help` and `--version` exit."""
    flags = vars(make_parser().parse_args(arguments))
    env_file = flags.pop("env_file") or os.environ.get("LLMCHAT_ENV_FILE")
    file = read_env_file(Path(os.path.expanduser(env_file))) if env_file else find_env_file()  # noqa: PTH111 - unlike Path's, this one does not raise
    return load_settings(flags, os.environ, file)


def make_parser() -> argparse.ArgumentParser:
    """One flag per setting that has one, and those of the command line itself."""
    parser = _Parser(
        prog="llmchat",
        description="A chat page for any OpenAI-compatible model, with a small model inside.",
        epilog="Every flag has an environment variable, and there are settings without a flag:"
        " see the table in README.md. A flag wins over the environment, that over the env file.",
        allow_abbrev=False,
    )
    for one in setting_fields():
        if (flag := one.metadata["flag"]) is None:
            continue
        help_text = one.metadata["help"].replace("%", "%%")
        if isinstance(one.default, bool):
            parser.add_argument(
                flag, dest=one.name, action="store_const", const="1", help=help_text
            )
        else:
            name = flag.removeprefix("--").replace("-", "_").upper()
            parser.add_argument(flag, dest=one.name, metavar=name, help=help_text)
    parser.add_argument("--env-file", metavar="FILE", help="Read settings from this file.")
    parser.add_argument("--version", action="version", version=f"llmchat {__version__}")
    return parser


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(EX_USAGE, f"llmchat: {message}. Try `llmchat --help`.\n")


def find_env_file() -> dict[str, str]:
    """The settings of the first env file in its usual places; empty if there is none.

    A program must not take its endpoint, and with it every prompt and key, from the folder that it
    happens to be started in: only a checkout reads its own `.env` (SECURITY.md, D11).
    """
    places = [_config_home() / "llmchat" / ".env", Path("/etc/llmchat/.env")]
    checkout = Path(__file__).resolve().parent.parent
    if not getattr(sys, "frozen", False) and (checkout / "pyproject.toml").is_file():
        places.insert(0, checkout / ".env")
    found = next((place for place in places if os.access(place, os.R_OK)), None)
    return {} if found is None else read_env_file(found)


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


def prepare_data_dir(path: Path) -> None:
    """Make the data folder, for this user only; where that cannot be, `Location` finds another."""
    with contextlib.suppress(OSError):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)


def forget_secrets() -> None:
    """Drop from the environment what child processes must not inherit."""
    for name in list(os.environ):
        if _NOT_INHERITED.fullmatch(name):
            del os.environ[name]


def _config_home() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("APPDATA") or Path.home())
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
