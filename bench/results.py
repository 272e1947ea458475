"""Where results go: build/bench/results.json, docs/performance.md and its plots."""

from __future__ import annotations

import datetime
import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from bench import plot, report
from bench.goals import Results
from bench.tools import BUILD, ROOT

PAGE = ROOT / "docs" / "performance.md"


def facts(root: Path, command: str) -> dict[str, str]:
    """Where, when, how and of what the figures are."""
    commit = _output("git", "-C", str(root), "rev-parse", "--short=12", "HEAD")
    return {
        "command": f"`{command.strip()}`",
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "llmchat": commit + (" with changes" if _output("git", "diff", "--shortstat") else ""),
        "machine": f"{os.cpu_count()} cores, {_processor()}, Linux {platform.release()}",
        "versions": ", ".join(
            part for part in (f"Python {platform.python_version()}", *_versions()) if part
        ),
    }


def save(results: Results, about: Mapping[str, str]) -> None:
    """Keep everything for programs."""
    BUILD.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"facts": about, "results": results}, indent=1)
    (BUILD / "results.json").write_text(text + "\n", encoding="utf-8")


def publish(results: Results, about: Mapping[str, str], page: Path = PAGE) -> None:
    """Renew the page and the plots beside it."""
    lines = [
        *(f"- {name}: {value}" for name, value in about.items()),
        "",
        report.goals_table(results),
        "",
    ]
    for name, text in plots(results).items():
        title = re.sub(r".*aria-label=\"([^\"]*)\".*", r"\1", text, flags=re.DOTALL)
        (page.parent / name).write_text(text, encoding="utf-8")
        lines += [f"![{title}]({name})", ""]
    lines.append(report.figures_table(results))
    write_part("\n".join(lines), page=page)


def write_part(text: str, part: str = "results", page: Path = PAGE) -> None:
    """Renew one part of the page."""
    whole = report.page_with(page.read_text(encoding="utf-8"), text, part)
    page.write_text(whole, encoding="utf-8")


def plots(results: Results) -> dict[str, str]:
    """The plots that there are figures for, by the names of their files."""
    found: dict[str, str] = {}
    unpaced = plot.group("", results.get("unpaced", {}), "tok/s")
    if unpaced[1]:
        title = "Tokens a second through the relay, 50 streams, unpaced (more is better)"
        found["performance-unpaced.svg"] = plot.bars(title, [unpaced])
    latency = [
        plot.group(report.TITLES[name], results[name], "added p99 ms")
        for name in ("100", "300", "1000")
        if name in results
    ]
    if latency:
        title = "Added latency of a token, p99 in ms (less is better)"
        found["performance-latency.svg"] = plot.bars(title, latency)
    return found


def _processor() -> str:
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def _versions() -> list[str]:
    nginx = _output("/usr/sbin/nginx", "-v")
    pins = [
        f"{name} {found[1]}"
        for name, file in (
            ("aiohttp", "requirements.txt"),
            ("openai", "requirements.txt"),
            ("FastAPI", "bench/requirements-seed.txt"),
            ("uvicorn", "bench/requirements-seed.txt"),
            ("LiteLLM", "bench/requirements-litellm.txt"),
        )
        if (found := re.search(rf"(?im)^{name}==(\S+)", (ROOT / file).read_text(encoding="utf-8")))
    ]
    return [nginx.replace("nginx version: ", "").replace("/", " "), *pins]


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    except FileNotFoundError:
        return ""
    return (done.stdout or done.stderr).strip()
