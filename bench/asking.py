"""Requests to a server one after the other, and how long each took."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Sequence
from http.client import HTTPConnection
from typing import Any

from bench.goals import Figures


class FailedError(Exception):
    """The server answered with an error."""


class Client:
    """One kept connection; `figures` are of the requests since the last `figures`."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self._times: list[float] = []
        self._sizes: list[int] = []

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        return self._ask("GET", path, None)

    def post(self, path: str, document: dict[str, Any]) -> Any:
        """The JSON that a POST of JSON is answered with."""
        return self._ask("POST", path, json.dumps(document).encode())

    def figures(self) -> Figures:
        """Times in ms, and the largest answer in KB."""
        found = {**times(self._times), "kb": max(self._sizes) / 1e3}
        self._times, self._sizes = [], []
        return found

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        headers = {} if body is None else {"Content-Type": "application/json"}
        started = time.perf_counter()
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        data = response.read()
        self._times.append(time.perf_counter() - started)
        self._sizes.append(len(data))
        if response.status >= 400:
            raise FailedError(f"{method} {path}: {response.status} {data[:300]!r}")
        return json.loads(data)


def times(seconds: Iterable[float]) -> Figures:
    """Percentiles in ms."""
    ordered = sorted(seconds)
    return {
        "p50 ms": at(ordered, 0.5) * 1e3,
        "p95 ms": at(ordered, 0.95) * 1e3,
        "max ms": ordered[-1] * 1e3,
        "count": len(ordered),
    }


def at(ordered: Sequence[float], part: float) -> float:
    """The value that this part of the values does not exceed."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]
