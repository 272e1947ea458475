"""The tools of one answer: which there are, whether they may run, and what came of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.job import Event, Job, ToolRun, WhyAsked
from llmchat.domain.tools import Approval, Decision
from llmchat.tools.failures import ToolError
from llmchat.tools.limits import ToolLimits
from llmchat.tools.offered import SHOWN_CHARACTERS, Tool, digest_of
from llmchat.tools.plain import plain, plain_line, visible
from llmchat.tools.sessions import Sessions
from llmchat.tools.untrusted import result_message
from llmchat.worker.decisions import Decisions
from llmchat.worker.turn import Call

ARGUMENT_CHARACTERS = 100_000
_DENIED = "The user did not allow this call. Do not try it again; go on without it, or ask."
_UNANSWERED = "Nobody was there to allow this call."
_TOO_MANY = "These are too many calls at once: this one was not made."

Emit = Callable[[Event], Awaitable[None]]


@dataclass(slots=True)
class ToolKit:
    """What a worker has for the tools of its jobs."""

    sessions: Sessions
    decisions: Decisions
    limits: ToolLimits


class Toolbox:
    """`open` it, then `run` what the model calls. `approvals` are the tools that need no question,
    as long as nothing from outside was read that could make a model send something out.
    """

    def __init__(self, job: Job, approvals: tuple[Approval, ...], kit: ToolKit, emit: Emit) -> None:
        self._job = job
        self._kit = kit
        self._emit = emit
        self._approvals = set(approvals)
        self._tools: dict[str, Tool] = {}
        self._server_digests: dict[str, str] = {}
        self._untrusted = reads_from_outside(job)
        self.limits = kit.limits
        self._room = kit.limits.answer_characters
        self.failures: list[ToolRun] = []

    async def open(self) -> None:
        """Ask the servers what they offer, all at once. One that cannot be used is no reason not
        to answer: it is among the `failures`.
        """
        names = self._job.request.tool_servers
        for name, found in zip(
            names, await asyncio.gather(*map(self._tools_of, names)), strict=True
        ):
            if isinstance(found, ToolError):
                self.failures.append(
                    ToolRun(_id(name), name, "failed", code=found.code, result=found.message)
                )
            else:
                self._server_digests[name] = digest_of(found)
                self._tools |= {one.function: one for one in found}

    def functions(self) -> list[JSON]:
        """The tools as a request tells the model of them."""
        return [one.as_function() for one in self._tools.values()]

    async def begun(self, call: Call) -> None:
        """The model begins to write a call."""
        await self._emit(replace(self._run_of(call), arguments=None))

    async def run(self, calls: list[Call]) -> list[JSONObject]:
        """Run what is allowed, in the model's order: one may need what the one before has done.
        Gives the messages with the results, one for each call.
        """
        messages = []
        async with asyncio.TaskGroup() as tasks:
            plans = [await self._plan(call, number) for number, call in enumerate(calls)]
            for plan in plans:
                if plan.decision is not None:
                    plan.refusal = tasks.create_task(self._decided(plan, plan.decision))
            for plan in plans:
                ended = await self._through(plan)
                source = (ended.server or "llmchat", ended.tool)
                messages.append(result_message(ended.id, *source, ended.result or ""))
        return messages

    async def _tools_of(self, name: str) -> list[Tool] | ToolError:
        try:
            return await (await self._kit.sessions.get(name)).tools()
        except ToolError as error:
            return error

    async def _plan(self, call: Call, number: int) -> _Plan:
        """What is to be done with a call. Whoever has to be asked is asked here, so that all
        questions of a turn are there at once.
        """
        run = self._run_of(call)
        tool = self._tools.get(call.function)
        arguments = _arguments(call.arguments)
        refused = None
        if tool is None:
            refused = ("tool-unknown", "There is no such tool.")
        elif arguments is None:
            refused = ("tool-arguments", "The arguments are not a JSON object.")
        elif number >= self.limits.calls:
            refused = ("tool-too-many", _TOO_MANY)
        if tool is None or arguments is None or refused is not None:
            code, text = refused or ("", "")
            run = replace(run, state="failed", code=code, result=text)
            await self._emit(run)
            return _Plan(run, None, {})
        plan = _Plan(run, tool, arguments)
        if (why := self._why(tool)) is not None:
            plan.decision = self._kit.decisions.expect(self._job.id, call.id)
            waiting = replace(
                run,
                state="waiting",
                why=why,
                description=plain(tool.description, SHOWN_CHARACTERS) or None,
                tool_digest=tool.digest,
                server_digest=self._server_digests[tool.server],
            )
            await self._emit(waiting)
        return plan

    def _why(self, tool: Tool) -> WhyAsked | None:
        allowed = Approval(tool.server, tool.name, tool.digest)
        all_allowed = Approval(tool.server, "", self._server_digests[tool.server])
        if not self._approvals & {allowed, all_allowed}:
            known = any(
                one.server == tool.server and one.tool in ("", tool.name) for one in self._approvals
            )
            return "changed" if known else "new"
        return "untrusted" if self._untrusted and not tool.closed else None

    async def _decided(self, plan: _Plan, decision: asyncio.Future[Decision]) -> ToolRun | None:
        """Wait for what a person says, and tell it at once. Gives the end of what is refused."""
        try:
            async with asyncio.timeout(self.limits.approval_seconds):
                decided = await decision
        except TimeoutError:
            refusal = replace(plan.run, state="denied", code="tool-unanswered", result=_UNANSWERED)
        else:
            if decided != "deny" and plan.tool is not None:
                self._allow(plan.tool, decided)
                await self._emit(replace(plan.run, state="allowed"))
                return None
            refusal = replace(plan.run, state="denied", result=_DENIED)
        await self._emit(refusal)
        return refusal

    async def _through(self, plan: _Plan) -> ToolRun:
        """See a call through to its end."""
        if plan.tool is None:
            return plan.run
        try:
            if (refusal := await self._refusal(plan, plan.tool)) is not None:
                return refusal
            ended = await self._call(plan.run, plan.tool, plan.arguments)
        finally:
            self._kit.decisions.forget(self._job.id, plan.run.id)
        await self._emit(ended)
        return ended

    async def _refusal(self, plan: _Plan, tool: Tool) -> ToolRun | None:
        if plan.refusal is None:
            return None
        # An earlier call of this turn may have been allowed for good.
        if not plan.refusal.done() and self._why(tool) is None:
            plan.refusal.cancel()
            return None
        return await plan.refusal

    def _allow(self, tool: Tool, decision: Decision) -> None:
        if decision == "tool":
            self._approvals.add(Approval(tool.server, tool.name, tool.digest))
        elif decision == "server":
            digest = self._server_digests[tool.server]
            self._approvals.add(Approval(tool.server, "", digest))

    async def _call(self, run: ToolRun, tool: Tool, arguments: JSONObject) -> ToolRun:
        begin = self._kit.decisions.starting(self._job.id, run.id)
        run = replace(run, state="running")
        await self._emit(run)
        await begin  # by now it is stored: whatever dies, this call is not made again
        started = time.monotonic()
        try:
            session = await self._kit.sessions.get(run.server)
            text, failed = await session.call(tool, arguments)
            ended = replace(run, state="failed" if failed else "done", result=self._cut(text))
        except ToolError as error:
            ended = replace(run, state="failed", code=error.code, result=error.message)
        self._untrusted = True
        return replace(ended, seconds=round(time.monotonic() - started, 3))

    def _cut(self, text: str) -> str:
        """A result as long as there is room for it: all of them are in one message."""
        most = max(self._room, self.limits.least_characters)
        self._room -= len(text)
        if len(text) <= most:
            return text
        return f"{text[:most]}\n[The rest is left out: the results of this answer are too long.]"

    def _run_of(self, call: Call) -> ToolRun:
        tool = self._tools.get(call.function)
        if tool is None:
            name = plain_line(call.function, 100)
            return ToolRun(call.id, "", "writing", name, name, arguments=visible(call.arguments))
        return ToolRun(
            call.id,
            tool.server,
            "writing",
            tool.name,
            tool.function,
            title=tool.title or None,
            arguments=visible(call.arguments),
        )


@dataclass(slots=True)
class _Plan:
    """A call, as it was last told without a question. Without a `tool` that was its end. A person
    is asked for a `decision`; `refusal` is what comes of that, None if it may run.
    """

    run: ToolRun
    tool: Tool | None
    arguments: JSONObject
    decision: asyncio.Future[Decision] | None = None
    refusal: asyncio.Task[ToolRun | None] | None = None


def reads_from_outside(job: Job) -> bool:
    """Whether the chat has something in it that nobody in it has written: a result, or a file."""
    for message in job.request.messages:
        content = message.get("content")
        parts = content if isinstance(content, list) else []
        files = any(isinstance(one, dict) and one.get("type") != "text" for one in parts)
        if message.get("role") == "tool" or files:
            return True
    return False


def _arguments(text: str) -> JSONObject | None:
    """The arguments, if they are an object; some models write nothing for none."""
    if len(text) > ARGUMENT_CHARACTERS:
        return None
    try:
        value = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _id(server: str) -> str:
    return f"server_{server.replace(' ', '-')}"
