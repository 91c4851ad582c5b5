"""Whose word is taken for the identity of a server."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path

from nas_desktop.domain.errors import Refused


def client_tls(urls: Sequence[str], authorities: Path | None) -> ssl.SSLContext | None:
    """Return the context for ``wss://`` addresses, None where there is none of them.

    ``authorities`` is a PEM file; without it the system's authorities count.

    Raises:
        Refused: ``certificate_unusable``.
    """
    if not any(url.startswith("wss:") for url in urls):
        return None
    try:
        return ssl.create_default_context(cafile=str(authorities) if authorities else None)
    except (OSError, ssl.SSLError) as fault:
        raise Refused(
            "certificate_unusable",
            f"The authorities' certificates cannot be used ({type(fault).__name__}).",
            "Give a PEM file with --tls-ca.",
        ) from None
