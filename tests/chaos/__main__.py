"""`python -m tests.chaos`: run seeds of chaos and say what was found; exit code 1 if anything."""

from __future__ import annotations

import argparse
import asyncio
import logging
import secrets
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.chaos.round import Round
from tests.chaos.server import BrokenError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="run this one seed; default: a random one")
    parser.add_argument("--seeds", type=int, default=1, help="run so many random seeds")
    parser.add_argument("--seconds", type=float, default=180.0, help="in all, shared by the seeds")
    options = parser.parse_args()
    # Endpoints whose client was killed have nothing to tell.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    seeds = [options.seed] if options.seed is not None else random_seeds(options.seeds)
    for seed in seeds:
        if not asyncio.run(run(seed, options.seconds / len(seeds))):
            return 1
    return 0


def random_seeds(count: int) -> list[int]:
    return [secrets.randbelow(2**32) for _ in range(count)]


async def run(seed: int, seconds: float) -> bool:
    """One seed. False if something was found; that is printed."""
    say(f"chaos: seed {seed}, about {seconds:.0f} s")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="llmchat-chaos-") as folder:
        one = Round(seed, Path(folder))
        try:
            summary = await one.run(seconds)
        except BrokenError as error:
            say(f"chaos: VIOLATION, seed {seed}, step {one.step} ({one.faults.now})\n{error}")
            tell_log(one)
            return False
        except Exception:  # noqa: BLE001 - a bug of this program must name its seed as well
            say(f"chaos: it broke itself, seed {seed}, step {one.step}\n{traceback.format_exc()}")
            tell_log(one)
            return False
    say(f"chaos: seed {seed} holds after {time.monotonic() - started:.0f} s: {summary}")
    return True


def tell_log(one: Round) -> None:
    say("the end of the log:\n" + one.server.log.read_text(errors="replace")[-3000:])


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
