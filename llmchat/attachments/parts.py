"""What a model is told of the files of a chat: made just before it is asked.

Until then a request only names them, in parts `{"type": "file_ref", ...}` of its messages: what is
stored and what goes through queues stays small. Whoever resolves them needs the folder of files.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from llmchat.attachments.check import read_text
from llmchat.attachments.limits import FileLimits
from llmchat.domain.chat import JSON, ChatRequest, JSONObject
from llmchat.domain.conversation import Attachment
from llmchat.domain.errors import ProviderError
from llmchat.domain.job import Job
from llmchat.domain.media import kind_of
from llmchat.storage.blobs import Blobs, is_file_id

NO_VISION = "This model cannot read images. Choose another model or remove the picture."
_REF = "file_ref"
_ASKED = "asked"
_LANGUAGE = re.compile(r"\.([A-Za-z0-9_+-]{1,16})$", re.ASCII)
_PLAIN = frozenset({"txt", "text", "log", "pdf"})


def reference(attachment: Attachment, *, asked: bool = True) -> JSONObject:
    """The part that stands for a file until the model is asked. Not `asked`: nobody asks about it
    just now, so that a model that cannot read an image is only told of it.
    """
    part: JSONObject = {
        "type": _REF,
        "file": attachment.file,
        "name": attachment.name,
        "media_type": attachment.type,
    }
    return part if asked else {**part, _ASKED: False}


def shows_image(message: Mapping[str, JSON]) -> bool:
    """Whether a message of a request has an image that is asked about, as it is or by reference."""
    return any(one.get("type") == "image_url" or _is_image(one) for one in _parts_of(message))


@dataclass(frozen=True, slots=True)
class AttachedFiles:
    """The files that the requests of jobs name, in the folder of the store."""

    folder: Path
    limits: FileLimits

    def complete(self, job: Job) -> ChatRequest:
        """The request with what its files hold. Raises ProviderError for an image in the question
        that the model cannot read; one further up is only mentioned.
        """
        messages = job.request.messages
        sees = job.target.vision is not False
        users = [one for one in messages if one.get("role") == "user"]
        if not sees and users and shows_image(users[-1]):
            raise ProviderError(NO_VISION, code="upstream-no-vision", retryable=False)
        writer = _Writer(Blobs(self.folder), self.limits, sees=sees)
        # The newest first: it is the older images that too many have to leave out.
        told = [writer.message(one) for one in reversed(messages)]
        return replace(job.request, messages=told[::-1])


def needs_files(job: Job) -> bool:
    """Whether a request has to be completed before a model is asked."""
    blind = job.target.vision is False
    return any(
        part.get("type") == _REF or (blind and part.get("type") == "image_url")
        for message in job.request.messages
        for part in _parts_of(message)
    )


class _Writer:
    """The messages of one request, which may have so many bytes of images in all."""

    def __init__(self, blobs: Blobs, limits: FileLimits, *, sees: bool) -> None:
        self._blobs = blobs
        self._limits = limits
        self._sees = sees
        self._left = limits.message_bytes

    def message(self, message: JSONObject) -> JSONObject:
        parts = _parts_of(message)
        mine = any(one.get("type") == _REF for one in parts)
        if not mine and (self._sees or not shows_image(message)):
            return message
        told: list[JSON] = []
        for one in map(self._part, parts):
            last = told[-1] if told else None
            # Many endpoints take a text only where there are no images.
            if isinstance(last, dict) and last.get("type") == one.get("type") == "text":
                told[-1] = _text(f"{last['text']}\n\n{one['text']}")
            else:
                told.append(one)
        first = told[0] if len(told) == 1 else None
        if isinstance(first, dict) and first.get("type") == "text":
            return {**message, "content": first["text"]}
        return {**message, "content": told}

    def _part(self, part: JSONObject) -> JSONObject:
        if part.get("type") == "image_url" and not self._sees:
            return _text("[There is an image here, which this model cannot read.]")
        if part.get("type") != _REF:
            return part
        name, file = str(part.get("name")), str(part.get("file"))
        media_type = str(part.get("media_type"))
        kind = kind_of(media_type)
        if not is_file_id(file):
            return _gone(name)
        if kind == "image":
            return self._image(name, file, media_type)
        return self._document(name, file) if kind == "pdf" else self._file(name, file)

    def _image(self, name: str, file: str, media_type: str) -> JSONObject:
        if not self._sees:
            return _text(f"[The image {name}, which this model cannot read.]")
        try:
            size = self._blobs.path(file).stat().st_size
            if size > self._left:
                return _text(f"[The image {name} is left out: all images are too large together.]")
            content = self._blobs.path(file).read_bytes()
        except OSError:
            return _gone(name)
        self._left -= size
        url = f"data:{media_type};base64,{base64.b64encode(content).decode()}"
        return {"type": "image_url", "image_url": {"url": url}}

    def _document(self, name: str, file: str) -> JSONObject:
        found = self._blobs.read_text(file)
        if found is None and not self._blobs.path(file).is_file():
            return _gone(name)
        if found is None or found.problem:
            return _text(f"[The text of the file {name} cannot be read.]")
        pages = f" (PDF, {found.pages} page{'' if found.pages == 1 else 's'})"
        return self._fenced(name, found.text, pages, cut=found.cut)

    def _file(self, name: str, file: str) -> JSONObject:
        try:
            text = read_text(self._blobs.path(file).read_bytes())
        except OSError:
            return _gone(name)
        if text is None:
            return _text(f"[The file {name} is of a kind that cannot be read.]")
        return self._fenced(name, text)

    def _fenced(self, name: str, text: str, about: str = "", *, cut: bool = False) -> JSONObject:
        most = self._limits.characters
        note = ""
        if len(text) > most:
            note = f"\n[Only the first {most} of {len(text)} characters are here.]"
        elif cut:
            note = "\n[The file has more text than this.]"
        text = text[:most]
        longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
        fence = "`" * (longest + 1)
        end = "" if text.endswith("\n") or not text else "\n"
        return _text(f"File: {name}{about}\n{fence}{_language(name)}\n{text}{end}{fence}{note}")


def _parts_of(message: Mapping[str, JSON]) -> list[JSONObject]:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    return [one for one in parts if isinstance(one, dict)]


def _is_image(part: JSONObject) -> bool:
    asked = part.get("type") == _REF and part.get(_ASKED) is not False
    return asked and kind_of(str(part.get("media_type"))) == "image"


def _language(name: str) -> str:
    match = _LANGUAGE.search(name)
    return "" if match is None or match[1].lower() in _PLAIN else match[1].lower()


def _text(text: str) -> JSONObject:
    return {"type": "text", "text": text}


def _gone(name: str) -> JSONObject:
    return _text(f"[The file {name} is no longer there.]")
