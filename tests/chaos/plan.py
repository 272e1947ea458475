"""What one job of a round asks for, what its users do, and how it may end; all drawn at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from llmchat.domain.errors import FAILOVER_CODES
from tests.fake_faults import MODES

EMBEDDED_MODEL = "SmolLM2-135M-Instruct"
GOOD = "good"
# Endless ones cost minutes or hundreds of megabytes; tests/providers has them.
_LEFT_OUT = {"endless", "wide", "reset", "long-line", "many-lines", "rate-limit-7"}
BAD = sorted(MODES.keys() - _LEFT_OUT)
FLAKY = [
    name
    for name in BAD
    if (mode := MODES[name]).transient and not mode.text and mode.retry_after is None
]
TRIES = 3  # at one endpoint, for an error that may pass


@dataclass(frozen=True)
class Outcome:
    """How a job ends: the code of its error, or "" and a finish reason; and whose text it shows.

    `text` None is the text of the good behaviour, `any_text` what only a model knows.
    """

    code: str = ""
    finish: str = "stop"
    text: str | None = None
    any_text: bool = False


@dataclass(frozen=True)
class ReaderPlan:
    """What one reader does: how many bytes or events it reads until its connection breaks."""

    seed: int
    delay: float
    cuts: bool
    slow: bool
    leaves: bool  # after its first cut


@dataclass(frozen=True)
class StopPlan:
    """When a user stops the job: so long after it was accepted, or after its first text."""

    delay: float
    after_text: bool
    with_seen: bool
    twice: bool


@dataclass(frozen=True)
class Plan:
    """A job. `first` are the behaviours of the calls to the first endpoint, the last one for good.

    `length` and `pause` are of the good behaviour: characters, and seconds between two pieces.
    """

    tag: str
    first: tuple[str, ...]
    length: int
    pause: float
    embedded: bool = False
    keyed: bool = True
    posts: int = 1  # at the same time
    repost: bool = False
    continues: bool = False
    background: bool = False
    user: str = ""
    readers: tuple[ReaderPlan, ...] = ()
    stop: StopPlan | None = None

    def body(self, note: str) -> dict[str, object]:
        """The request. `note` is what must be in no log."""
        messages = [{"role": "user", "content": f"<{self.tag}> {note}"}]
        if self.continues:
            messages.append({"role": "assistant", "content": "It begins"})
        body: dict[str, object] = {"messages": messages}
        if self.continues:
            body["continue_final_message"] = True
        if self.background:
            body["background"] = True
        if self.user:
            body["user"] = self.user
        if self.embedded:
            body["model"] = EMBEDDED_MODEL
        if self.embedded or self.first[-1] != GOOD:  # it may end at the embedded model
            body["max_tokens"] = 8
        return body

    def outcome(self, setting: Setting) -> Outcome:
        """How it ends when nothing happens to it."""
        if self.embedded:
            return Outcome(any_text=True)
        if self.first[-1] == GOOD:
            return Outcome()
        mode = MODES[self.first[-1]]
        if mode.text or mode.code not in FAILOVER_CODES or not setting.others:
            return Outcome(mode.code, mode.finish, mode.text)
        return Outcome(any_text=setting.endpoints == 1)

    def calls(self, setting: Setting) -> int:
        """How often endpoints of ours are asked when nothing happens to it."""
        if self.embedded:
            return 0
        if self.first[-1] == GOOD:
            return len(self.first)
        mode = MODES[self.first[-1]]
        if mode.text or not mode.code:
            return 1
        asked = TRIES if mode.transient else 1
        return asked + (mode.code in FAILOVER_CODES and setting.endpoints > 1)


@dataclass(frozen=True)
class Setting:
    """How the server of a round is configured."""

    workers: int
    slots: int
    endpoints: int
    embedded_last: bool

    @property
    def others(self) -> bool:
        """Whether there is an endpoint after the first one."""
        return self.endpoints > 1 or self.embedded_last


@dataclass
class Plans:
    """Draws everything from one generator, in one order."""

    random: Random
    _count: int = field(default=0)

    def setting(self) -> Setting:
        pick = self.random
        return Setting(
            workers=pick.choice((1, 2, 2)),
            slots=pick.randint(2, 4),
            endpoints=pick.choice((1, 2)),
            embedded_last=pick.random() < 0.3,
        )

    def plan(self, *, calm: bool = False, embedded: bool | None = None) -> Plan:
        """The next job; a `calm` one is answered well, and nobody stops it. `embedded`: whether
        the embedded model is asked, if that is not drawn.
        """
        self._count += 1
        pick = self.random
        drawn = pick.random() < 0.06
        embedded = drawn if embedded is None else embedded
        posts = pick.choice((1, 1, 1, 2, 3))
        first = (GOOD,) if calm or embedded else self._behaviours()
        # What may be asked with `max_tokens` has a limit of 64 KiB.
        lengths = (0, 3, 40, 400, 1500, 1500, 100_000 if first[-1] == GOOD else 30)
        return Plan(
            tag=f"job-{self._count}",
            first=first,
            length=pick.choice(lengths) + pick.randint(1, 200),
            pause=pick.choice((0.0, 0.001, 0.005, 0.01)),
            embedded=embedded,
            keyed=posts > 1 or pick.random() < 0.8,
            posts=posts,
            repost=pick.random() < 0.3,
            continues=pick.random() < 0.1,
            background=pick.random() < 0.1,
            user=pick.choice(("", "", "anna", "bert")),
            readers=tuple(self._reader() for _ in range(pick.choice((0, 1, 1, 2, 3)))),
            stop=None if calm or pick.random() < 0.8 else self._stop(),
        )

    def _behaviours(self) -> tuple[str, ...]:
        kind = self.random.random()
        if kind < 0.6:
            return (GOOD,)
        if kind < 0.75:
            return (*self.random.choices(FLAKY, k=self.random.randint(1, TRIES - 1)), GOOD)
        return (self.random.choice(BAD),)

    def _reader(self) -> ReaderPlan:
        pick = self.random
        return ReaderPlan(
            seed=pick.getrandbits(32),
            delay=pick.choice((0.0, 0.0, 0.1, 1.0)),
            cuts=pick.random() < 0.6,
            slow=pick.random() < 0.15,
            leaves=pick.random() < 0.15,
        )

    def _stop(self) -> StopPlan:
        pick = self.random
        after_text = pick.random() < 0.5
        return StopPlan(
            delay=pick.choice((0.0, 0.05, 0.5)),
            after_text=after_text,
            with_seen=after_text and pick.random() < 0.5,
            twice=pick.random() < 0.3,
        )
