"""The collector of cycles, kept from stopping the streams for long.

A full collection visits every object there is: the modules of openai and aiohttp alone cost it
15 ms, and those of a thousand streams 100 (docs/decisions.md, "Relay").
"""

from __future__ import annotations

import gc

_RARELY = 200  # collections of the middle generation before a full one; Python's default is 10


def settle() -> None:
    """Leave out what exists now, which will stay, and look at all of the rest more rarely."""
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _RARELY)
