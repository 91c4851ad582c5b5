"""What a session asks of searches beside the rows: authorities, saved, past, preserved."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec

from nas_desktop import __version__
from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.query import Where, query_from
from nas_desktop.domain.read import ReadId
from nas_desktop.domain.search_access import Purpose, SearchReason
from nas_desktop.node.search_run import SearchRun
from nas_desktop.node.search_who import Who
from nas_desktop.services.audit import AuditAction, AuditFilter, AuditRecord
from nas_desktop.services.events import ImageKind
from nas_desktop.services.searches import PastSearch, Preserved, SavedSearch

if TYPE_CHECKING:
    from nas_desktop.node.node import Node

MOST_PRESERVED = 1_000
MOST_NAME = 80


class SearchKept:
    """Answers one session; remembers which question and reason each of its searches had."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._questions: dict[int, tuple[m.Search, str]] = {}

    def remember(self, run: SearchRun, question: m.Search, event: str) -> None:
        """Note what a search was asked with, and the event that its records belong to."""
        self._questions[id(run)] = (question, event)

    def question_of(self, run: SearchRun) -> tuple[m.Search, str]:
        """Return what a search was asked with, and the event that its records belong to."""
        return self._questions[id(run)]

    # ------------------------------------------------------------------ authorities

    async def authorities(
        self, message: m.PutAuthority | m.Countersign | m.WantAuthorities, number: int, who: Who
    ) -> m.Message:
        """Give, countersign or list authorities; the node above has to know of them as well."""
        room, above = self._node.searches.authorities, self._node.searches_above
        match message:
            case m.PutAuthority(authority=authority):
                if above is not None:
                    answer = await self._above(message, who)
                    (stored,) = answer.authorities
                    await room.keep(stored)
                    return m.Authorities(number, [stored])
                return m.Authorities(number, [await room.give(authority, who)])
            case m.Countersign(authority_id=authority_id):
                if above is not None:
                    answer = await self._above(message, who)
                    (signed,) = answer.authorities
                    await room.keep(signed)
                    return m.Authorities(number, [signed])
                return m.Authorities(number, [await room.countersign(authority_id, who)])
            case m.WantAuthorities():
                if above is not None and above.client.is_ready:
                    answer = await self._above(message, who)
                    for one in answer.authorities:
                        await room.keep(one)
                return m.Authorities(number, await room.of(who.username))

    async def _above(self, message: Any, who: Who) -> Any:  # Any: one of three messages
        above = self._node.searches_above
        assert above is not None
        answer = await above.ask(
            lambda number: msgspec.structs.replace(message, request=number, on_behalf=who.username)
        )
        if not isinstance(answer, m.Authorities):
            raise Refused("link_down", "The server gave another answer than was asked for.")
        return answer

    # ------------------------------------------------------------------ saved and past

    async def saved(self, message: m.SaveSearch | m.WantSaved, number: int, who: Who) -> m.Message:
        """Keep, drop or list saved questions."""
        stores = self._node.stores
        if isinstance(message, m.SaveSearch):
            if not message.query:
                await stores.on_searches(stores.searches.forget, message.saved_id, who.username)
            else:
                name = " ".join(message.name.split())
                if not 1 <= len(name) <= MOST_NAME:
                    raise Refused(
                        "name_empty", f"A name has 1 to {MOST_NAME} characters.", "Give one."
                    )
                await stores.on_searches(
                    stores.searches.save,
                    SavedSearch(
                        os.urandom(8).hex(), name, who.username, query_from(message.query).text,
                        message.where, self._node.clock.now(), message.is_shared,
                    ),
                )  # fmt: skip
        every = await stores.on_searches(stores.searches.saved, who.username)
        return m.SavedSearches(number, every)

    async def past(self, number: int, limit: int, who: Who) -> m.Message:
        """Return somebody's own searches, from the audit."""
        limit = max(1, min(limit, 500))
        stores = self._node.stores
        found: list[PastSearch] = []
        wanted = AuditFilter(
            actions=(AuditAction.SEARCH, AuditAction.SEARCH_DONE, AuditAction.DENIED),
            username=who.username,
        )
        counts: dict[str, int] = {}
        before = 0
        while len(found) < limit:
            page = await stores.audit.database.call(stores.audit.page, wanted, before, 500)
            for row in page.rows:
                record = row.record
                if record.action is AuditAction.SEARCH_DONE:
                    counts[record.event_id] = record.result_count or 0
                elif record.criteria:
                    found.append(_past(record, counts.get(record.event_id, 0)))
            before = page.before
            if not before:
                break
        return m.PastSearches(number, found[:limit])

    # ------------------------------------------------------------------ preserved reads

    async def preserved(self, number: int) -> m.Message:
        """Return what is kept beyond the retention."""
        stores = self._node.stores
        return m.PreservedReads(number, await stores.on_searches(stores.searches.preserved))

    async def preserve(self, message: m.PreserveFound, run: SearchRun, who: Who) -> m.Message:
        """Copy rows with their images out of the cache.

        Raises:
            Refused: no reference, a review that lies in the past, or too many at once.
        """
        now = self._node.clock.now()
        reference = " ".join(message.reference.split())
        if not reference or message.review_at.tzinfo is None or message.review_at <= now:
            raise Refused(
                "preserve_empty",
                "What is preserved has a reference and a date at which it is looked at again.",
                "Give both; the date lies ahead.",
            )
        if not 1 <= len(message.places) <= MOST_PRESERVED:
            raise Refused(
                "preserve_many", f"At most {MOST_PRESERVED:,} reads at a time.", "Choose fewer."
            )
        rows = [
            r for place in message.places for r in (await run.rows(place, 1, message.order)).rows
        ]
        kept = [Preserved(r.read, reference, who.username, now, message.review_at) for r in rows]
        await self._node.stores.record(
            AuditRecord(
                AuditAction.PRESERVE,
                now,
                who.username,
                who.workstation,
                who.session,
                subject=reference,
                detail={"review": message.review_at.isoformat()},
                event_id=self._questions[id(run)][1],
                reference=reference,
                result_count=len(kept),
                app_version=__version__,
            )
        )
        stores = self._node.stores
        images = [
            (ReadId(row.read.read_id), kind, data)
            for row in rows
            for kind in ImageKind
            if (
                data := await stores.on_reads(stores.reads.image_of, row.read.read_id, kind)
            ) is not None
        ]  # fmt: skip
        added = await stores.on_searches(stores.searches.preserve, kept, images)
        every = await stores.on_searches(stores.searches.preserved)
        return m.PreservedReads(message.request, every, added)


def _past(record: AuditRecord, found: int) -> PastSearch:
    reason = SearchReason(
        Purpose(record.purpose),
        record.reason_code or 0,
        record.justification,
        record.reference,
        record.on_behalf_of,
        record.authority,
    )
    where = record.detail.get("where", "local")
    return PastSearch(
        record.at,
        record.criteria,
        Where(where),
        reason,
        found,
        is_denied=record.action is AuditAction.DENIED,
    )
