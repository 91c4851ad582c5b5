"""A scripted ``SheetLink``: remembers what goes on record."""

from __future__ import annotations

from nas_desktop.domain.errors import Refused
from nas_desktop.services.sheets import SheetRecord


class FakeSheetLink:
    """Records at once; ``refusal`` makes every record fail."""

    def __init__(self) -> None:
        self.records: list[SheetRecord] = []
        self.refusal: Refused | None = None

    async def record(self, sheet: SheetRecord) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.records.append(sheet)
        return f"event {len(self.records)}"
