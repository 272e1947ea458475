"""For the tests of threats: the browser of tests/browser, and numbers for docs/security.md."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from _pytest.terminal import TerminalReporter

from tests.browser.conftest import (
    browser,
    context,
    fake,
    libraries,
    page,
    provider,
    server,
    watched,
)

__all__ = ["browser", "context", "fake", "libraries", "page", "provider", "server", "watched"]

_NAME = "security"
Tell = Callable[[str], None]


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Say what a test has counted: it stands below the results, whichever process has run it."""
    return lambda line: record_property(_NAME, line)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    told = [
        str(value)
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == _NAME
    ]
    if told:
        terminalreporter.section("counted")
        for line in told:
            terminalreporter.write_line(line)
