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

from llmchat import __version__, bundle, floors, logs
from llmchat.commands import flags as on_data
from llmchat.config import Settings, load_settings, setting_fields
from llmchat.domain.errors import EX_USAGE, ConfigError
from llmchat.envfile import find_env_file, named_place, read_env_file
from llmchat.providers.discretion import hide_keys

# What a child process has no use for: keys of this and of other programs, and what Python and the
# openai package would read for themselves.
_NOT_INHERITED = re.compile(
    r".*(API_?KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL).*|PYTHON(PATH|HOME|STARTUP)|OPENAI_.*",
    re.IGNORECASE,
)


def main(arguments: Sequence[str]) -> int:
    """Run `llmchat`. Returns the exit code; what cannot work is one line on stderr."""
    command, rest = "serve", arguments
    if arguments and arguments[0] in COMMANDS:
        command, rest = arguments[0], arguments[1:]
    try:
        return COMMANDS[command](vars(make_parser(command).parse_args(rest)))
    except ConfigError as error:
        print(f"llmchat: {error.message}", file=sys.stderr)  # noqa: T201 - a message to a person
        return error.exit_code
    except KeyboardInterrupt:
        # Of a server: pressed before it had its own handler.
        return 0 if command == "serve" else 130


def _serve(flags: dict[str, str]) -> int:
    settings = _settings(flags)
    prepare_data_dir(settings.data_dir)
    log = logs.configure(settings.log_level, settings.log_format)
    formatter = hide_keys(log, settings.api_keys)
    forget_secrets()
    with bundle.unpacked():
        floors.check()
        from llmchat.app import serve

        asyncio.run(serve(settings, formatter.hide))
    return 0


def _doctor(flags: dict[str, str]) -> int:
    from llmchat.doctor.main import examine, examine_security

    as_json, only_security = bool(flags.pop("json")), bool(flags.pop("security"))
    environment = dict(os.environ)
    logs.configure("error")
    forget_secrets()
    with bundle.unpacked():
        look = examine_security if only_security else examine
        return look(flags, environment, as_json=as_json)


def _export(flags: dict[str, str]) -> int:
    from llmchat.commands import export

    return export.run(_settings(flags), flags)


def _import(flags: dict[str, str]) -> int:
    from llmchat.commands import importing

    files = flags.pop("files")
    return importing.run(_settings(flags), flags, files)


def _backup(flags: dict[str, str]) -> int:
    from llmchat.commands import backup

    return backup.run(_settings(flags), flags)


def _restore(flags: dict[str, str]) -> int:
    from llmchat.commands import restore

    return restore.run(_settings(flags), flags)


def _ask(flags: dict[str, str]) -> int:
    from llmchat.commands import ask

    words, files = flags.pop("words"), flags.pop("files")
    return ask.run(_settings(flags), flags, words, files)


def _attach(flags: dict[str, str]) -> int:
    from llmchat.commands import attach

    return attach.run(_settings(flags), flags["job"])


def _models(flags: dict[str, str]) -> int:
    from llmchat.commands import models

    return models.run(_settings(flags))


def _licenses(_: dict[str, str]) -> int:
    from llmchat.commands import licenses

    return licenses.run()


COMMANDS = {
    "serve": _serve,
    "doctor": _doctor,
    "export": _export,
    "import": _import,
    "backup": _backup,
    "restore": _restore,
    "ask": _ask,
    "attach": _attach,
    "models": _models,
    "licenses": _licenses,
}
"""By name, which comes first; without one it is `serve`. Each gets its flags by name."""
_WHAT = {
    "serve": "A chat page for any OpenAI-compatible model, with a small model inside.",
    "doctor": "Try each part of llmchat, and say what to do where one does not work. Changes"
    " nothing, and can run beside a server. The exit code is 1 if something does not work.",
    **on_data.WHAT,
}


def read_settings(arguments: Sequence[str]) -> Settings:
    """Merge flags, environment and env file. Raises ConfigError; `--help` and `--version` exit."""
    return _settings(vars(make_parser().parse_args(arguments)))


def _settings(flags: dict[str, str]) -> Settings:
    env_file = flags.pop("env_file") or os.environ.get("LLMCHAT_ENV_FILE")
    file = read_env_file(named_place(env_file)) if env_file else find_env_file()
    return load_settings(flags, os.environ, file)


def make_parser(command: str = "serve") -> argparse.ArgumentParser:
    """One flag per setting that has one, and those of the command itself."""
    parser = _Parser(
        prog="llmchat" if command == "serve" else f"llmchat {command}",
        description=_WHAT[command],
        epilog="`llmchat doctor` says what works and what does not."
        " Every flag has an environment variable, and there are settings without a flag:"
        " see the table in README.md. A flag wins over the environment, that over the env file.",
        allow_abbrev=False,
    )
    on_data.add_arguments(command, parser)
    for one in setting_fields():
        flag = one.metadata["flag"]
        if flag is None or (command in on_data.WHAT and one.name not in on_data.SETTINGS):
            continue
        help_text = one.metadata["help"].replace("%", "%%")
        if isinstance(one.default, bool):
            parser.add_argument(
                flag, dest=one.name, action="store_const", const="1", help=help_text
            )
        else:
            name = flag.removeprefix("--").replace("-", "_").upper()
            parser.add_argument(flag, dest=one.name, metavar=name, help=help_text)
    if command == "doctor":
        on_data.add_doctor(parser)
    parser.add_argument("--env-file", metavar="FILE", help="Read settings from this file.")
    parser.add_argument("--version", action="version", version=f"llmchat {__version__}")
    return parser


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(EX_USAGE, f"llmchat: {message}. Try `llmchat --help`.\n")


def prepare_data_dir(path: Path) -> None:
    """Make the data folder, for this user only; where that cannot be, `Location` finds another."""
    with contextlib.suppress(OSError):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)


def forget_secrets() -> None:
    """Drop from the environment what child processes must not inherit."""
    for name in list(os.environ):
        if _NOT_INHERITED.fullmatch(name):
            del os.environ[name]
