"""The jobs that wait for one endpoint, and whose turn it is.

Interactive ones come before background ones. Within each kind users take turns by deficit round
robin: a user has a turn once per round, and what a job is expected to cost is paid from an
allowance that each turn adds to, so that nobody gets more than a share by asking more, or longer,
questions (Shreedhar and Varghese, 1995). The jobs of one user keep their order.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from llmchat.domain.chat import JSON, ChatRequest
from llmchat.domain.job import JobId
from llmchat.jobs.records import Record

TURN_TOKENS = 500  # what a turn adds to a user's allowance: about one short question
_ANSWER_TOKENS = 500  # of an answer whose length is not limited
_MOST_TURNS = 8  # that one job may cost: even the largest one gets its turn soon
_CHARACTERS_PER_TOKEN = 4


@dataclass(slots=True)
class _User:
    jobs: OrderedDict[JobId, Record] = field(default_factory=OrderedDict)
    allowance: int = 0
    in_turn: bool = False  # has got what this turn adds


class Line:
    """All operations take the same time, however many wait."""

    def __init__(self) -> None:
        self._first: OrderedDict[JobId, Record] = OrderedDict()
        self._turns = (_Turns(), _Turns())
        self._length = 0

    def __len__(self) -> int:
        return self._length

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
        """Take out the job whose turn it is. IndexError if there is none."""
        if self._first:
            record = self._first.popitem(last=False)[1]
        else:
            record = next(turns for turns in (*self._turns, _Nobody()) if turns).take()
        self._length -= 1
        return record

    def order(self) -> Iterator[Record]:
        """The jobs as `take` would give them, if nothing else came."""
        return chain(self._first.values(), *(turns.order() for turns in self._turns))


class _Nobody:
    def take(self) -> Record:
        raise IndexError("nobody waits")


class _Turns:
    """The users of one kind in the order of their turns."""

    def __init__(self) -> None:
        # Ordered dicts, since a plain one gets slow when its first items are taken out again and
        # again.
        self._users: OrderedDict[str, _User] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._users)

    def add(self, record: Record) -> None:
        name = record.job.request.user
        user = self._users.get(name)
        if user is None:
            user = self._users[name] = _User()
        user.jobs[record.job.id] = record

    def remove(self, record: Record) -> bool:
        name = record.job.request.user
        user = self._users.get(name)
        if user is None or user.jobs.pop(record.job.id, None) is None:
            return False
        if not user.jobs:
            del self._users[name]
        return True

    def take(self) -> Record:
        while True:
            name, user = next(iter(self._users.items()))
            if not user.in_turn:
                user.allowance += TURN_TOKENS
                user.in_turn = True
            record = next(iter(user.jobs.values()))
            price = cost(record.job.request)
            if price <= user.allowance:
                user.allowance -= price
                self.remove(record)
                return record
            user.in_turn = False
            self._users.move_to_end(name)

    def order(self) -> Iterator[Record]:
        """The same steps as those of `take`, on a copy that is made as far as it is needed."""
        users = iter(self._users.values())
        later: deque[_Visit] = deque()
        while True:
            user = next(users, None)
            if user is not None:
                visit = _Visit(iter(user.jobs.values()), user.allowance, user.in_turn)
            elif later:
                visit = later.popleft()
            else:
                return
            yield from visit.turn()
            if visit.next is not None:
                later.append(visit)


class _Visit:
    """A user while the order is looked at."""

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
