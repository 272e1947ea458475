"""Settings: one frozen dataclass whose fields feed `--help`, `.env.example` and the docs table.

Precedence: command-line flag > environment > env file > default. An empty value means "not set".
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from typing import Any

from llmchat.access_settings import AccessSettings
from llmchat.domain.access import Role
from llmchat.domain.endpoint_rules import parse_key
from llmchat.domain.errors import ConfigError
from llmchat.setting import setting as _setting
from llmchat.values import KEY_STORES, LOG_FORMATS, LOG_LEVELS
from llmchat.values import base_path as _base_path
from llmchat.values import base_url as _base_url
from llmchat.values import count as _count
from llmchat.values import host as _host
from llmchat.values import hundred as _hundred
from llmchat.values import list_of as _list_of
from llmchat.values import long_seconds as _long_seconds
from llmchat.values import names as _names
from llmchat.values import one_of as _one_of
from llmchat.values import path as _path
from llmchat.values import port as _port
from llmchat.values import positive as _positive
from llmchat.values import role as _role
from llmchat.values import seconds as _seconds
from llmchat.values import switch as _switch
from llmchat.values import tokens as _tokens

OPENAI_BASE_URL = "https://api.openai.com/v1"


def _default_data_dir() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "llmchat"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "llmchat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(AccessSettings):
    """All that can be configured. A field's metadata holds its flag, variable and help text."""

    api_keys: tuple[str, ...] = _setting(
        (),
        _list_of(parse_key),
        "OPENAI_API_KEY",
        "Key of the endpoint. Local servers need none. Of several endpoints each needs its own, in"
        " the same order, separated by commas.",
        secret=True,
    )
    base_urls: tuple[str, ...] = _setting(
        (),
        _list_of(_base_url),
        "OPENAI_BASE_URL",
        f"Address of an OpenAI-compatible API. With a key alone it is {OPENAI_BASE_URL}. Of"
        " several, separated by commas, the next one answers when one fails; the word `embedded`"
        " is the built-in model.",
        secret=True,  # what is refused may hold a password
    )
    default_models: tuple[str, ...] = _setting(
        (),
        _list_of(str),
        "DEFAULT_MODEL",
        "Model of a new chat, one for each endpoint. Default: the first one that is listed.",
    )
    endpoint_roles: tuple[Role, ...] = _setting(
        (),
        _list_of(_role),
        "LLMCHAT_ENDPOINT_ROLES",
        "The least role that may use an endpoint, one for each address in the same order: admin,"
        " user, or guest, which is everybody.",
    )
    model_files_roles: Role = _setting(
        Role.GUEST,
        _role,
        "LLMCHAT_MODEL_FILES_ROLES",
        "The same for the files of the folder of models.",
    )
    model_file: Path | None = _setting(
        None,
        _path,
        "MODEL_FILE",
        "GGUF file that takes the place of the embedded model.",
        flag="--model-file",
    )
    host: str = _setting(
        "",
        _host,
        "LLMCHAT_HOST",
        "Address to listen on, 0.0.0.0 or :: for all. Default: 127.0.0.1 and ::1, which only this"
        " machine reaches.",
        flag="--host",
    )
    port: int = _setting(8000, _port, "LLMCHAT_PORT", "Port to listen on.", flag="--port")
    no_browser: bool = _setting(
        False,
        _switch,
        "LLMCHAT_NO_BROWSER",
        "Print the address instead of opening the browser.",
        flag="--no-browser",
    )
    data_dir: Path = _setting(
        Path(), _path, "LLMCHAT_DATA_DIR", "Folder for llmchat's own files.", flag="--data-dir"
    )
    workers: int = _setting(
        0,
        _count,
        "LLMCHAT_WORKERS",
        "Worker processes. 0: one fewer than there are cores, at least one.",
        flag="--workers",
    )
    log_level: str = _setting(
        "info",
        _one_of(*LOG_LEVELS),
        "LLMCHAT_LOG_LEVEL",
        f"One of {', '.join(LOG_LEVELS)}.",
        flag="--log-level",
    )
    log_format: str = _setting(
        "text",
        _one_of(*LOG_FORMATS),
        "LLMCHAT_LOG_FORMAT",
        f"Lines of the log, one of {', '.join(LOG_FORMATS)}.",
        flag="--log-format",
    )
    allowed_hosts: tuple[str, ...] = _setting(
        (),
        _names,
        "LLMCHAT_ALLOWED_HOSTS",
        "Names, separated by commas, that llmchat may be reached by, e.g. behind a proxy.",
    )
    base_path: str = _setting(
        "",
        _base_path,
        "LLMCHAT_BASE_PATH",
        "Prefix of all addresses, e.g. /chat, where a proxy has other sites beside llmchat.",
        flag="--base-path",
    )
    key_store: str = _setting(
        "auto",
        _one_of(*KEY_STORES),
        "LLMCHAT_KEY_STORE",
        "Where keys are kept: auto (the keyring of the system, else a file), or file.",
    )
    credentials_dir: Path | None = _setting(
        None,
        _path,
        "CREDENTIALS_DIRECTORY",
        "Folder of keys as files, as systemd sets it. OPENAI_API_KEY may be one of them.",
    )
    discover: bool = _setting(
        True,
        _switch,
        "LLMCHAT_DISCOVER",
        "Look for Ollama, llama.cpp, LM Studio and vLLM on this machine when no endpoint is set.",
    )
    endpoint_slots: int = _setting(
        4,
        _positive,
        "LLMCHAT_ENDPOINT_SLOTS",
        "Answers that one endpoint makes at once; further questions wait in line.",
    )
    embedded_slots: int = _setting(
        2, _positive, "LLMCHAT_EMBEDDED_SLOTS", "The same for the embedded model."
    )
    model_slots: int = _setting(
        2,
        _hundred,
        "LLMCHAT_MODEL_SLOTS",
        "The same for each model of the folder of models. More of them take more memory.",
    )
    model_context: int = _setting(
        4096,
        _tokens,
        "LLMCHAT_MODEL_CONTEXT",
        "Tokens of context that each of these answers has, at most what the model was made for.",
    )
    model_idle_seconds: float = _setting(
        900.0,
        _seconds,
        "LLMCHAT_MODEL_IDLE",
        "After how long without a question a model is taken out of memory. 0: never.",
    )
    models_loaded: int = _setting(
        2,
        _hundred,
        "LLMCHAT_MODELS_LOADED",
        "Models that may be in memory at once, the embedded one among them. For another one, that"
        " which was not used for the longest time goes.",
    )
    connect_timeout_seconds: float = _setting(
        5.0, _seconds, "LLMCHAT_CONNECT_TIMEOUT", "Limit for connecting to an endpoint."
    )
    first_token_timeout_seconds: float = _setting(
        600.0,
        _seconds,
        "LLMCHAT_FIRST_TOKEN_TIMEOUT",
        "Limit for the first text of a remote endpoint. On this machine there is none.",
    )
    idle_timeout_seconds: float = _setting(
        300.0, _seconds, "LLMCHAT_IDLE_TIMEOUT", "Limit between two pieces of an answer."
    )
    job_timeout_seconds: float = _setting(
        7200.0, _seconds, "LLMCHAT_JOB_TIMEOUT", "Limit for a whole answer."
    )
    unwatched_timeout_seconds: float = _setting(
        0.0,
        _seconds,
        "LLMCHAT_UNWATCHED_TIMEOUT",
        "How long an answer that nobody reads goes on. 0: to its end.",
    )
    keep_seconds: float = _setting(
        604800.0,
        _long_seconds,
        "LLMCHAT_KEEP",
        "How long the stream of a finished answer is stored, at least a day.",
    )
    max_queued: int = _setting(
        10_000,
        _positive,
        "LLMCHAT_MAX_QUEUED",
        "Questions that may wait or run at once; more are refused with 503.",
    )
    max_files: int = _setting(
        10, _hundred, "LLMCHAT_MAX_FILES", "Files that may go with one message."
    )
    max_file_mb: int = _setting(
        20, _hundred, "LLMCHAT_MAX_FILE_MB", "Megabytes that one of them may have."
    )
    max_message_mb: int = _setting(
        50, _hundred, "LLMCHAT_MAX_MESSAGE_MB", "Megabytes that those of one message may have."
    )
    max_megapixels: int = _setting(
        50, _hundred, "LLMCHAT_MAX_MEGAPIXELS", "Millions of pixels that an image may have."
    )
    max_file_characters: int = _setting(
        200_000,
        _positive,
        "LLMCHAT_MAX_FILE_CHARACTERS",
        "How much of the text of a file a model is told; the rest is cut off with a note.",
    )
    max_connections: int = _setting(
        900,
        _positive,
        "LLMCHAT_MAX_CONNECTIONS",
        "Connections that may be open at once, as far as the limit of open files lets them.",
    )


