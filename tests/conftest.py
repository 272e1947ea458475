"""For all tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import canary

# How long an example takes says more of what else the machine does.
settings.register_profile("llmchat", deadline=None)
settings.load_profile("llmchat")
# A shell starts what goes on in the background without Ctrl+C, and the programs of the tests would
# inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _no_trace_of_the_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """T-SECRET: what the tests of this process have left behind has no key in it."""
    yield
    assert canary.traces(tmp_path_factory.getbasetemp()) == []
