"""`POST /chat` and `DELETE /chat/{job_id}`: ask, and stop an answer."""

from __future__ import annotations

import re

from aiohttp import web

from llmchat.attachments.parts import NO_VISION, shows_image
from llmchat.domain.access import Role
from llmchat.domain.chat import ChatRequest, JSONObject
from llmchat.domain.job import Job, JobId
from llmchat.jobs.service import JobService
from llmchat.server import turns, wire
from llmchat.server.body import read_document
from llmchat.server.chat_settings import check_settings
from llmchat.server.keys import BASE_PATH, CONVERSATIONS, JOBS, account_of, role_of
from llmchat.server.position import seen
from llmchat.server.problems import refusal
from llmchat.server.replies import json_reply
from llmchat.server.request_id import request_id

_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


async def submit(request: web.Request) -> web.Response:
    """202 and the job; 200 if this Idempotency-Key has made that job before."""
    key = _idempotency_key(request)
    document = await read_document(request, turns.NAMES)
    jobs, account, role = request.app[JOBS], account_of(request), role_of(request)
    turn, temporary = None, False
    if turns.is_turn(document):
        ask = turns.ask(document)
        await check_settings(wire.settings_of(document))
        question, turn = await request.app[CONVERSATIONS].prepare(account, ask)
    else:
        temporary = isinstance(document, dict) and document.get("temporary") is True
        question = wire.chat_request(document)
        await check_settings(wire.settings_of(document))
    check_sight(jobs, account, role, question)
    submission = await jobs.submit(
        question,
        key,
        request_id(request),
        account=account,
        role=role,
        turn=turn,
        temporary=temporary,
    )
    response = json_reply(
        _accepted(submission.job, request.app[BASE_PATH]),
        status=200 if submission.replayed else 202,
    )
    if submission.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


async def cancel(request: web.Request) -> web.Response:
    """204, also for a job that is over. `?seen=` names the last event of the answer to keep."""
    job_id = JobId(request.match_info["job_id"])
    jobs, account = request.app[JOBS], account_of(request)
    await jobs.cancel(account, job_id, seen(request, await jobs.log(account, job_id)))
    return web.Response(status=204)


def check_sight(jobs: JobService, account: str, role: Role, question: ChatRequest) -> None:
    """Refuse an image before it is stored, if the model is known to read none."""
    users = [one for one in question.messages if one.get("role") == "user"]
    if not users or not shows_image(users[-1]):
        return
    if jobs.catalogue().resolve(question.model, account, role)[0].vision is False:
        raise refusal("no-vision", NO_VISION)


def _accepted(job: Job, base: str) -> JSONObject:
    reply: JSONObject = {
        "job_id": job.id,
        "stream": f"{base}/stream/{job.id}",
        "model": job.model,
        "endpoint": job.endpoint,
    }
    if (ids := job.request.turn) is not None:
        reply["conversation_id"] = ids.conversation
        reply["message_id"] = ids.message
        reply["user_message_id"] = ids.question
    return reply


def _idempotency_key(request: web.Request) -> str | None:
    """Draft: draft-ietf-httpapi-idempotency-key-header-07."""
    keys = request.headers.getall("Idempotency-Key", [])
    if not keys:
        return None
    if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
        raise refusal("idempotency-key", "Use one key of 1 to 255 visible ASCII characters.")
    return keys[0]