def setting_fields() -> tuple[Field[Any], ...]:
    """The fields of `Settings` in their documented order."""
    access = fields(AccessSettings)
    inherited = {one.name for one in access}
    return (*(one for one in fields(Settings) if one.name not in inherited), *access)


def load_settings(
    flags: Mapping[str, str], environment: Mapping[str, str], file: Mapping[str, str]
) -> Settings:
    """Merge the sources. `flags` is keyed by field name, the others by variable.

    Raises ConfigError with one line that names the source of a value that cannot be used.
    """
    values: dict[str, Any] = {}
    for one in setting_fields():
        text, source = given(one, flags, environment, file)
        if text:
            values[one.name] = parse_setting(one, text, source)
    values.setdefault("data_dir", _default_data_dir())
    if any(values.get("api_keys", ())):
        values.setdefault("base_urls", (OPENAI_BASE_URL,))
    _check_lists(values)
    return Settings(**values)


def given(
    one: Field[Any],
    flags: Mapping[str, str],
    environment: Mapping[str, str],
    file: Mapping[str, str],
) -> tuple[str, str]:
    """The text that counts for a setting, and where it comes from; empty where nobody set it."""
    env = one.metadata["env"]
    sources = (
        (flags.get(one.name), one.metadata["flag"] or env),
        (environment.get(env), env),
        (file.get(env), f"{env} in the env file"),
        (_credential(one, environment), f"{env} among the credentials"),
    )
    return next(((text, name) for text, name in sources if text), ("", ""))


