"""Replay files: reads from CSV or JSON lines, one at a time, with every fault named by its line.

``read_replay`` never holds more than a few lines, never stops at a bad one, and yields only reads
that ``domain.read.accept_read`` accepts.
"""

from nas_desktop.adapters.replay.fields import ReplayFault
from nas_desktop.adapters.replay.reader import read_replay

__all__ = ["ReplayFault", "read_replay"]
