"""Which settings there are, where they come from, and which of them cannot be used."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from llmchat.config import Settings, given, load_settings, parse_setting, setting_fields
from llmchat.doctor.report import Check
from llmchat.domain.errors import ConfigError
from llmchat.envfile import named_place, read_env_file, usual_places

_KNOWN = {one.metadata["env"]: one for one in setting_fields()} | {"LLMCHAT_ENV_FILE": None}
_OURS = re.compile(r"(LLMCHAT|OPENAI|DEFAULT|MODEL)_[A-Z0-9_]{1,40}", re.ASCII)
_ONLY_OURS = re.compile(r"LLMCHAT_(?!TEST_)[A-Z0-9_]{1,40}", re.ASCII)
_OF_ENDPOINTS = ("base_urls", "api_keys", "default_models")


@dataclass(slots=True)
class Configuration:
    """`settings` has the defaults in the place of what cannot be used."""

    flags: dict[str, str]
    environment: Mapping[str, str]
    file: dict[str, str] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)

    def read(self) -> Iterator[Check]:
        """Read all sources, and say what is in them: names only, since a value may be a key."""
        named = self.flags.pop("env_file", None) or self.environment.get("LLMCHAT_ENV_FILE")
        yield from self._read_file(named)
        yield from self._unknown_names()
        yield from self._read_settings()

    def _read_file(self, named: str | None) -> Iterator[Check]:
        places = [named_place(named)] if named else usual_places()
        there = [place for place in places if _exists(place)]
        unreadable = [place for place in there if not os.access(place, os.R_OK)]
        if not there and not named:
            looked = ", ".join(map(str, places))
            yield Check("env file", "ok", f"there is none (looked for {looked})")
            return
        for place in [] if named else unreadable:
            yield Check(
                "env file", "warn", f"{place} cannot be read by this user.", "Check who owns it."
            )
        readable = places if named else [place for place in there if place not in unreadable]
        if not readable:
            return
        try:
            self.file = read_env_file(readable[0])
        except ConfigError as error:
            yield Check("env file", "fail", error.message, "Mend it, or name another one.")
            return
        yield Check("env file", "ok", f"{readable[0]} is read")
        yield from _access(readable[0], self.file)
        for place in readable[1:]:
            yield Check(
                "env file",
                "warn",
                f"{place} is not read, since {readable[0]} comes first.",
                "Keep one of them.",
            )

    def _unknown_names(self) -> Iterator[Check]:
        names = [(name, "the env file") for name in self.file if _OURS.fullmatch(name)]
        names += [(name, "the environment") for name in self.environment if _ONLY_OURS.match(name)]
        for name, where in names:
            if name not in _KNOWN:
                close = difflib.get_close_matches(name, _KNOWN, 1)
                hint = f"Is {close[0]} meant?" if close else "README.md has the list."
                yield Check("settings", "warn", f"{name} in {where} is no setting.", hint)

    def _read_settings(self) -> Iterator[Check]:
        sources = (self.flags, self.environment, self.file)
        told, bad = [], set[str]()
        for one in setting_fields():
            text, source = given(one, *sources)
            if not text:
                continue
            env = one.metadata["env"]
            told.append(f"{env} ({_kind(source)})")
            try:
                parse_setting(one, text, source)
            except ConfigError as error:
                bad.add(one.name)
                yield Check("settings", "fail", error.message, "The start would end here.")
        try:
            self.settings = self._without(bad)
        except ConfigError as error:
            yield Check("settings", "fail", error.message, "The start would end here.")
            self.settings = self._without(bad | set(_OF_ENDPOINTS))
        yield Check("settings", "ok", f"set: {', '.join(told)}" if told else "nothing is set")

    def _without(self, names: set[str]) -> Settings:
        variables = {one.metadata["env"] for one in setting_fields() if one.name in names}
        return load_settings(
            {name: text for name, text in self.flags.items() if name not in names},
            {name: text for name, text in self.environment.items() if name not in variables},
            {name: text for name, text in self.file.items() if name not in variables},
        )


def _kind(source: str) -> str:
    if source.startswith("--"):
        return source
    return "env file" if source.endswith("env file") else "environment"


def _access(path: Path, values: Mapping[str, str]) -> Iterator[Check]:
    """A key is for one user."""
    secret = any(
        one is not None and one.metadata["secret"] and values.get(env)
        for env, one in _KNOWN.items()
        if env != "OPENAI_BASE_URL"
    )
    if secret and os.name == "posix" and path.stat().st_mode & 0o077:
        yield Check(
            "env file",
            "warn",
            f"{path} holds a key, and other users of this machine can read it.",
            f"Run `chmod 600 {path}`.",
        )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder on the way may not be entered
        return False
