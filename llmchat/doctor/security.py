"""`llmchat doctor --security`: how well an installation is closed, from its settings and files."""

from __future__ import annotations

import os
import ssl
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import aiohttp

from llmchat import floors
from llmchat.config import Settings
from llmchat.doctor.report import Check
from llmchat.endpoints.keyring import find_keyring
from llmchat.endpoints.keys import FILE_NAME as KEYS_FILE

# Of the data folder: each of them may hold a key, a token or a password.
SECRET_FILES = (KEYS_FILE, "token", "mcp.json", "endpoints.toml", "endpoints.json")


def account() -> Iterator[Check]:
    """Whose rights llmchat would have, and what a crash of it would leave behind."""
    if sys.platform == "win32":
        return
    if os.geteuid() == 0:
        yield Check(
            "account",
            "warn",
            "this is root: a flaw in llmchat, or a tool of it, would have the whole machine.",
            "Run it as a user of its own.",
        )
    else:
        yield Check("account", "ok", f"user {os.geteuid()}, not root")
    yield _umask()
    yield _core_dumps()


def _umask() -> Check:
    mask = os.umask(0o077)
    os.umask(mask)
    if mask & 0o022 != 0o022:
        told = f"others may write to what this user makes (umask {mask:03o})."
        return Check("umask", "warn", told, "Set it to 077, of a service by UMask=0077.")
    return Check("umask", "ok", f"{mask:03o}")


def _core_dumps() -> Check:
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_CORE)
    if soft == 0:
        return Check("core dumps", "ok", "a crash writes no memory to the disk")
    told = "a crash may write memory to the disk, and with it keys and chats."
    hint = "Run `ulimit -c 0` before the start; of a service set LimitCORE=0."
    return Check("core dumps", "warn", told, hint)


def data_folder(folder: Path) -> Iterator[Check]:
    """Who else can read the chats and the keys. On Windows the rights of the profile hold."""
    if sys.platform == "win32" or not folder.is_dir():
        yield Check("data folder", "ok", f"{folder} is made for this user only")
        return
    found = folder.stat()
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid != os.geteuid():
        told = f"{folder} belongs to user {found.st_uid}, who can read and change all of it."
        yield Check("data folder", "fail", told, f"Run `chown -R {os.geteuid()} {folder}`.")
    if mode & 0o077:
        told = f"others of this machine can enter {folder} (mode {mode:03o})."
        yield Check("data folder", "fail", told, f"Run `chmod 700 {folder}`.")
    else:
        yield Check("data folder", "ok", f"{folder} is open to this user only")
    yield from _secret_files(folder)


def _secret_files(folder: Path) -> Iterator[Check]:
    files = [folder / name for name in SECRET_FILES if (folder / name).is_file()]
    bad = [path for path in files if path.stat().st_mode & 0o077]
    for path in bad:
        told = f"others can read {path.name}, which may hold keys."
        yield Check("files", "fail", told, f"Run `chmod 600 {path}`.")
    if files and not bad:
        names = ", ".join(path.name for path in files)
        yield Check("files", "ok", f"only this user can read {names}")


def keys(settings: Settings, environment: Mapping[str, str]) -> Iterator[Check]:
    """Where keys are kept, and where they come from."""
    if settings.key_store == "auto" and find_keyring() is not None:
        yield Check("keys", "ok", "those of the page are kept in the keyring of the system")
    else:
        told = f"those of the page are kept in {KEYS_FILE}, which only this user can read"
        yield Check("keys", "ok", told)
    if environment.get("OPENAI_API_KEY"):
        yield Check(
            "keys",
            "warn",
            "OPENAI_API_KEY is in the environment, where every program of this user can read it.",
            "Put it into an env file of mode 600, or a credential of systemd.",
        )


def versions() -> Iterator[Check]:
    """The libraries that stand between llmchat and the network."""
    floor = ".".join(map(str, floors.AIOHTTP))
    if floors.is_below(aiohttp.__version__, floors.AIOHTTP):
        told = f"aiohttp {aiohttp.__version__} has known flaws: {floor} is the oldest one to use."
        yield Check("versions", "fail", told, "Run `make setup`, or install llmchat again.")
    else:
        told = f"aiohttp {aiohttp.__version__} (at least {floor}), {ssl.OPENSSL_VERSION}"
        yield Check("versions", "ok", told)
