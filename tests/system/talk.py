"""A user of stored conversations."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp


class Talk:
    """The API of conversations at an address."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def call(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, self.url + path, json=body, headers=names) as reply:
            text = await reply.text()
            return reply.status, json.loads(text) if text else None

    async def ask(self, content: str | None = None, **members: Any) -> dict[str, Any]:
        """Ask, and read the answer to its end. Gives what `POST /chat` said."""
        said = await self.begin(content, **members)
        await self.end(said)
        return said

    async def begin(self, content: str | None = None, **members: Any) -> dict[str, Any]:
        """Ask. Gives what `POST /chat` said."""
        body = {**({} if content is None else {"content": content}), **members}
        status, said = await self.call("POST", "/chat", body)
        assert status == 202, said
        answer: dict[str, Any] = said
        return answer

    async def end(self, said: dict[str, Any]) -> None:
        """Wait until an answer is over."""
        async with self.session.get(self.url + said["stream"]) as reply:
            await reply.read()

    async def until_text(self, said: dict[str, Any], text: str) -> str:
        """Wait until an answer has this text. Gives the id of that event."""
        async with self.session.get(self.url + said["stream"]) as reply:
            event_id = ""
            async for line in reply.content:
                if line.startswith(b"id: "):
                    event_id = line[4:].decode().strip()
                if line.startswith(b"data: ") and text.encode() in line:
                    return event_id
        raise AssertionError("it ended without text")

    async def tree(self, conversation_id: str, query: str = "") -> dict[str, Any]:
        status, tree = await self.call("GET", f"/api/conversations/{conversation_id}{query}")
        assert status == 200, tree
        whole: dict[str, Any] = tree
        return whole

    async def message(self, said: dict[str, Any]) -> dict[str, Any]:
        """The message of an answer."""
        tree = await self.tree(said["conversation_id"])
        return next(one for one in tree["messages"] if one["id"] == said["message_id"])

    async def items(self, query: str = "") -> list[dict[str, Any]]:
        """A list."""
        status, page = await self.call("GET", f"/api/conversations{query}")
        assert status == 200, page
        items: list[dict[str, Any]] = page["items"]
        return items

    async def changes(self, **headers: str) -> AsyncIterator[tuple[str, str, Any]]:
        """The feed: id, name and data, with the first id and no name when it is open."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(f"{self.url}/api/changes", headers=names) as reply:
            assert reply.status == 200
            fields: dict[str, str] = {}
            async for raw in reply.content:
                name, _, value = raw.decode().rstrip("\r\n").partition(": ")
                if name:
                    fields[name] = value
                elif fields.get("id") or fields.get("event"):
                    data = json.loads(fields.get("data", "null"))
                    yield fields.get("id", ""), fields.get("event", ""), data
                    fields = {}
                else:
                    fields = {}
