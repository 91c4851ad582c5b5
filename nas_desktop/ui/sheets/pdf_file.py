"""A PDF that is whole: Qt does not say whether the disk took what it wrote."""

from __future__ import annotations

from pathlib import Path

from nas_desktop.domain.errors import Refused
from nas_desktop.services import export_place as place


def finished(part: Path) -> str:
    """Return the digest of a PDF once the disk holds it; its last words say if it is whole.

    Raises:
        Refused: ``export_full``.
    """
    with part.open("rb") as file:
        file.seek(-min(1_024, part.stat().st_size), 2)
        if b"%%EOF" not in file.read():
            raise Refused(
                "export_full", "The report could not be written whole.", "Choose another disk."
            )
    place.make_durable(part)
    return place.digest_of(part)
