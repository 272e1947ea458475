"""The collector of cycles after the start: it still collects, but not what was there before."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: a collector that is settled stays so.
_PROGRAM = """
import gc, weakref
from llmchat import garbage

class Knot: pass

def knot():
    one = Knot()
    one.self = one
    return weakref.ref(one)

garbage.settle()
late = knot()
print(gc.get_freeze_count() > 1_000, any(isinstance(o, type) for o in gc.get_objects()))
for _ in range(3_000_000):  # two full collections, for who does nothing but make knots
    knot()
print(late() is None)
"""


def test_what_exists_at_the_start_is_left_out_and_later_cycles_are_collected() -> None:
    run = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True)
    assert run.stdout.split() == ["True", "False", "True"], run.stderr
