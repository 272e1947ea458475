"""What an account may take: counted by its role, its minute and the day of the server."""

from __future__ import annotations

import time

import pytest

from llmchat.domain.access import OWNER, Caller, Role, Way
from llmchat.domain.account_limits import (
    GUEST_LIMITS,
    UNLIMITED,
    USER_LIMITS,
    AccountLimits,
    LimitError,
    parse_limits,
)
from llmchat.domain.job import Done, Failed, Usage
from llmchat.jobs.quotas import Day, Quotas


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def _met(quotas: Quotas, account: str, role: Role = Role.USER) -> str:
    quotas.meet(Caller(account, role, Way.SESSION))
    return account


def _refused(quotas: Quotas, account: str = "anna") -> LimitError:
    with pytest.raises(LimitError) as refusal:
        quotas.ask(account)
    assert refusal.value.status == 429
    assert refusal.value.headers == {"Retry-After": str(refusal.value.seconds)}
    return refusal.value


@pytest.mark.parametrize("limits", [USER_LIMITS, GUEST_LIMITS, UNLIMITED])
def test_limits_are_read_as_they_are_written(limits: AccountLimits) -> None:
    assert parse_limits(str(limits)) == limits


def test_what_is_not_named_has_no_limit() -> None:
    assert parse_limits(" running=2  queued=0 ") == AccountLimits(running=2)


@pytest.mark.parametrize(
    "text", ["running", "running=-1", "walking=1", "running=1 running=2", "running=x",
             "queued=9999999999999"],
)  # fmt: skip
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"a limit is|must be"):
        parse_limits(text)


def test_a_minute_slides_and_what_is_refused_does_not_count() -> None:
    clock = Clock(1000.0)
    quotas = Quotas(AccountLimits(per_minute=2), clock=clock)
    for _ in range(2):
        quotas.ask("anna")
        clock.now += 20
    for _ in range(3):
        assert (refusal := _refused(quotas)).code == "too-many-questions"
        assert refusal.seconds == 20
    quotas.ask("bert")
    clock.now += 20
    quotas.ask("anna")  # the first one is a minute ago
    assert _refused(quotas).seconds == 20


def test_each_role_has_its_own_limits_and_admins_and_the_owner_have_none() -> None:
    quotas = Quotas(AccountLimits(running=4), AccountLimits(running=2))
    for role, most in ((Role.GUEST, 2), (Role.USER, 4), (Role.ADMIN, 0)):
        assert quotas.most_running(_met(quotas, "anna", role)) == most
    assert quotas.most_running("never met") == 4
    # A guest who has the owner's account would be none.
    assert quotas.most_running(_met(quotas, OWNER, Role.GUEST)) == 0


def test_what_waits_is_counted_without_what_runs() -> None:
    quotas = Quotas(AccountLimits(queued=2))
    for _ in range(2):
        quotas.ask("anna")
        quotas.accept("anna")
    assert _refused(quotas).code == "too-many-queued"
    quotas.run("anna")
    quotas.ask("anna")
    quotas.accept("anna")
    _refused(quotas)
    quotas.rest("anna")
    quotas.end("anna", Done("stop"))
    _refused(quotas)
    quotas.end("anna", Failed("internal", ""))
    quotas.ask("anna")


async def test_tokens_are_read_once_counted_then_and_forgotten_at_midnight() -> None:
    clock = Clock(time.mktime((2026, 5, 4, 22, 58, 30, 0, 0, -1)))
    day = Day.of(clock.now)
    read = []

    async def tokens_since(account: str, since: int, until: int) -> int:
        read.append((account, since, until))
        return 70

    quotas = Quotas(AccountLimits(tokens_per_day=100), now=clock)
    quotas.tokens_since = tokens_since
    for _ in range(2):
        await quotas.prepare("anna")
        await quotas.prepare(OWNER)
    assert read == [("anna", day.begins, day.ends)]
    quotas.ask("anna")
    quotas.accept("anna")
    quotas.end("anna", Done("stop", Usage(prompt_tokens=10, completion_tokens=20)))
    refusal = _refused(quotas)
    assert (refusal.code, refusal.seconds) == ("tokens-used-up", 3690)
    assert "100 tokens" in refusal.message
    assert "1 h 2 min" in refusal.message
    clock.now += 3690
    quotas.ask("anna")
    assert (await quotas.use("anna")).used.tokens_per_day == 0


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_a_day_is_one_of_this_place(hour: int) -> None:
    for month, one in ((1, 1), (3, 29), (10, 25), (12, 31)):
        day = Day.of(time.mktime((2026, month, one, hour, 59, 59, 0, 0, -1)))
        first, last = (time.localtime(at / 1000) for at in (day.begins, day.ends - 1))
        assert first[:6] == (2026, month, one, 0, 0, 0)
        assert last[:5] == (2026, month, one, 23, 59)


async def test_a_stream_counts_as_long_as_it_is_open() -> None:
    quotas = Quotas(AccountLimits(streams=1))
    with quotas.stream("anna"):
        with quotas.stream("bert"):
            pass
        with pytest.raises(LimitError) as refusal, quotas.stream("anna"):
            raise AssertionError("it is open")
        assert refusal.value.code == "too-many-streams"
        assert (await quotas.use("anna")).used.streams == 1
    with quotas.stream("anna"):
        pass
