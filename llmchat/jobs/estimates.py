"""How long a job will wait, from how long others took."""

from __future__ import annotations

_WEIGHT = 0.2  # of the newest measurement
_CALM_SECONDS = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90)


class Estimates:
    """Seconds that the jobs of each endpoint ran lately."""

    def __init__(self) -> None:
        self._means: dict[str, float] = {}

    def measured(self, endpoint: str, seconds: float) -> None:
        """A job ran there for so long."""
        mean = self._means.get(endpoint, seconds)
        self._means[endpoint] = mean + _WEIGHT * (seconds - mean)

    def eta(self, endpoint: str, position: int, slots: int) -> float | None:
        """Seconds until the job at a position (1, 2 ...) starts; None while nobody knows."""
        mean = self._means.get(endpoint)
        if mean is None or slots < 1:
            return None
        # Those that run are half done on average.
        return calm(mean * (position - 0.5) / slots)


def calm(seconds: float) -> float:
    """A time as people say it: 15 s, 20 s, 2 min."""
    for step in _CALM_SECONDS:
        if seconds <= step:
            return float(step)
    return 60.0 * max(2, round(seconds / 60))
