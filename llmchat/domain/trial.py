"""What came of trying an endpoint: how far it got, and what is to be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

StepName: TypeAlias = Literal["name", "connection", "tls", "reply", "key", "models"]

# The steps in their order: the name is looked up, a connection made, the secure one on top of it,
# an API answers, the key is good, models are listed.
STEPS: tuple[StepName, ...] = ("name", "connection", "tls", "reply", "key", "models")

TRIALS = {
    "trial-ok": "It answers and lists models.",
    "trial-key-untried": "It lists its models to anybody, so the key was not put to the test.",
    "trial-no-list": "An API answers, but does not list its models: name one.",
    "trial-no-models": "It answers, but has no model.",
    "trial-forbidden": "The address is one that llmchat does not call.",
    "trial-dns": "The name of the host is not known.",
    "trial-refused": "Nothing listens at that port.",
    "trial-timeout": "The host, or the server, did not answer in time.",
    "trial-unreachable": "There is no way to the host, or the connection broke.",
    "trial-proxy": "The proxy did not let the request through.",
    "trial-tls": "No secure connection could be made.",
    "trial-key-missing": "It wants a key.",
    "trial-auth": "It did not accept the key.",
    "trial-not-an-api": "Something else answers there, no OpenAI-compatible API.",
    "trial-redirect": "It redirects to another address.",
    "trial-busy": "It answers that there are too many requests, or no credit.",
    "trial-error": "It answers with an error of its own.",
    "trial-no-worker": "No worker process was there to try it.",
}
"""The codes of a verdict, and what each means; docs/errors.md shows them."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken. `detail` is what was found, or what went wrong; it holds no secret."""

    name: StepName
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` is one of TRIALS; `message` says it to a person. `suggestion` is a base URL that
    works where the given one does not. `models` are the names of those that were found.
    """

    code: str
    message: str
    steps: tuple[Step, ...] = ()
    models: tuple[str, ...] = ()
    suggestion: str = ""

    @property
    def ok(self) -> bool:
        return self.code in ("trial-ok", "trial-key-untried", "trial-no-list")
