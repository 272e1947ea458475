"""`/api/models`: model files that come into the folder of models through the page, and leave it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from llmchat.domain.endpoint import local_endpoint
from llmchat.domain.names import clean_name
from llmchat.modelfiles.folder import is_model_name
from llmchat.modelfiles.problems import ModelFileError
from llmchat.modelfiles.receiving import Receiving
from llmchat.server.keys import JOBS, account_of, role_of
from llmchat.server.models import describe
from llmchat.server.replies import json_reply
from llmchat.server.uploads import open_upload
from llmchat.storage.files import problem_of_disk

_BLOCK_BYTES = 4 * 1024 * 1024  # written at once: each write goes to a thread and back


async def add(request: web.Request) -> web.Response:
    """Take a GGUF file into the folder of models, written to the disk as it comes. It is refused as
    soon as its first bytes tell that it cannot be used.
    """
    service = request.app[JOBS]
    local = service.local
    upload = await open_upload(request)
    name = clean_name(upload.name, "model.gguf")
    if not is_model_name(name):
        raise ModelFileError("model-not-gguf", "Its name does not end in .gguf.")
    with local.reserved(name):
        await local.check_free(name)
        try:
            incoming = await asyncio.to_thread(Receiving, local.folder.path, request.content_length)
            with incoming:
                async for block in _blocks(upload.pieces()):
                    await asyncio.to_thread(incoming.write, block)
                await asyncio.to_thread(incoming.keep, name)
        except OSError as error:
            raise problem_of_disk(error) from error
    await local.look()
    catalogue, account, role = service.catalogue(), account_of(request), role_of(request)
    states = {state.name: state for state in catalogue.states(role)}
    for model in catalogue.models(account, role):
        file = catalogue.model_file(model.endpoint)
        if file is not None and file.file == name:
            entry = describe(model, states[model.endpoint], service, account)
            return json_reply({**entry, "default": catalogue.is_default(model, role)}, status=201)
    raise ModelFileError("model-unreadable", "It has gone again.")


async def remove(request: web.Request) -> web.Response:
    """204 when the file has gone. 409 while it answers."""
    service = request.app[JOBS]
    name = request.match_info["file"]
    path = await service.local.path_of(name)
    for model in service.local.found.models:
        if model.file == name:
            await service.release(local_endpoint(model.id))
    try:
        await asyncio.to_thread(path.unlink, missing_ok=True)
    except OSError as error:
        raise problem_of_disk(error) from error
    await service.local.look()
    return web.Response(status=204)


async def _blocks(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same in large pieces; the first one as soon as a header can be in it."""
    block, wanted = bytearray(), 0
    async for piece in pieces:
        block += piece
        if len(block) >= wanted:
            yield bytes(block)
            block, wanted = bytearray(), _BLOCK_BYTES
    if block:
        yield bytes(block)
