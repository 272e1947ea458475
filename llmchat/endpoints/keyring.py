"""The keyring of the operating system, where there is one that can be used without a delay.

What `keyring` would choose by itself goes by its configuration and by installed plug-ins, which may
keep keys in plain text: here it is the one that belongs to the system, or none. All of this blocks.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Protocol

from llmchat.browser import has_screen


class Keyring(Protocol):
    """The part of `keyring.backend.KeyringBackend` that is used here."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


def find_keyring() -> Keyring | None:
    """The keyring of this system and user; None where there is none, or nobody could unlock it."""
    try:
        found = _of_system()
        usable = found is not None and found.priority > 0
    except Exception:  # noqa: BLE001 - each system has errors of its own; all mean the same
        return None
    return found if usable else None


def _of_system() -> Any:
    if sys.platform == "darwin":
        from keyring.backends import macOS

        return macOS.Keyring()
    if sys.platform == "win32":
        from keyring.backends import Windows

        return Windows.WinVaultKeyring()
    if not has_session_bus() or not (has_screen() or _is_open()):
        return None
    from keyring.backends import SecretService

    return SecretService.Keyring()  # type: ignore[no-untyped-call]  # it is not typed


def has_session_bus() -> bool:
    """Whether there is a D-Bus of this user at all: without one, asking takes seconds."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS")) or (
        bool(runtime) and Path(runtime or "", "bus").exists()
    )


def _is_open() -> bool:
    """Whether keys can be read without asking a person, who would see no dialog here."""
    import secretstorage

    connection = secretstorage.dbus_init()
    try:
        if not secretstorage.check_service_availability(connection):
            return False
        collection = secretstorage.Collection(connection)
        return not collection.is_locked()
    finally:
        connection.close()