def _credential(one: Field[Any], environment: Mapping[str, str]) -> str:
    """What systemd has handed over as a file, so that it stands in no environment."""
    if not one.metadata["secret"] or not (folder := environment.get("CREDENTIALS_DIRECTORY")):
        return ""
    try:
        return Path(folder, one.metadata["env"]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _check_lists(values: Mapping[str, Any]) -> None:
    """A key or model without an address of its own is a slip that must not go to another one."""
    addresses = values.get("base_urls", ())
    if "" in addresses or len(set(addresses)) < len(addresses):
        raise ConfigError("OPENAI_BASE_URL lists an empty address, or one twice.")
    for name, variable in (
        ("api_keys", "OPENAI_API_KEY"),
        ("default_models", "DEFAULT_MODEL"),
        ("endpoint_roles", "LLMCHAT_ENDPOINT_ROLES"),
    ):
        if len(values.get(name, ())) > max(1, len(addresses)):
            raise ConfigError(f"{variable} lists more values than OPENAI_BASE_URL has addresses.")


def parse_setting(one: Field[Any], text: str, source: str) -> object:
    """The value of a setting. Raises ConfigError, with one line that names the source."""
    try:
        return one.metadata["parse"](text)
    except ValueError as error:
        shown = "used" if one.metadata["secret"] else repr(text)
        reason = str(error)
        if reason.startswith(("invalid literal", "could not convert")):
            reason = "it must be a number"
        raise ConfigError(f"{source} cannot be {shown}: {reason}.") from None


def default_text(one: Field[Any]) -> str:
    """The default of a setting as the docs show it; empty where there is none."""
    if one.default is MISSING or one.default in ("", None, (), Path()):
        return ""
    if isinstance(one.default, bool):
        return "1" if one.default else "0"
    if isinstance(one.default, float):
        return f"{one.default:g}"
    return str(one.default)
