"""What opens a server before anybody has signed in: its token, or the code for the first admin."""

from __future__ import annotations

import asyncio
import html
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from llmchat.access import peers
from llmchat.access.setup_code import SetupCode
from llmchat.access.token import Token, load_token
from llmchat.accounts.policy import Mode, check_reach, is_loopback, policy_of
from llmchat.config import Settings
from llmchat.domain.errors import StorageError
from llmchat.endpoints.files import write_private
from llmchat.storage.accounts import AccountStore
from llmchat.storage.database import Database

_PAGE_NAME: Final = "open.html"
# What a browser gets in its arguments can be read by every user of a machine; a file of ours not.
_PAGE: Final = """<!doctype html><meta charset="utf-8"><title>llmchat</title>
<meta http-equiv="refresh" content="0;url={0}"><a href="{0}">llmchat</a>
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opening:
    """`asks`: the page wants the token from whoever opens it, also on this machine."""

    token: Token | None = None
    setup: SetupCode | None = None
    asks: bool = False

    def address(self, url: str) -> str:
        """Where to go: with the token in the fragment, which no server, log or proxy sees."""
        if self.token is None or not self.asks:
            return url
        return f"{url.removesuffix('/')}/#token={self.token.secret}"

    def notice(self, url: str) -> str:
        """What whoever has started the server has to know besides; empty if nothing."""
        if self.setup is None:
            return ""
        return f"To make the first admin, open {url} and type this code: {self.setup.text}"

    def to_open(self, url: str, folder: Path) -> str:
        """What to start a browser with. Blocks. Raises StorageError."""
        address = self.address(url)
        if address == url:
            return url
        page = folder.absolute() / _PAGE_NAME
        write_private(page, _PAGE.format(html.escape(address)).encode())
        return page.as_uri()


async def open_access(settings: Settings, folder: Path, database: Database) -> Opening:
    """Find out what opens this server; `folder` is where its data are. Raises ConfigError (78) for
    one that others could reach unprotected.
    """
    any_password = await AccountStore(database).any_password()
    check_reach(settings, any_password=any_password)
    policy = policy_of(settings)
    if policy.mode is Mode.OPEN:
        if not is_loopback(settings.host):
            log.warning("everybody who reaches %s is let in as admin: --auth none", settings.host)
        return Opening()
    try:
        token = await asyncio.to_thread(load_token, folder)
    except StorageError as error:
        log.warning("there is no token: %s", error.message)
        token = Token()
    setup = SetupCode() if policy.mode is Mode.PASSWORD and not any_password else None
    unknown = policy.mode is Mode.AUTO and not peers.can_be_known()
    return Opening(token, setup, asks=policy.mode is Mode.TOKEN or unknown)
