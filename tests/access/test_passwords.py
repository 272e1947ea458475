"""Passwords: their hashes, how many are made at once, and what one must be."""

from __future__ import annotations

import asyncio
import threading
import unicodedata

import pytest
from argon2 import PasswordHasher

from llmchat.access.errors import BusyError
from llmchat.access.passwords import PARALLEL, WAITING, Cost, Passwords, Verdict, _unknown, why_not
from llmchat.accounts.proof import Proof

CHEAP = Cost(memory_kib=64, rounds=1)
GOOD = "correct horse battery"


async def test_a_password_is_known_again_and_no_other_one() -> None:
    passwords = Passwords(CHEAP)
    stored = await passwords.hash(GOOD)
    assert stored.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert GOOD not in stored
    assert stored != await passwords.hash(GOOD)
    assert await passwords.verify(stored, GOOD) == Verdict(right=True)
    assert await passwords.verify(stored, GOOD + " ") == Verdict(right=False)
    passwords.close()


async def test_a_hash_of_another_cost_is_right_and_stale() -> None:
    passwords = Passwords(Cost(memory_kib=128, rounds=1))
    old = Passwords(CHEAP)
    stored = await old.hash(GOOD)
    assert await passwords.verify(stored, GOOD) == Verdict(right=True, stale=True)
    assert await passwords.verify(stored, "wrong one") == Verdict(right=False)


async def test_the_same_password_typed_on_another_system_is_the_same() -> None:
    passwords = Passwords(CHEAP)
    composed = unicodedata.normalize("NFC", "Grüße an alle")
    stored = await passwords.hash(composed)
    assert (await passwords.verify(stored, unicodedata.normalize("NFD", composed))).right


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=64,t=1,p=1$AA$AA"])
async def test_somebody_unknown_is_wrong_whatever_is_given(stored: str | None) -> None:
    passwords = Passwords(CHEAP)
    assert await passwords.verify(stored, GOOD) == Verdict(right=False)
    assert await passwords.verify(stored, "") == Verdict(right=False)


async def test_an_unknown_name_costs_the_same_work_as_a_known_one() -> None:
    """Told by what argon2 is asked to do, not by a clock."""
    hasher = PasswordHasher(memory_cost=64, time_cost=1, parallelism=1)
    known, unknown = hasher.hash(GOOD), _unknown(CHEAP)
    assert known.split("$")[1:4] == unknown.split("$")[1:4]
    assert list(map(len, known.split("$"))) == list(map(len, unknown.split("$")))


async def test_two_run_twenty_wait_and_the_next_one_is_refused() -> None:
    passwords = Passwords(Cost(memory_kib=64 * 1024, rounds=1))
    running = [asyncio.ensure_future(passwords.hash(GOOD)) for _ in range(PARALLEL + WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError) as refused:
        await passwords.hash(GOOD)
    assert refused.value.status == 429
    assert refused.value.headers == {"Retry-After": "2"}
    assert sum(t.name.startswith("password") for t in threading.enumerate()) == PARALLEL
    for task in running[PARALLEL:]:
        task.cancel()
    await asyncio.gather(*running[:PARALLEL])
    await asyncio.gather(*running, return_exceptions=True)
    assert (await passwords.hash(GOOD)).startswith("$argon2id$")  # those who left are not counted
    passwords.close()


async def test_who_leaves_while_a_thread_works_still_counts() -> None:
    passwords = Passwords(CHEAP)
    begun, go_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait()

    task = asyncio.ensure_future(passwords._run(work))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert passwords._held == 1
    go_on.set()
    assert (await passwords.verify(None, GOOD)).right is False
    passwords.close()


@pytest.mark.parametrize(
    ("password", "name", "words"),
    [
        ("1234567", "", "8 to 1024"),
        ("", "", "8 to 1024"),
        ("x" * 1025, "", "8 to 1024"),
        ("correct\0horse", "", "cannot be typed"),
        ("correct\ud800horse", "", "cannot be typed"),
        ("Annabella", "annabella", "must not be the name"),
        (" annabella ", "Annabella", "must not be the name"),
        ("aaaaaaaaaaaa", "", "first that others would try"),
        ("1212121212", "", "first that others would try"),
        ("Password123", "", "first that others would try"),
    ],
)
def test_what_is_no_password_is_told_without_it(password: str, name: str, words: str) -> None:
    reason = why_not(password, name)
    assert reason is not None
    assert words in reason
    assert not password or password not in reason


@pytest.mark.parametrize(
    "password", ["8 characters"[:8], "passphrase " * 90, "пароль-длинный", "🐎🔋🧷✔️🐎🔋🧷✔️"]
)
def test_any_other_one_may_be_chosen(password: str) -> None:
    assert why_not(password, "anna") is None


async def test_a_password_that_was_right_is_kept_anew_by_the_rules_of_its_day() -> None:
    passwords = Passwords(CHEAP)
    assert why_not("short") is not None
    stored = await Proof(passwords).renew("short")
    assert await passwords.verify(stored, "short") == Verdict(right=True)
    passwords.close()
