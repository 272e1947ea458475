"""When a failed request is made again: never after text was shown, and never in a storm."""

from __future__ import annotations

import random

from llmchat.domain.errors import ProviderError
from llmchat.providers.base import LONGEST_WAIT_SECONDS

PATIENCE_SECONDS = 2.0
DELAYS_SECONDS = (0.5, 1.0)  # two retries, as for a refused connection


def delay_before_retry(
    error: ProviderError, failures: int, *, others: bool = False
) -> float | None:
    """Seconds to wait after the `failures`-th failure (1, 2 ...) of a job; None to give up.

    What the endpoint asks for by Retry-After is granted once, and only up to a minute, or up to
    two seconds if there are `others` to ask.
    """
    if not error.transient or failures > len(DELAYS_SECONDS):
        return None
    if error.retry_after_seconds is not None:
        longest = PATIENCE_SECONDS if others else LONGEST_WAIT_SECONDS
        granted = failures == 1 and error.retry_after_seconds <= longest
        return error.retry_after_seconds if granted else None
    return DELAYS_SECONDS[failures - 1] * random.uniform(1.0, 1.3)  # noqa: S311 - not a secret
