"""The metrics in Prometheus's text format, written by its own client library."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client import CollectorRegistry, Metric, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.registry import Collector

from llmchat import __version__
from llmchat.jobs.metrics import EndpointMetrics, Figures, Histogram, Metrics

__all__ = ["CONTENT_TYPE", "text"]

_process = ProcessCollector(registry=None)


def text(metrics: Metrics, figures: Figures, open_streams: int) -> bytes:
    """All metrics; what is never negative and only grows since the start is a counter."""
    registry = CollectorRegistry()
    registry.register(_Collector(metrics, figures, open_streams))
    return generate_latest(registry)


class _Collector(Collector):
    def __init__(self, metrics: Metrics, figures: Figures, open_streams: int) -> None:
        self._metrics = metrics
        self._figures = figures
        self._open_streams = open_streams

    def collect(self) -> Iterator[Metric]:
        yield from _present(self._figures)
        yield _gauge("open_streams", "Event streams that are open.", self._open_streams)
        yield from _of_endpoints(self._metrics.endpoints)
        yield from _of_program(self._metrics)
        yield InfoMetricFamily(
            "llmchat_build",
            "The version that runs.",
            {"version": __version__, "python": platform.python_version()},
        )
        yield from _process.collect()


def _present(figures: Figures) -> Iterator[Metric]:
    jobs = GaugeMetricFamily(
        "llmchat_jobs", "Jobs that are not over.", labels=("state", "endpoint")
    )
    for state, counts in (("queued", figures.waiting), ("running", figures.running)):
        for endpoint, count in counts.items():
            jobs.add_metric((state, endpoint), count)
    yield jobs
    waiting = sum(figures.waiting.values())
    yield _gauge("queue_length", "Jobs that wait, at all endpoints.", waiting)
    yield _gauge("jobs_limit", "Jobs that may wait or run at once.", figures.most_jobs)
    yield _gauge("workers", "Worker processes that there should be.", figures.workers)
    yield _gauge("workers_up", "Worker processes that take jobs.", figures.workers_up)
    yield _gauge("store_full", "1 while the disk is too full for new jobs.", figures.store_full)


def _of_endpoints(endpoints: Mapping[str, EndpointMetrics]) -> Iterator[Metric]:
    ended = _counter("jobs_ended", "Jobs that are over: done, cancelled, or a code of an error.")
    tokens = _counter("tokens", "Tokens, as endpoints count them.", "kind")
    deltas = CounterMetricFamily(
        "llmchat_deltas", "Pieces of text that came from an endpoint.", labels=("endpoint",)
    )
    sizes = CounterMetricFamily(
        "llmchat_text_bytes", "The text in them, as JSON has it.", labels=("endpoint",)
    )
    waits = _histogram("queue_wait_seconds", "From the question to its first start at a worker.")
    firsts = _histogram("first_token_seconds", "From that start to the first text.")
    gaps = _histogram("inter_token_seconds", "Between two pieces of text of one answer.")
    for name, one in endpoints.items():
        for outcome, count in one.ended.items():
            ended.add_metric((name, outcome), count)
        for kind, count in one.tokens.items():
            tokens.add_metric((name, kind), count)
        deltas.add_metric((name,), one.deltas)
        sizes.add_metric((name,), one.text_bytes)
        for family, histogram in ((waits, one.waits), (firsts, one.first_texts), (gaps, one.gaps)):
            _add(family, histogram, name)
    yield from (ended, tokens, deltas, sizes, waits, firsts, gaps)


def _of_program(metrics: Metrics) -> Iterator[Metric]:
    restarts = CounterMetricFamily(
        "llmchat_process_restarts",
        "Processes that ended by themselves and were replaced.",
        labels=("process",),
    )
    for process, count in metrics.restarts.items():
        restarts.add_metric((process,), count)
    yield restarts
    for name, help_text, histogram in (
        ("event_loop_lag_seconds", "How late the loop comes to what is due.", metrics.lags),
        ("commit_seconds", "A commit of the store.", metrics.commits),
        ("commit_writes", "Writes that share a commit.", metrics.writes),
    ):
        family = HistogramMetricFamily(f"llmchat_{name}", help_text)
        _add(family, histogram)
        yield family


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"llmchat_{name}", help_text, value)


def _counter(name: str, help_text: str, label: str = "outcome") -> CounterMetricFamily:
    return CounterMetricFamily(f"llmchat_{name}", help_text, labels=("endpoint", label))


def _histogram(name: str, help_text: str) -> HistogramMetricFamily:
    return HistogramMetricFamily(f"llmchat_{name}", help_text, labels=("endpoint",))


def _add(family: HistogramMetricFamily, histogram: Histogram, *labels: str) -> None:
    bounds = [*(str(float(bound)) for bound in histogram.bounds), "+Inf"]
    counts = accumulate(histogram.counts)
    family.add_metric(labels, list(zip(bounds, counts, strict=True)), histogram.total)
