"""Where keys are: in the keyring of the system, or else in a file that only its owner can read."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec

from llmchat.domain.errors import StorageError
from llmchat.endpoints.files import read_private, write_private
from llmchat.endpoints.keyring import Keyring
from llmchat.endpoints.secrets import Secrets

FILE_NAME = "keys.json"
SERVICE = "llmchat"
ASK_SECONDS = 30.0  # a person may have to unlock the keyring
FIND_SECONDS = 5.0

Place: TypeAlias = Literal["keyring", "file"]
T = TypeVar("T")

log = logging.getLogger(__name__)


class KeyStore:
    """`find` looks for the keyring; it blocks, and is called when it is first needed.

    Nothing here blocks the loop, nor the end of the program: a keyring that does not answer is
    given up after a while.
    """

    def __init__(
        self, folder: Path, find: Callable[[], Keyring | None], seconds: float = ASK_SECONDS
    ) -> None:
        self._path = folder / FILE_NAME
        self._find = find
        self._seconds = seconds
        self._keyring: asyncio.Task[Keyring | None] | None = None

    async def place(self) -> Place:
        """Where a key that comes now would be kept."""
        return "file" if await self._found() is None else "keyring"

    async def load(self, name: str, place: Place) -> Secrets | None:
        """What was saved under a name; None if it is not there, or cannot be had."""
        text: str | None = None
        if place == "file":
            text = (await asyncio.to_thread(self._read)).get(name)
        elif (keyring := await self._found()) is not None:
            text = await self._ask(lambda: keyring.get_password(SERVICE, name))
        return Secrets.decode(text) if text else None

    async def save(self, name: str, secrets: Secrets) -> Place:
        """Keep secrets. Returns where they are now. Raises StorageError if they are nowhere."""
        text = secrets.encode()
        keyring = await self._found()
        if keyring is not None and await self._ask(lambda: _set(keyring, name, text)):
            await asyncio.to_thread(self._change, name, None)
            return "keyring"
        await asyncio.to_thread(self._change, name, text)
        return "file"

    async def forget(self, name: str, place: Place) -> None:
        """Delete what was saved, wherever it is. Raises StorageError."""
        await asyncio.to_thread(self._change, name, None)
        keyring = await self._found() if place == "keyring" else None
        if keyring is not None:
            await self._ask(lambda: keyring.delete_password(SERVICE, name))

    async def _found(self) -> Keyring | None:
        if self._keyring is None:
            self._keyring = asyncio.create_task(self._ask(self._find, FIND_SECONDS))
        return await asyncio.shield(self._keyring)

    async def _ask(self, work: Callable[[], T], most: float = ASK_SECONDS) -> T | None:
        """The result of what may block; None if it fails, or takes too long."""
        try:
            async with asyncio.timeout(min(self._seconds, most)):
                return await _aside(work)
        except TimeoutError:
            log.warning("the keyring did not answer within %g s", self._seconds)
        except Exception as error:  # noqa: BLE001 - each system has errors of its own
            log.warning("the keyring could not be used: %s", type(error).__name__)
        return None

    def _read(self) -> dict[str, str]:
        data = read_private(self._path)
        if data is None:
            return {}
        try:
            return msgspec.json.decode(data, type=dict[str, str])
        except msgspec.DecodeError:
            raise StorageError(f"{self._path.name} is damaged. Move it away.") from None

    def _change(self, name: str, text: str | None) -> None:
        kept = self._read()
        if kept.get(name) == text:
            return
        kept.pop(name, None)
        if text is not None:
            kept[name] = text
        write_private(self._path, msgspec.json.encode(kept))


def _set(keyring: Keyring, name: str, text: str) -> bool:
    keyring.set_password(SERVICE, name, text)
    return True


async def _aside(work: Callable[[], T]) -> T:
    """Run what may block for ever: in a thread that nobody has to wait for at the end."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(setter: Callable[[Any], None], value: object) -> None:
        if not future.done():
            setter(value)

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - its caller gets it
            outcome: tuple[Callable[[Any], None], object] = (future.set_exception, error)
        else:
            outcome = (future.set_result, result)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    return await future
