"""What windows hand out about hits is on record at the node, with its marking and digests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import HitId
from nas_desktop.node.node import Node
from nas_desktop.services.audit import AuditAction
from nas_desktop.services.events import HitsRaised
from nas_desktop.services.sheets import SheetKind, SheetRecord
from tests.nodes import a_caller, a_node, a_window, live_entry, now_item, publish
from tests.nodes import m as messages

DIGEST = "ab" * 32


def records(node: Node, action: AuditAction) -> list[Any]:
    return [r for _seq, r in node.stores.audit.records(1, 10_000) if r.action is action]


async def a_hit_on(node: Node, window: Any) -> HitId:
    assert node.port is not None
    await publish(node.port, live_entry(gsc="OFFICIAL-SENSITIVE"))
    async with a_caller(node.port, "demo-cameras", "camera") as cameras:
        await cameras.ask(lambda n: messages.SendReads(n, [now_item()]))
    event = await window.until(lambda e: isinstance(e, HitsRaised) and bool(e.hits))
    return HitId(event.hits[0].hit_id)


async def test_that_lines_and_sheets_are_on_record_under_the_higher_marking(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        hit_id = await a_hit_on(node, window)
        sheets = window.link.sheets
        line = await sheets.record(SheetRecord(SheetKind.LINE, (hit_id,), "OFFICIAL"))
        sheet = await sheets.record(
            SheetRecord(SheetKind.HIT, (hit_id,), "OFFICIAL", "/tmp/hit.pdf", DIGEST)
        )
        over = await sheets.record(
            SheetRecord(
                SheetKind.HANDOVER,
                (hit_id, HitId(b"?" * 16)),
                "OFFICIAL",
                "/tmp/h.pdf",
                DIGEST,
                "cd" * 32,
                "B. Rees",
            )
        )
        (copied,) = records(node, AuditAction.COPY)
        assert (copied.event_id, copied.subject) == (line, hit_id.hex())
        assert (copied.gsc, copied.username) == ("OFFICIAL-SENSITIVE", "demo-operator")
        printed, handed = records(node, AuditAction.PRINT)
        assert (printed.event_id, printed.file_sha256) == (sheet, DIGEST)
        assert printed.detail == {"what": "hit", "file": "/tmp/hit.pdf"}
        assert (handed.event_id, handed.recipients) == (over, "B. Rees")
        assert handed.detail["text_sha256"] == "cd" * 32
        assert handed.result_count == 2


@pytest.mark.parametrize(
    ("kind", "hits", "digest", "code"),
    [
        (SheetKind.LINE, (b"?" * 16,), "", "unknown_hit"),
        (SheetKind.LINE, (), "", "sheet_hits"),
        (SheetKind.HIT, (b"?" * 16,), "", "sheet_digest"),
        (SheetKind.HANDOVER, (), "zz", "sheet_digest"),
    ],
)
async def test_that_a_sheet_that_cannot_be_is_refused(
    tmp_path: Path, kind: SheetKind, hits: tuple[bytes, ...], digest: str, code: str
) -> None:
    async with a_node(tmp_path) as node, a_window(node) as window:
        sheet = SheetRecord(kind, tuple(HitId(h) for h in hits), "OFFICIAL", "", digest)
        with pytest.raises(Refused) as refused:
            await window.link.sheets.record(sheet)
        assert refused.value.code == code
        assert not records(node, AuditAction.PRINT) + records(node, AuditAction.COPY)


async def test_that_only_people_who_see_hits_may(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node, a_window(node, "demo-lists") as window:
        with pytest.raises(Refused) as refused:
            await window.link.sheets.record(
                SheetRecord(SheetKind.HANDOVER, (), "OFFICIAL", "", DIGEST)
            )
        assert refused.value.code == "not_permitted"
