"""Start-up: seconds from the start of the process to each sign of life.

`python bench/start.py [--program dist/llmchat] [--runs 5]`: listening, page served, question
accepted, first token of the embedded model; medians, and their ratio to a baseline of the same run:
a Python process that only imports aiohttp's server.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

STEPS = ("listening", "page", "accepted", "first token")
QUESTION = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8}


def measure(program: list[str]) -> list[float]:
    """Start the program once. Returns the seconds to each of STEPS."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        with subprocess.Popen(
            [*program, "--port", "0", "--no-browser", "--data-dir", folder],
            env={"PATH": os.environ["PATH"], "HOME": folder},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                return [moment - started for moment in _moments(process)]
            finally:
                process.terminate()


def _moments(process: subprocess.Popen[str]) -> list[float]:
    assert process.stdout is not None
    first = process.stdout.readline()
    url = next(word for word in first.split() if word.startswith("http://"))
    moments = [time.monotonic()]
    with urllib.request.urlopen(url) as page:
        page.read()
    moments.append(time.monotonic())
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/chat", json.dumps(QUESTION).encode(), headers)
    with urllib.request.urlopen(request) as reply:
        stream = json.load(reply)["stream"]
    moments.append(time.monotonic())
    with urllib.request.urlopen(url + stream) as events:
        while not events.readline().startswith(b"event: delta"):
            pass
    moments.append(time.monotonic())
    return moments


def baseline() -> float:
    """Seconds of a process that imports what every server of this kind needs."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", "import aiohttp.web"], check=True)
    return time.monotonic() - started


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=f"{sys.executable} -m llmchat")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    base, rows = [], []
    for _ in range(options.runs):
        base.append(baseline())
        rows.append(measure(options.program.split()))
    unit = statistics.median(base)
    print(f"baseline (import aiohttp.web): {unit:.2f} s")
    for step, values in zip(STEPS, zip(*rows, strict=True), strict=True):
        median = statistics.median(values)
        spread = f"{min(values):.2f} .. {max(values):.2f}"
        print(f"{step:12} {median:5.2f} s ({spread}), {median / unit:.1f} x the baseline")


if __name__ == "__main__":
    main()
