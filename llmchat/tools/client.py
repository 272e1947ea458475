"""One session with one tool server, through the official `mcp` client.

The session lives in a task of its own, from its start to its end, as the client wants it. Nothing
that a server asks for in the other direction (sampling, roots, questions) is offered to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import httpx2
import mcp_types
from mcp import Client, MCPError
from pydantic import ValidationError

from llmchat import __version__
from llmchat.domain.chat import JSONObject
from llmchat.tools.configuration import ToolServer
from llmchat.tools.failures import ToolError
from llmchat.tools.limits import ToolLimits
from llmchat.tools.offered import Said, Tool, offered
from llmchat.tools.results import text_of
from llmchat.tools.secrets import Secrets
from llmchat.tools.stdio import StdioTransport
from llmchat.tools.web import HTTPTransport

_PAGES = 10  # of a list of tools
_LOOKED_AT = 500  # tools, of which offered.py takes some
_ABOUT_US = mcp_types.Implementation(name="llmchat", version=__version__)

log = logging.getLogger(__name__)


class Connection:
    """`open` it, then `tools` and `call`, by many tasks at once; in the end `close` it.

    A call that is cancelled or takes too long ends the whole session if no other call runs in it:
    that is the only way to be sure that it has stopped.
    """

    def __init__(self, name: str, server: ToolServer, limits: ToolLimits) -> None:
        self.server = server
        self.secrets = Secrets(server)
        self._name = name
        self._limits = limits
        self._transport: StdioTransport | HTTPTransport
        if server.kind == "stdio":
            self._transport = StdioTransport(name, server, limits, self.secrets, self._over)
        else:
            self._transport = HTTPTransport(server, limits)
        self._client: Client | None = None
        self._ready = asyncio.Event()
        self._closing = asyncio.Event()
        self._failure: ToolError | None = None
        self._last_words = ""
        self._owner: asyncio.Task[None] | None = None
        self.calls = 0

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._client is not None and not self._closing.is_set()

    async def open(self) -> None:
        """Start the server and agree with it on a version. Raises ToolError."""
        self._owner = asyncio.create_task(self._own(), name=f"tool server {self._name}")
        try:
            async with asyncio.timeout(self._limits.connect_seconds):
                await self._ready.wait()
        except TimeoutError:
            await self.close()
            text = f"It did not answer in {self._limits.connect_seconds:.0f} seconds."
            raise ToolError("tool-server-unreachable", text, dead=True) from None
        except asyncio.CancelledError:
            await self.close()
            raise
        if self._client is None:
            await self.close()
            raise self._failure or self._dead()

    async def tools(self) -> list[Tool]:
        """What the server offers now. Raises ToolError."""
        said: list[Said] = []
        cursor: str | None = None
        try:
            async with asyncio.timeout(self._limits.list_seconds):
                for _ in range(_PAGES):
                    self._transport.asked()
                    page = await self._ask().list_tools(cursor=cursor, cache_mode="refresh")
                    said += [_said(one) for one in page.tools[:_LOOKED_AT]]
                    cursor = page.next_cursor
                    if cursor is None or len(said) >= _LOOKED_AT:
                        break
        except TimeoutError:
            await self.close()
            raise ToolError(
                "tool-server-unreachable", "It does not say what tools it has.", dead=True
            ) from None
        except (MCPError, ValidationError, RuntimeError) as error:
            raise await self._failed(error, "It does not say what tools it has") from error
        return offered(self._name, self.server, said)

    async def call(self, tool: Tool, arguments: JSONObject) -> tuple[str, bool]:
        """Have a tool run; its text, and whether it says that it failed. Raises ToolError."""
        client = self._ask()
        self.calls += 1
        try:
            async with asyncio.timeout(self.server.timeout):
                self._transport.asked()
                result = await client.call_tool(tool.name, dict(arguments))
        except TimeoutError:
            await self._give_up()
            text = f"The tool did not finish in {self.server.timeout:.0f} seconds."
            raise ToolError("tool-timeout", text) from None
        except asyncio.CancelledError:
            await self._give_up()
            raise
        except (MCPError, ValidationError, RuntimeError) as error:
            raise await self._failed(error, "The tool failed") from error
        finally:
            self.calls -= 1
        text = self.secrets.hide(text_of(result, self._limits.result_characters))
        return text, bool(result.is_error)

    async def close(self) -> None:
        """End the session, politely and then by force; does nothing when called again."""
        self._closing.set()
        if self._owner is None or self._owner is asyncio.current_task():
            return
        done, _ = await asyncio.wait([self._owner], timeout=2 * self._limits.end_seconds + 1)
        if not done:
            self._transport.kill()
            self._owner.cancel()
            await asyncio.wait([self._owner], timeout=self._limits.end_seconds)

    async def _own(self) -> None:
        try:
            async with Client(
                self._transport.connect(),
                client_info=_ABOUT_US,
                cache=None,
                read_timeout_seconds=max(self.server.timeout, self._limits.connect_seconds),
            ) as client:
                self._client = client
                self._ready.set()
                await self._closing.wait()
        except (MCPError, ToolError, OSError, httpx2.HTTPError, BaseExceptionGroup) as error:
            self._failure = self._explained(error)
            log.info("the tool server %s failed: %s", self._name, self._failure.message)
        except Exception as error:
            # The boundary of a session: whatever it dies of, its calls are told, and no other one.
            self._failure = self._explained(error)
            log.exception("the session with the tool server %s crashed", self._name)
        finally:
            self._client = None
            self._closing.set()
            self._ready.set()
            if isinstance(self._transport, HTTPTransport):
                with contextlib.suppress(Exception):
                    await self._transport.close()

    def _over(self, last_words: str) -> None:
        """The process of the server has ended."""
        self._last_words = last_words
        self._closing.set()

    def _ask(self) -> Client:
        if self._client is None or self._closing.is_set():
            raise self._dead()
        return self._client

    def _dead(self) -> ToolError:
        if self.server.kind == "http":
            return ToolError("tool-server-ended", "The connection to the server broke.", dead=True)
        words = self.secrets.line(self._last_words)
        text = f"The server has ended. It said last: {words}" if words else "The server has ended."
        return ToolError("tool-server-ended", text, dead=True)

    async def _give_up(self) -> None:
        """Nobody waits for this call any more, and the server may not hear of it."""
        if self.calls == 1:
            self._closing.set()
            self._transport.kill()

    async def _failed(self, error: Exception, what: str) -> ToolError:
        if isinstance(error, MCPError) and error.code == mcp_types.CONNECTION_CLOSED:
            await asyncio.sleep(0)  # the reader of its stdout may be about to say why
            self._closing.set()
            return self._dead()
        if isinstance(error, MCPError):
            return ToolError("tool-failed", f"{what}: {self.secrets.line(error.message)}")
        return ToolError("tool-bad-reply", f"{what}: its reply is not as the protocol has it.")

    def _explained(self, error: BaseException) -> ToolError:
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, ToolError):
            return error
        if self._last_words or (
            isinstance(error, MCPError) and error.code == mcp_types.CONNECTION_CLOSED
        ):
            return self._dead()
        text = self.secrets.line(str(error)) if isinstance(error, MCPError) else ""
        reason = text or "there is no MCP server at its address"
        return ToolError("tool-server-unreachable", f"It cannot be used: {reason}.", dead=True)


def _said(tool: mcp_types.Tool) -> Said:
    annotations: dict[str, Any] = {}
    if tool.annotations is not None:
        annotations = tool.annotations.model_dump(mode="json", by_alias=True, exclude_none=True)
    title = tool.title or annotations.get("title")
    return Said(
        name=tool.name,
        title=title if isinstance(title, str) else "",
        description=tool.description or "",
        schema=tool.input_schema,
        annotations=annotations,
    )
