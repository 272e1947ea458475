"""All checks, in the order in which one explains the next."""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace

from llmchat import __version__
from llmchat.app import make_children
from llmchat.config import Settings
from llmchat.doctor import files, reach, security
from llmchat.doctor.answers import answers
from llmchat.doctor.configuration import Configuration
from llmchat.doctor.port import port, server
from llmchat.doctor.report import Check, Report
from llmchat.doctor.tools import tools


def examine(flags: dict[str, str], environment: Mapping[str, str], *, as_json: bool) -> int:
    """Check everything and print it. Returns the exit code: 1 if something does not work."""
    report = Report(as_json=as_json)
    configuration = Configuration(flags, environment)
    report.add(_program())
    report.add(configuration.read())
    settings = configuration.settings
    report.add(files.page())
    report.add(files.data_folder(settings.data_dir))
    owner = None
    if settings.data_dir.is_dir():
        owner, found = files.owner(settings.data_dir)
        report.add(found)
        report.add(files.store(settings.data_dir, in_use=owner is not None))
    report.add(port(settings, owner))
    if owner is not None:
        report.add(server(owner))
    asyncio.run(_try(settings, report))
    report.end()
    return 1 if report.failed else 0


def examine_security(
    flags: dict[str, str], environment: Mapping[str, str], *, as_json: bool
) -> int:
    """Say how well the installation is closed; nothing is started. Returns the exit code."""
    report = Report(as_json=as_json)
    configuration = Configuration(flags, environment)
    report.add(_program())
    report.add(security.versions())
    report.add(configuration.read())
    settings = configuration.settings
    folder = settings.data_dir.absolute()
    report.add(security.account())
    report.add(security.data_folder(folder))
    report.add(security.keys(settings, environment))
    report.add(reach.address(settings))
    report.add(reach.endpoints(settings, folder))
    report.add(reach.tools(folder))
    report.end()
    return 1 if report.failed else 0


def _program() -> Iterator[Check]:
    frozen = ", an executable" if getattr(sys, "frozen", False) else ""
    system = f"{platform.system()} {platform.machine()}"
    told = f"llmchat {__version__}{frozen}, Python {platform.python_version()}, {system}"
    yield Check("program", "ok", told)


async def _try(settings: Settings, report: Report) -> None:
    children = make_children(replace(settings, log_level="error"))
    async for check in answers(settings, children):
        report.add([check])
    async for check in tools(settings.data_dir.absolute()):
        report.add([check])
