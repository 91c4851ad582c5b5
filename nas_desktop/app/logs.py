"""The technical log: for engineers, without any VRM, name or token in it."""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
import time
from pathlib import Path

LOG_BYTES = 2_000_000
LOG_FILES = 3

# Anything that could be a VRM: 4 to 8 capitals and digits with both kinds in it. Our own words in
# capitals have no digits; hexadecimal is written in small letters.
_VRM_LIKE = re.compile(r"\b(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*\d)[A-Z0-9]{4,8}\b")
_TOKEN_LIKE = re.compile(r"\b[A-Za-z0-9_\-]{40,}={0,2}")


def masked(text: str) -> str:
    """Return text with whatever looks like a VRM or a token masked."""
    return _TOKEN_LIKE.sub("[token]", _VRM_LIKE.sub("[vrm]", text))


class _Masking(logging.Formatter):
    """Masks the finished line, tracebacks included: no caller can forget it. Times are GMT."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def set_up_logs(folder: Path | None, *, is_verbose: bool = False) -> None:
    """Log to standard error, and to a bounded set of files in a folder that can be written to."""
    formatter = _Masking("%(asctime)s %(levelname)s %(name)s: %(message)s")
    root = logging.getLogger("nas_desktop")
    root.setLevel(logging.INFO)
    root.propagate = False
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    words = logging.StreamHandler(sys.stderr)
    words.setLevel(logging.INFO if is_verbose else logging.ERROR)
    words.setFormatter(formatter)
    root.addHandler(words)
    if folder is not None:
        try:
            # The mode counts for the last part only, and the folder above is the profile.
            folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
            file = logging.handlers.RotatingFileHandler(
                folder / "node.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
            )
        except OSError as fault:
            root.warning("no log file: %s", fault.strerror)
            return
        file.setFormatter(formatter)
        root.addHandler(file)
    # Handshakes with strangers are the node's matter and counted there.
    logging.getLogger("nas_desktop.websockets").setLevel(logging.CRITICAL)
