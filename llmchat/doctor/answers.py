"""What answers: the worker, the endpoints and the embedded model, each of them tried."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

from llmchat.app import Children
from llmchat.config import Settings
from llmchat.doctor.report import Check
from llmchat.doctor.trial import Trial, TrialError
from llmchat.domain.access import Role
from llmchat.jobs.catalogue import Catalogue, EndpointState

WORKER_SECONDS = 60.0
LISTS_SECONDS = 30.0
MODEL_SECONDS = 120.0


async def answers(settings: Settings, children: Children) -> AsyncIterator[Check]:
    """Try them in turn; without a worker the others cannot be tried."""
    async with Trial(settings, children) as trial:
        started = time.monotonic()
        try:
            pid = await trial.worker(WORKER_SECONDS)
        except TrialError as error:
            yield Check("worker", "fail", str(error), "The lines above, on stderr, say more.")
            return
        yield Check("worker", "ok", f"process {pid} was there after {_since(started)}")
        try:
            catalogue = await trial.catalogue(LISTS_SECONDS)
        except TrialError as error:
            yield Check("endpoints", "fail", str(error), "Check the network.")
        else:
            for problem in trial.problems:
                yield Check("endpoints", "warn", problem)
            for check in _endpoints(settings, catalogue, trial.wanted):
                yield check
        yield await _model(trial, settings)


def _endpoints(settings: Settings, catalogue: Catalogue, wanted: dict[str, str]) -> Iterator[Check]:
    asked = [
        state for state in catalogue.states(Role.ADMIN) if state.kind not in ("embedded", "local")
    ]
    for state in asked:
        models = [one.id for one in catalogue.models(role=Role.ADMIN) if one.endpoint == state.name]
        yield _endpoint(state, models, wanted.get(state.name, ""))
    if not asked and settings.discover and not settings.base_urls:
        yield Check("endpoints", "ok", "none is set, and no model server was found on this machine")
    default = catalogue.default
    if catalogue.reason is None:
        hint = "Set OPENAI_BASE_URL, or install the embedded model (`make setup`)."
        yield Check("answers", "fail", "nothing can answer a question.", hint)
    else:
        model = f" New chats use {default.id}." if default is not None else ""
        yield Check("answers", "ok", f"{catalogue.reason.text}{model}")


def _endpoint(state: EndpointState, models: list[str], wanted: str) -> Check:
    name = f"endpoint {state.name}"
    if state.code == "upstream-rejected" and wanted:
        told = f"{state.base_url} answers, but does not list its models."
        return Check(name, "warn", told, "A question may work all the same.")
    if state.error is not None:
        return Check(name, "fail", state.error)
    if not models:
        told = f"{state.base_url} answers, but lists no model."
        return Check(name, "warn", told, "Load or pull one there, or set DEFAULT_MODEL.")
    if wanted and wanted not in models:
        told = f"{state.base_url} answers, but {wanted} is none of its {len(models)} models."
        return Check(name, "warn", told, f"Set DEFAULT_MODEL, for example to {models[0]}.")
    return Check(name, "ok", f"{state.base_url} answers and lists {len(models)} models")


async def _model(trial: Trial, settings: Settings) -> Check:
    name = "embedded model"
    if not trial.has_model:
        hint = "Run `make setup`, or set MODEL_FILE, if you want one."
        return Check(name, "warn", "there is none in this installation.", hint)
    started = time.monotonic()
    try:
        await trial.load(MODEL_SECONDS)
        loaded = time.monotonic()
        await trial.ask_model(MODEL_SECONDS)
    except TrialError as error:
        hint = "Check MODEL_FILE." if settings.model_file else "Install llmchat again."
        return Check(name, "fail", str(error), hint)
    told = f"loaded in {loaded - started:.1f} s, and its first token came after"
    return Check(name, "ok", f"{told} {_since(loaded)} more")


def _since(started: float) -> str:
    return f"{time.monotonic() - started:.1f} s"
