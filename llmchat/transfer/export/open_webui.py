"""The shape that Open WebUI imports and exports, for people who leave."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import Attachment, Message
from llmchat.domain.ids import now
from llmchat.storage.blobs import Blobs
from llmchat.storage.exports import ExportedConversation, ExportReader
from llmchat.transfer.export.sessions import encode, finished
from llmchat.transfer.export.zipped import Pieces, StreamedZip

_PathOf: TypeAlias = Callable[[str], Path | None]

FILE_BYTES = 50 * 1024 * 1024
"""After so much text another file begins: Open WebUI reads each one as a whole."""


def open_webui(
    reader: ExportReader,
    blobs: Blobs,
    numbers: Iterable[int],
    done: Callable[[], None],
    file_bytes: int = FILE_BYTES,
) -> Pieces:
    """A zip of JSON files, each to be imported as it is. `done` is called after each chat."""
    zipped = StreamedZip()
    chats = _Chats(reader, blobs, iter(numbers), done)
    count = 0
    while count == 0 or not chats.over:
        count += 1
        yield from zipped.add(
            f"open-webui-{count:03d}.json", chats.file(file_bytes), now(), large=True
        )
    yield from zipped.end()


class _Chats:
    def __init__(
        self, reader: ExportReader, blobs: Blobs, numbers: Iterator[int], done: Callable[[], None]
    ) -> None:
        self._reader = reader
        self._blobs = blobs
        self._numbers = numbers
        self._done = done
        self._next = next(numbers, None)

    @property
    def over(self) -> bool:
        return self._next is None

    def file(self, most: int) -> Iterator[bytes]:
        """An array of chats, of this many bytes and what the last one is longer."""
        size = 0
        yield b"["
        comma = b""
        while self._next is not None and size < most:
            with self._reader.conversation(self._next) as one:
                if one is not None:
                    for piece in _pieces(one, self._reader, self._blobs):
                        size += len(piece)
                        yield comma + piece
                        comma = b""
                    comma = b",\n"
            self._done()
            self._next = next(self._numbers, None)
        yield b"]\n"


class _Place(NamedTuple):
    parent: str | None
    children: list[str]


def _pieces(one: ExportedConversation, reader: ExportReader, blobs: Blobs) -> Iterator[bytes]:
    """A chat; its messages come last, for its models are known only after them."""
    conversation = one.conversation
    head: JSONObject = {
        "id": conversation.id,
        "user_id": "",
        "title": conversation.title,
        "share_id": None,
        "archived": conversation.archived,
        "pinned": conversation.pinned,
        "folder_id": None,
        "created_at": conversation.created // 1000,
        "updated_at": conversation.updated // 1000,
        "meta": {"tags": []},
    }
    history = encode({"currentId": one.active})[:-1]
    yield encode(head)[:-1] + b',"chat":{"history":' + history + b',"messages":{'
    models: dict[str, None] = {}
    comma = b""
    for exported in reader.messages(one):
        message = finished(exported.message)
        if message.model:
            models[message.model] = None
        place = _Place(message.parent_id, one.children.get(message.id, []))
        yield (
            comma
            + encode(message.id)
            + b":"
            + encode(_message(message, place, partial(reader.file, blobs)))
        )
        comma = b","
    names: list[JSON] = [*models]
    rest: JSONObject = {"title": conversation.title, "models": names, "options": {}}
    yield b"}}," + encode(rest)[1:] + b"}"


def _message(message: Message, place: _Place, path_of: _PathOf) -> JSONObject:
    children: list[JSON] = [*place.children]
    record: JSONObject = {
        "id": message.id,
        "parentId": place.parent,
        "childrenIds": children,
        "role": "assistant" if message.role == "tool" else message.role,
        "content": message.content,
        "timestamp": message.created // 1000,
    }
    if message.role in ("assistant", "tool"):
        record |= _answer(message)
    if message.attachments:
        files: list[JSON] = [_file(one, path_of(one.file)) for one in message.attachments]
        record["files"] = files
    return record


def _answer(message: Message) -> JSONObject:
    record: JSONObject = {"done": True, "model": message.model or ""}
    if message.usage:
        record["usage"] = message.usage
    if message.error:
        record["error"] = {"content": str(message.error.get("message", ""))}
    if message.reasoning or message.tool_calls or message.role == "tool":
        record["output"] = _output(message)
    return record


def _output(message: Message) -> list[JSON]:
    output: list[JSON] = []
    if message.reasoning:
        output.append(
            {
                "type": "reasoning",
                "content": [{"type": "output_text", "text": message.reasoning}],
                "summary": None,
                "start_tag": "<think>",
                "end_tag": "</think>",
            }
        )
    for call in message.tool_calls:
        function = call.get("function")
        known = function if isinstance(function, dict) else {}
        names: JSONObject = {"name": known.get("name"), "arguments": known.get("arguments")}
        output.append({"type": "function_call", "call_id": call.get("id"), **names})
    text: JSONObject = {"type": "output_text", "text": message.content}
    output.append({"type": "message", "role": "assistant", "content": [text]})
    return output


def _file(one: Attachment, path: Path | None) -> JSONObject:
    """With its content, where that is there: another server has no other way to it."""
    kind = "image" if one.type.startswith("image/") else "file"
    record: JSONObject = {"type": kind, "name": one.name, "size": one.size}
    try:
        content = None if path is None else path.read_bytes()
    except OSError:
        content = None
    if content is not None:
        record["url"] = f"data:{one.type};base64,{base64.b64encode(content).decode()}"
    return record
