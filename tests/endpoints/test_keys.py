"""Where keys are kept: not where others can read them, and never at the price of a wait."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from llmchat.domain.errors import StorageError
from llmchat.endpoints.keys import SERVICE, KeyStore
from llmchat.endpoints.secrets import Secrets, last4

ROOT = Path(__file__).resolve().parents[2]
SECRETS = Secrets("https://api.example:443", "sk-0123456789abcdef", {"X-Team": "t"})


class Keyring:
    """One that keeps passwords while it lives. `broken`: it refuses; `stuck`: it never answers."""

    def __init__(self, *, broken: bool = False, stuck: threading.Event | None = None) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = broken
        self.stuck = stuck

    def get_password(self, service: str, username: str) -> str | None:
        self._work()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._work()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._work()
        del self.kept[service, username]

    def _work(self) -> None:
        if self.stuck is not None:
            self.stuck.wait(30)
        if self.broken:
            raise RuntimeError(f"locked: {self.kept}")


async def test_a_keyring_has_them_where_there_is_one(tmp_path: Path) -> None:
    keyring = Keyring()
    store = KeyStore(tmp_path, lambda: keyring)
    assert await store.place() == "keyring"
    assert await store.save("a", SECRETS) == "keyring"
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - Path blocks no less
    assert list(keyring.kept) == [(SERVICE, "a")]
    assert await KeyStore(tmp_path, lambda: keyring).load("a", "keyring") == SECRETS
    await store.forget("a", "keyring")
    assert keyring.kept == {}
    assert await store.load("a", "keyring") is None


async def test_without_one_they_are_in_a_file_for_its_owner_only(tmp_path: Path) -> None:
    store = KeyStore(tmp_path, lambda: None)
    assert await store.place() == "file"
    assert await store.save("a", SECRETS) == "file"
    assert await store.save("b", Secrets("http://h:80", "other")) == "file"
    path = tmp_path / "keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)  # a person was careless
    assert await store.load("a", "file") == SECRETS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await store.forget("a", "file")
    assert await store.load("a", "file") is None
    assert b"sk-0123" not in path.read_bytes()
    path.write_text("{")
    with pytest.raises(StorageError, match="damaged"):
        await store.save("a", SECRETS)
    assert path.read_text() == "{"


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        await KeyStore(tmp_path / "none", lambda: None).save("a", SECRETS)


async def test_a_keyring_that_refuses_or_hangs_is_replaced_by_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    held = threading.Event()
    for keyring in (Keyring(broken=True), Keyring(stuck=held)):
        keyring.kept[SERVICE, "b"] = SECRETS.encode()
        store = KeyStore(tmp_path, lambda one=keyring: one, seconds=0.2)  # type: ignore[misc]  # a default
        saving = asyncio.create_task(store.save("a", SECRETS))
        await asyncio.sleep(0)  # the loop goes on meanwhile
        assert await saving == "file"
        assert await store.load("a", "file") == SECRETS
        assert await store.load("b", "keyring") is None
    held.set()
    assert "keyring" in caplog.text
    assert "sk-0123" not in caplog.text


async def test_a_search_for_the_keyring_that_hangs_is_given_up(tmp_path: Path) -> None:
    held = threading.Event()
    store = KeyStore(tmp_path, lambda: Keyring() if held.wait(30) else None, seconds=0.1)
    assert await store.place() == "file"
    held.set()


HEADLESS = """
import sys
from llmchat.endpoints.keyring import find_keyring
print(find_keyring(), [name for name in ("keyring", "secretstorage") if name in sys.modules])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have one")
def test_a_linux_without_a_session_bus_has_none_and_nothing_is_loaded_to_find_out(
    tmp_path: Path,
) -> None:
    for environment in ({}, {"XDG_RUNTIME_DIR": str(tmp_path), "DISPLAY": ":9"}):
        told = subprocess.run(
            [sys.executable, "-c", HEADLESS],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.strip() == "None []"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have one")
def test_a_session_bus_without_a_keyring_is_no_keyring(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", "from llmchat.endpoints.keyring import *; print(find_keyring())"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/none",
            "DISPLAY": ":9",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "None"


def test_secrets_do_not_show_in_what_is_printed() -> None:
    assert "sk-" not in f"{SECRETS} {SECRETS!r} {[SECRETS]}"
    assert Secrets.decode(SECRETS.encode()) == SECRETS
    assert Secrets.decode("{}") is None
    assert last4("sk-0123456789abcdef") == "cdef"
    assert last4("short") == ""


REAL = """
import asyncio, sys
from pathlib import Path
from llmchat.endpoints.keyring import find_keyring
from llmchat.endpoints.keys import KeyStore
from llmchat.endpoints.secrets import Secrets

async def main():
    secrets = Secrets("https://h:443", "sk-0123456789", {"X": "y"})
    folder = Path(sys.argv[1])
    place = await KeyStore(folder, find_keyring).save("an-id", secrets)
    store = KeyStore(folder, find_keyring)
    found = await store.load("an-id", place)
    await store.forget("an-id", place)
    print(place, found == secrets, await store.load("an-id", place))

asyncio.run(main())
"""
NEEDED = ("dbus-run-session", "gnome-keyring-daemon")


@pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason=f"it needs {' and '.join(NEEDED)}")
@pytest.mark.parametrize(
    ("opened", "told"),
    [
        ("printf x | gnome-keyring-daemon --unlock --components=secrets >&2;", "keyring True None"),
        ("", "file True None"),  # it is locked, and there is no screen to ask on
    ],
)
def test_the_keyring_of_a_linux_desktop(tmp_path: Path, opened: str, told: str) -> None:
    (tmp_path / "home").mkdir()
    run = subprocess.run(
        [
            *(NEEDED[0], "--", "sh", "-c", f'{opened} exec "$@"', "sh"),
            *(sys.executable, "-c", REAL, str(tmp_path)),
        ],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.splitlines()[-1] == told, run.stderr
