"""What the server and its worker say to each other; the items of the input and output queues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from llmchat.domain.endpoint import Endpoint, Listing
from llmchat.domain.job import Job, JobId, Packed
from llmchat.domain.tools import Approval, Decision
from llmchat.domain.trial import Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """Start attempt `attempt` (1, 2 ...) of a job, at its target. `approvals` are the tools that
    need no question, if it has tools.
    """

    job: Job
    attempt: int
    approvals: tuple[Approval, ...] = ()


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop a job and close its upstream connection. Unknown and finished jobs are ignored."""

    job_id: JobId


@dataclass(frozen=True, slots=True)
class Decide:
    """What a person said of a call that waits. Unknown calls are ignored."""

    job_id: JobId
    call_id: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Begin:
    """That a call runs is stored now: it may begin. Unknown calls are ignored."""

    job_id: JobId
    call_id: str


@dataclass(frozen=True, slots=True)
class SetEndpoint:
    """Add an endpoint, or replace the one of that name. Later commands may name it."""

    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class RemoveEndpoint:
    """Forget the endpoint of that name. The answers that it is making go on to their end."""

    name: str


@dataclass(frozen=True, slots=True)
class TryEndpoint:
    """Find out whether an endpoint works, which need not be known; answered by one `Tried`."""

    number: int
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class ListModels:
    """Ask an endpoint for its models; answered by one `Listed`."""

    endpoint: str


@dataclass(frozen=True, slots=True)
class Discover:
    """Look for model servers on this machine; answered by one `Discovered`."""

    own_port: int


Command: TypeAlias = (
    Run
    | Cancel
    | Decide
    | Begin
    | SetEndpoint
    | RemoveEndpoint
    | TryEndpoint
    | ListModels
    | Discover
)


@dataclass(frozen=True, slots=True)
class Alive:
    """The worker's loop turns. Sent every second; ten seconds without one mean that it hangs."""


@dataclass(frozen=True, slots=True)
class JobEvents:
    """Events of one attempt in order; the first has the id `attempt-first_seq`, the next + 1."""

    job_id: JobId
    attempt: int
    first_seq: int
    events: tuple[Packed, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """The answer to `ListModels`."""

    listing: Listing


@dataclass(frozen=True, slots=True)
class Discovered:
    """The answer to `Discover`: what answered, best first."""

    endpoints: tuple[Endpoint, ...]
    listings: tuple[Listing, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """The answer to the `TryEndpoint` of that number."""

    number: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class EngineLoading:
    """A model is being loaded: how much of it is in memory, from 0 to 1."""

    progress: float


@dataclass(frozen=True, slots=True)
class EngineReady:
    """A model answers at `base_url`, to who knows `api_key`."""

    base_url: str
    api_key: str


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """A model cannot be loaded; `message` says why, for a person, and `code` is that of the jobs
    which wait for it.
    """

    message: str
    code: str = "model-not-loaded"


Report: TypeAlias = (
    Alive | JobEvents | Listed | Discovered | Tried | EngineLoading | EngineReady | EngineFailed
)
