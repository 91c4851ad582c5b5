"""What windows hand out about hits, put on record before it leaves (domain facts 6.5)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nas_desktop.domain.access import Operator
from nas_desktop.domain.errors import Refused
from nas_desktop.services.audit import AuditAction, AuditRecord
from nas_desktop.services.exports import highest
from nas_desktop.services.sheets import MOST_HITS, SheetKind, SheetRecord

if TYPE_CHECKING:
    from nas_desktop.node.node import Node

MOST_TEXT = 300
NAMED = 40
"""Hits named in the record of a handover; the rest are counted."""

_DIGEST = frozenset("0123456789abcdef")


async def record_sheet(
    node: Node, sheet: SheetRecord, operator: Operator | None, workstation: str, session: str
) -> str:
    """Put a line or sheet on record; returns its event.

    The marking is the highest of what the window says and of the entries behind the hits.

    Raises:
        Refused: ``unknown_hit``, ``sheet_hits``, ``sheet_digest``; nothing is on record then.
    """
    hits = sheet.hits
    if len(hits) > MOST_HITS or (sheet.kind is not SheetKind.HANDOVER and not hits):
        raise Refused("sheet_hits", f"A sheet is about 1 to {MOST_HITS:,} hits.")
    for digest in (sheet.file_sha256, sheet.text_sha256):
        if digest and (len(digest) != 64 or not set(digest) <= _DIGEST):
            raise Refused("sheet_digest", "The digest of the sheet is none.", "Write it again.")
    if sheet.kind is not SheetKind.LINE and not sheet.file_sha256:
        raise Refused("sheet_digest", "The digest of the sheet is missing.", "Write it again.")
    known = await node.stores.on_operational(node.stores.operational.hits_of, hits)
    if len(known) < len(set(hits)) and sheet.kind is not SheetKind.HANDOVER:
        raise Refused("unknown_hit", "This node does not know the hit.")
    event = os.urandom(16).hex()
    named = ",".join(hit_id.hex() for hit_id in hits[:NAMED])
    detail = {
        "what": str(sheet.kind),
        "file": sheet.path[:MOST_TEXT],
        "hits": named if sheet.kind is SheetKind.HANDOVER or len(hits) > 1 else "",
        "text_sha256": sheet.text_sha256,
    }
    markings = [reason.entry.gsc for hit in known for reason in hit.reasons]
    await node.stores.record(
        AuditRecord(
            AuditAction.COPY if sheet.kind is SheetKind.LINE else AuditAction.PRINT,
            node.clock.now(),
            operator.username if operator is not None else "",
            workstation,
            session,
            hits[0].hex() if hits and sheet.kind is not SheetKind.HANDOVER else "",
            {key: words for key, words in detail.items() if words},
            event_id=event,
            result_count=len(hits),
            recipients=sheet.taker[:MOST_TEXT],
            gsc=highest([sheet.gsc, *markings]),
            file_sha256=sheet.file_sha256,
        )
    )
    return event
