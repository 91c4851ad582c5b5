"""Being asked to stop by the system."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable


def on_stop_signals(tell: Callable[[str], None]) -> None:
    """Call ``tell`` with a word for it when the running loop's process is asked to stop."""
    loop = asyncio.get_running_loop()
    for number, word in ((signal.SIGTERM, "terminated"), (signal.SIGINT, "interrupted")):
        try:
            loop.add_signal_handler(number, tell, word)
        except NotImplementedError:  # Windows: Ctrl-C arrives as KeyboardInterrupt
            return
