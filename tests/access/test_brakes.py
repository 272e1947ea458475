"""T-BRAKE: guessing gets slow, and nobody is locked out by a stranger."""

from __future__ import annotations

import pytest

from llmchat.access import brakes
from llmchat.access.brakes import ALLOWANCE, FREE, Brakes, network_of
from llmchat.access.errors import TooManyAttemptsError

HERE, THERE = "203.0.113.5", "198.51.100.7"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def braked(clock: Clock) -> Brakes:
    return Brakes(clock)


def wait_of(brakes: Brakes, account: str, address: str, device: str | None = None) -> float:
    with pytest.raises(TooManyAttemptsError) as refused:
        brakes.admit(account, address, device)
    assert int(refused.value.headers["Retry-After"]) >= refused.value.seconds > 0
    return refused.value.seconds


def test_five_are_free_and_then_the_wait_doubles_up_to_a_minute(
    braked: Brakes, clock: Clock
) -> None:
    waits = []
    for _ in range(FREE):
        braked.admit("anna", HERE)
    for _ in range(9):
        waits.append(wait_of(braked, "anna", HERE))
        clock.now += waits[-1] - 0.01
        wait_of(braked, "anna", HERE)  # not a moment earlier
        clock.now += 0.01
        braked.admit("anna", HERE)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_what_is_refused_makes_the_wait_no_longer(braked: Brakes, clock: Clock) -> None:
    for _ in range(FREE):
        braked.admit("anna", HERE)
    for _ in range(1000):
        wait_of(braked, "anna", HERE)
    clock.now += 1
    braked.admit("anna", HERE)


def test_tries_count_before_it_is_known_how_they_end(braked: Brakes) -> None:
    """Thirty requests at once get as far as five."""
    admitted = 0
    for _ in range(30):
        try:
            braked.admit("anna", HERE)
        except TooManyAttemptsError:
            continue
        admitted += 1
    assert admitted == FREE


def test_an_address_is_braked_over_all_accounts_and_an_account_over_its_spellings(
    braked: Brakes,
) -> None:
    for number in range(FREE):
        braked.admit(f"name{number}", HERE)
    assert wait_of(braked, "another", HERE) == 1
    for name in ("Bert", "bert", " BERT ", "ＢＥＲＴ", "bert"):
        braked.admit(name, THERE)
    assert braked._accounts.kept[("bert",)].count == FREE


def test_a_network_of_ipv6_is_one_address(braked: Brakes) -> None:
    for number in range(FREE):
        braked.admit(f"name{number}", f"2001:db8:1:2:{number}::1")
    assert wait_of(braked, "anna", "2001:db8:1:2:ffff::9") == 1
    braked.admit("anna", "2001:db8:1:3::1")
    assert network_of("::ffff:203.0.113.5") == network_of(HERE) == HERE
    assert network_of("fe80::1%eth0") == network_of("fe80::2")
    assert len(network_of("x" * 10_000)) < 300


def test_success_is_forgiven_but_never_for_the_address(braked: Brakes, clock: Clock) -> None:
    """Or guessing would go on for ever between two log-ins to an account of one's own."""
    tries = 0
    for _ in range(20):
        try:
            braked.admit("mallory", HERE).succeeded()
            braked.admit("anna", HERE)
        except TooManyAttemptsError:
            break
        tries += 1
    assert tries == FREE
    braked.admit("anna", THERE).succeeded()
    assert ("anna",) not in braked._accounts.kept


def test_a_right_try_and_one_that_was_not_made_cost_nothing(braked: Brakes) -> None:
    for _ in range(50):
        braked.admit("anna", HERE).succeeded()
        braked.admit("anna", HERE).withdrawn()
    for _ in range(FREE):
        braked.admit("anna", HERE)
    wait_of(braked, "anna", HERE)


def test_a_stranger_cannot_keep_somebody_out(braked: Brakes, clock: Clock) -> None:
    """They guess whenever they can, for hours; the owner comes from elsewhere, and mistypes."""
    guesses = 0
    for second in range(4 * 3600):
        clock.now += 1
        try:
            braked.admit("anna", THERE)
            guesses += 1
        except TooManyAttemptsError:
            pass
        if second % 1800 == 1799:
            braked.admit("anna", HERE)
            braked.admit("anna", HERE).succeeded()
    assert 4 * 60 <= guesses < 4 * 60 + 20


def test_many_networks_together_get_few_tries(braked: Brakes, clock: Clock) -> None:
    admitted = 0
    for second in range(3600):
        clock.now += 1
        for number in range(3):
            bot = f"10.{second % 250}.{second // 250}.{number}"
            try:
                braked.admit("anna", bot)
            except TooManyAttemptsError:
                continue
            admitted += 1
    assert FREE + ALLOWANCE < admitted < 400
    assert wait_of(braked, "anna", HERE) <= 60


def test_a_known_browser_is_braked_by_its_own_tries_only(braked: Brakes, clock: Clock) -> None:
    for number in range(200):
        try:
            braked.admit("anna", f"10.0.{number}.1")
            braked.admit("bert", HERE)
        except TooManyAttemptsError:
            continue
    wait_of(braked, "anna", HERE)
    for _ in range(FREE):
        braked.admit("anna", HERE, "browser 1")
    assert wait_of(braked, "anna", HERE, "browser 1") == 1
    braked.admit("anna", HERE, "browser 2").succeeded()
    wait_of(braked, "bert", HERE)  # it is known to another account


def test_what_was_long_ago_is_forgotten_and_little_is_kept(
    braked: Brakes, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(FREE):
        braked.admit("anna", HERE)
    clock.now += brakes.FORGET_SECONDS + 1
    for _ in range(FREE):
        braked.admit("anna", HERE)
    wait_of(braked, "anna", HERE)
    monkeypatch.setattr(brakes, "ENTRIES", 50)
    for number in range(500):
        braked.admit(f"name{number}" + "x" * 5000, f"10.0.{number % 250}.{number // 250}")
    tables = (braked._accounts, braked._addresses, braked._pairs)
    assert [len(table.kept) for table in tables] == [50, 50, 50]
    assert all(len(str(key)) < 600 for table in tables for key in table.kept)
