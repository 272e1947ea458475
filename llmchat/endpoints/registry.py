"""All endpoints that are set up: by the environment, by a file, and by the page, in this order.

Changes count at once: `on_change` gets what is switched on, but for the endpoints of the
environment, which those who are told have anyway.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets as random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from llmchat.config import Settings
from llmchat.domain.endpoint import Configured, Endpoint
from llmchat.domain.endpoint_rules import Entry, origin_of
from llmchat.domain.errors import RequestError, StorageError
from llmchat.domain.reach import Guard
from llmchat.endpoints import hand_written
from llmchat.endpoints.environment import configured_endpoints
from llmchat.endpoints.items import Fields, Item, changed, new_item
from llmchat.endpoints.keys import KeyStore, Place
from llmchat.endpoints.own import Kept, OwnFile
from llmchat.endpoints.secrets import Secrets

LOOK_SECONDS = 2.0  # between two looks at the file
KEYS_SECONDS = 4.0  # that a start waits for the keyring, before it goes on without these keys
MOST = 50  # endpoints of the page

log = logging.getLogger(__name__)


class NoSuchEndpointError(RequestError):
    """There is no endpoint of that id."""

    code = "no-such-endpoint"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such endpoint.")


class Registry:
    """`folder` is that of the page's endpoints and their keys; `own_port` is ours. `hide` gets
    every secret that must not come into the log.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        keys: KeyStore,
        *,
        on_change: Callable[[Sequence[Configured]], None],
        hide: Callable[[str], None] = lambda _: None,
        own_port: int = 0,
    ) -> None:
        self.keys = keys
        self.problems: dict[str, str] = {}  # of the files, by their names
        self._written_path = settings.data_dir / hand_written.FILE_NAME
        self._credentials = settings.credentials_dir
        self._own_file = OwnFile(folder)
        self._on_change = on_change
        self._hide = hide
        self._guard = Guard(own_port)
        self._lock = asyncio.Lock()
        self._environment = [_of_environment(one) for one in configured_endpoints(settings)]
        self._written: list[Item] = []
        self._own: list[Item] = []
        self._late: asyncio.Task[None] | None = None
        self._unreadable: StorageError | None = None
        self._seen: tuple[float, int] | None = None  # time and size of the file

    async def start(self) -> None:
        """Read everything. A keyring that has to be unlocked first is not waited for."""
        async with self._lock:
            await self._look_at_file()
            await self._read_own()

    async def follow(self) -> None:
        """See, without end, when the file changes."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            async with self._lock:
                if await self._look_at_file():
                    self._tell()

    def items(self) -> list[Item]:
        """All of them, in their order: when one fails, the next one answers."""
        return [*self._environment, *self._written, *self._own]

    def get(self, id_: str) -> Item:
        """Raises NoSuchEndpointError."""
        for item in self.items():
            if item.entry.id == id_:
                return item
        raise NoSuchEndpointError

    async def add(self, given: Fields) -> Item:
        """Set one up. Raises RequestError (422) and StorageError."""
        async with self._lock:
            if len(self._own) >= MOST:
                raise RequestError(
                    f"There may be {MOST} endpoints. Remove one first.",
                    code="too-many-endpoints",
                    status=422,
                )
            item = new_item(random.token_urlsafe(9), given, self._names(), self._guard)
            item = await self._save_secrets(item, Secrets(""))
            await self._write([*self._own, item])
            return item

    async def change(self, id_: str, given: Fields) -> Item:
        """Change one that is the page's; `position` is its new place among these. Raises
        RequestError (404, 409, 422) and StorageError.
        """
        async with self._lock:
            old = self._changeable(id_)
            item = changed(old, given, self._names(but=old))
            item = await self._save_secrets(item, old.secrets)
            items = [one for one in self._own if one is not old]
            items.insert(given.get("position", self._own.index(old)), item)
            await self._write(items)
            if not item.place:
                await self._forget(old)
            return item

    async def remove(self, id_: str) -> None:
        """Forget one that is the page's, and its key. Raises RequestError and StorageError."""
        async with self._lock:
            old = self._changeable(id_)
            await self._write([one for one in self._own if one is not old])
            await self._forget(old)

    def draft(self, id_: str | None, given: Fields) -> Endpoint:
        """What the endpoint would be with these values, to try it; nothing is kept. A key that is
        kept goes to no other server. Raises RequestError (404, 409, 422).
        """
        if id_ is None:
            item = new_item("", given, (), self._guard)
        elif given:
            item = changed(self._changeable(id_), given, ())
        else:
            item = self.get(id_)
        if not item.entry.base_url:
            raise RequestError("The built-in model has no address.", code="locked", status=409)
        for secret in item.endpoint.secrets:
            self._hide(secret)
        return item.endpoint

    async def _forget(self, item: Item) -> None:
        """Its secrets, too. They are for one server only, so that leftovers do no harm."""
        if item.place is not None:
            try:
                await self.keys.forget(item.entry.id, item.place)
            except StorageError as error:
                log.warning("a key could not be deleted: %s", error.message)

    def _changeable(self, id_: str) -> Item:
        item = self.get(id_)
        if item.source != "page":
            what = (
                "the settings of the server (OPENAI_BASE_URL)"
                if item.source == "environment"
                else str(self._written_path)
            )
            raise RequestError(
                f"This endpoint comes from {what}, and is changed there.",
                code="locked",
                status=409,
            )
        return item

    def _names(self, but: Item | None = None) -> set[str]:
        return {one.entry.name for one in self.items() if one is not but}

    async def _save_secrets(self, item: Item, old: Secrets) -> Item:
        if not item.secrets:
            # What is lost may be back when the keyring can be read again.
            return item if item.lost else replace(item, place=None)
        if item.secrets == old and item.place is not None:
            return item
        place = await self.keys.save(item.entry.id, item.secrets)
        return replace(item, place=place, lost=False)

    async def _write(self, items: list[Item]) -> None:
        if self._unreadable is not None:  # or what is in it would be lost
            raise StorageError(self._unreadable.message)
        kept = [Kept(one.entry, one.place) for one in items]
        await asyncio.to_thread(self._own_file.write, kept)
        self._own = items
        self._tell()

    async def _look_at_file(self) -> bool:
        """Read the file of who runs this server, if it has changed. Returns whether it had."""
        seen = await asyncio.to_thread(_stamp, self._written_path)
        if seen == self._seen:
            return False
        self._seen = seen
        name = self._written_path.name
        others = {one.entry.name for one in self._environment}
        try:
            written = await asyncio.to_thread(
                hand_written.read_written, self._written_path, self._credentials, others
            )
        except hand_written.FileError as error:
            log.warning("%s The endpoints that it named before stay.", error)
            self.problems[name] = str(error)
            return False
        self.problems.pop(name, None)
        if written is not None and written.problem:
            log.warning("%s", written.problem)
            self.problems[name] = written.problem
        self._written = [
            Item(entry, "file", secrets)
            for entry, secrets in (written.endpoints if written is not None else ())
        ]
        return True

    async def _read_own(self) -> None:
        try:
            kept = await asyncio.to_thread(self._own_file.read)
        except StorageError as error:
            log.error("%s", error.message)  # noqa: TRY400 - it says all
            self.problems[self._own_file.name] = error.message
            self._unreadable = error
            kept = []
        loading = {one.entry.id: asyncio.create_task(self._load(one)) for one in kept}
        if loading:
            await asyncio.wait(loading.values(), timeout=KEYS_SECONDS)
        self._own = [
            task.result() if task.done() else _locked(one, self._guard)
            for one, task in zip(kept, loading.values(), strict=True)
        ]
        self._tell()
        late = {id_: task for id_, task in loading.items() if not task.done()}
        if late:
            self._late = asyncio.create_task(self._take_late(late))

    async def _take_late(self, late: Mapping[str, asyncio.Task[Item]]) -> None:
        """What the keyring gave when it was unlocked, where nothing else was entered meanwhile."""
        found = dict(zip(late, await asyncio.gather(*late.values()), strict=True))
        async with self._lock:
            self._own = [
                replace(one, secrets=found[one.entry.id].secrets, lost=found[one.entry.id].lost)
                if one.lost and one.entry.id in found
                else one
                for one in self._own
            ]
            self._tell()

    async def _load(self, kept: Kept) -> Item:
        secrets = None
        if kept.secrets is not None:
            with contextlib.suppress(StorageError):
                secrets = await self.keys.load(kept.entry.id, kept.secrets)
        origin = origin_of(kept.entry.base_url)
        if secrets is None or secrets.origin != origin:
            return _locked(kept, self._guard)
        return Item(kept.entry, "page", secrets, self._guard, kept.secrets)

    def _tell(self) -> None:
        taken = {one.entry.name for one in chain(self._environment, self._written)}
        self._own = list(_renamed(self._own, taken))
        for item in self.items():
            for secret in item.endpoint.secrets:
                self._hide(secret)
        further = [*self._written, *self._own]
        self._on_change([one.configured for one in further if one.entry.enabled])


def _of_environment(one: Configured) -> Item:
    endpoint = one.endpoint
    url = endpoint.base_url
    entry = Entry(
        id=f"env-{endpoint.name}",
        name=endpoint.name,
        base_url=url,
        model=one.model,
        roles=one.roles,
    )
    return Item(entry, "environment", Secrets(origin_of(url) if url else "", endpoint.api_key))


def _locked(kept: Kept, guard: Guard) -> Item:
    """An endpoint without its secrets, if it had some."""
    origin = origin_of(kept.entry.base_url)
    place: Place | None = kept.secrets
    return Item(kept.entry, "page", Secrets(origin), guard, place, lost=place is not None)


def _renamed(items: Iterable[Item], taken: set[str]) -> Iterable[Item]:
    """The same with names that nobody else has, which may have come meanwhile."""
    for item in items:
        name, number = item.entry.name, 2
        while name in taken:
            name, number = f"{item.entry.name} {number}", number + 1
        taken.add(name)
        yield (
            item if name == item.entry.name else replace(item, entry=replace(item.entry, name=name))
        )


def _stamp(path: Path) -> tuple[float, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime, state.st_size
