"""The jobs that wait for one endpoint, and whose turn it is.

Interactive ones come before background ones. Within each kind accounts take turns by deficit round
robin: an account has a turn once per round, and what a job is expected to cost is paid from an
allowance that each turn adds to, so that nobody gets more than a share by asking more, or longer,
questions (Shreedhar and Varghese, 1995). An account that has enough jobs running has no turns.
Within an account its users do the same: its page, each of its API keys, and whom its requests name
as `user`. The jobs of one user keep their order.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from llmchat.domain.chat import JSON, ChatRequest
from llmchat.domain.job import JobId
from llmchat.jobs.records import Record

TURN_TOKENS = 500  # what a turn adds to an allowance: about one short question
_ANSWER_TOKENS = 500  # of an answer whose length is not limited
_MOST_TURNS = 8  # that one job may cost: even the largest one gets its turn soon
_CHARACTERS_PER_TOKEN = 4


class Line:
    """All operations take the same time, however many wait. `held` are accounts that have no turn
    for now: `hold` and `let_go` tell of each change of it.
    """

    def __init__(self, held: Set[str] = frozenset()) -> None:
        self._first: OrderedDict[JobId, Record] = OrderedDict()
        self._turns = (_turns_of_accounts(held), _turns_of_accounts(held))
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def ready(self) -> bool:
        """Whether there is somebody for `take`."""
        return bool(self._first) or any(self._turns)

    def hold(self, account: str) -> None:
        """Jobs of this account wait until it is let go; not those that had their turn before."""
        for turns in self._turns:
            turns.hold(account)

    def let_go(self, account: str) -> None:
        """The account takes turns again."""
        for turns in self._turns:
            turns.let_go(account)

    def add(self, record: Record) -> None:
        """Put a job behind the others of its user."""
        self._turns[record.job.request.background].add(record)
        self._length += 1

    def put_first(self, record: Record) -> None:
        """Put a job before all that had no turn yet, behind those that were put there earlier."""
        self._first[record.job.id] = record
        self._length += 1

    def remove(self, record: Record) -> bool:
        """Take a job out. False if it does not wait here."""
        found = self._first.pop(record.job.id, None) is not None or any(
            turns.remove(record) for turns in self._turns
        )
        self._length -= found
        return found

    def take(self) -> Record:
        """Take out the job whose turn it is. IndexError if there is none, or none is ready."""
        if self._first:
            record = self._first.popitem(last=False)[1]
        else:
            waiting = next((turns for turns in self._turns if turns), None)
            if waiting is None:
                raise IndexError("nobody waits")
            record = waiting.take()
        self._length -= 1
        return record

    def order(self) -> Iterator[Record]:
        """The jobs as `take` would give them, if nothing else came; those that are held come last
        of their kind.
        """
        return chain(self._first.values(), *(turns.order() for turns in self._turns))


class _Waiting(Protocol):
    """Some jobs in an order. `first` is what `take` would give, which changes only with that or
    `remove`; both want one to be there.
    """

    def __bool__(self) -> bool: ...
    def add(self, record: Record) -> None: ...
    def remove(self, record: Record) -> bool: ...
    def first(self) -> Record: ...
    def take(self) -> Record: ...
    def order(self) -> Iterator[Record]: ...


class _InOrder:
    """First come, first served."""

    def __init__(self) -> None:
        # Ordered dicts, since a plain one gets slow when its first items are taken out again and
        # again.
        self._jobs: OrderedDict[JobId, Record] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def add(self, record: Record) -> None:
        self._jobs[record.job.id] = record

    def remove(self, record: Record) -> bool:
        return self._jobs.pop(record.job.id, None) is not None

    def first(self) -> Record:
        return next(iter(self._jobs.values()))

    def take(self) -> Record:
        return self._jobs.popitem(last=False)[1]

    def order(self) -> Iterator[Record]:
        return iter(self._jobs.values())


@dataclass(slots=True)
class _One:
    waiting: _Waiting
    allowance: int = 0
    in_turn: bool = False  # has got what this turn adds


class _Turns:
    """Those who wait, in the order of their turns. `name_of` says whose a job is, `inside` makes
    the place for the jobs of one of them. Those of `held` stand aside.
    """

    def __init__(
        self,
        name_of: Callable[[Record], str],
        inside: Callable[[], _Waiting],
        held: Set[str] = frozenset(),
    ) -> None:
        self._name_of = name_of
        self._inside = inside
        self._held = held
        self._all: OrderedDict[str, _One] = OrderedDict()
        self._aside: OrderedDict[str, _One] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._all)

    def hold(self, name: str) -> None:
        """They stand aside. Their turn is not over: it would add to their allowance again."""
        if (one := self._all.pop(name, None)) is not None:
            self._aside[name] = one

    def let_go(self, name: str) -> None:
        """They come back, behind the others."""
        if (one := self._aside.pop(name, None)) is not None:
            self._all[name] = one

    def add(self, record: Record) -> None:
        name = self._name_of(record)
        place = self._aside if name in self._held else self._all
        one = place.get(name)
        if one is None:
            one = place[name] = _One(self._inside())
        one.waiting.add(record)

    def remove(self, record: Record) -> bool:
        name = self._name_of(record)
        one = self._all.get(name) or self._aside.get(name)
        if one is None or not one.waiting.remove(record):
            return False
        self._leave(name, one)
        return True

    def first(self) -> Record:
        """Give turns until somebody can pay."""
        while True:
            name, one = next(iter(self._all.items()))
            if not one.in_turn:
                one.allowance += TURN_TOKENS
                one.in_turn = True
            record = one.waiting.first()
            if cost(record.job.request) <= one.allowance:
                return record
            one.in_turn = False
            self._all.move_to_end(name)

    def take(self) -> Record:
        self.first()
        name, one = next(iter(self._all.items()))
        record = one.waiting.take()
        one.allowance -= cost(record.job.request)
        self._leave(name, one)
        return record

    def order(self) -> Iterator[Record]:
        """The same steps as those of `take`, on a copy that is made as far as it is needed."""
        everyone = iter(self._all.values())
        later: deque[_Visit] = deque()
        while True:
            one = next(everyone, None)
            if one is not None:
                visit = _Visit(one.waiting.order(), one.allowance, one.in_turn)
            elif later:
                visit = later.popleft()
            else:
                break
            yield from visit.turn()
            if visit.next is not None:
                later.append(visit)
        for one in self._aside.values():
            yield from one.waiting.order()

    def _leave(self, name: str, one: _One) -> None:
        """What is left of an allowance is not kept for later."""
        if not one.waiting:
            self._all.pop(name, None)
            self._aside.pop(name, None)


class _Visit:
    """One of those who wait, while the order is looked at."""

    __slots__ = ("_allowance", "_in_turn", "_jobs", "next")

    def __init__(self, jobs: Iterator[Record], allowance: int, in_turn: bool) -> None:
        self._jobs = jobs
        self._allowance = allowance
        self._in_turn = in_turn
        self.next = next(jobs, None)

    def turn(self) -> Iterator[Record]:
        if not self._in_turn:
            self._allowance += TURN_TOKENS
        self._in_turn = False
        while self.next is not None:
            price = cost(self.next.job.request)
            if price > self._allowance:
                return
            self._allowance -= price
            yield self.next
            self.next = next(self._jobs, None)


def _turns_of_accounts(held: Set[str]) -> _Turns:
    return _Turns(lambda record: record.account, _turns_of_users, held)


def _turns_of_users() -> _Turns:
    return _Turns(lambda record: record.job.request.user, _InOrder)


def cost(request: ChatRequest) -> int:
    """About how many tokens a job takes, as far as turns go."""
    characters = 0
    for message in request.messages:
        content = message.get("content")
        for part in content if isinstance(content, list) else [content]:
            text = part.get("text") if isinstance(part, dict) else part
            characters += len(text) if isinstance(text, str) else 0
    given = request.parameters
    if request.embeds:
        return min(_size(given.get("input")) // _CHARACTERS_PER_TOKEN, _MOST_TURNS * TURN_TOKENS)
    limit = given.get("max_completion_tokens") or given.get("max_tokens")
    answer = limit if isinstance(limit, int) else _ANSWER_TOKENS
    return min(characters // _CHARACTERS_PER_TOKEN + answer, _MOST_TURNS * TURN_TOKENS)


def _size(given: JSON) -> int:
    """About how many characters some texts have; they may be given as tokens."""
    if isinstance(given, list):
        return sum(map(_size, given))
    return len(given) if isinstance(given, str) else _CHARACTERS_PER_TOKEN
