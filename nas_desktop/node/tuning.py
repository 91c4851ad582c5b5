"""How the interpreter shares itself out in a node."""

from __future__ import annotations

import gc
import sys

SWITCH_S = 0.000_5
"""Longest a thread keeps the interpreter while another wants it, seconds.

The default is ten times that: a list that is being read in a thread would make matching, which is
on the loop's thread, wait 5 ms each time the two meet.
"""


def tune() -> None:
    """Keep threads that work beside matching from holding it up; once, when all is loaded.

    What exists by now lives as long as the node does, so the garbage collector need not walk it
    again and again, which would stop every thread for tens of milliseconds.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
