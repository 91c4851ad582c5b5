"""PNC: every read is asked about over the live link, or matched against the Extract.

While the live link answers, the Extract rests. The moment it does not, the reads that wait for an
answer and all that follow are matched against the Extract, of whatever age; matching is never
withheld. When the link is back, the reads of the gap are asked about again from the read log: what
PNC knows is added to their hits, what it no longer knows is said, nothing is deleted
(domain facts 4, inferred).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from nas_desktop.adapters.link import messages as m
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.adapters.store.database import StoreRefused
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Basis, Hit, MatchClass, hit_id_of, ordered_reasons
from nas_desktop.domain.matching import Match
from nas_desktop.domain.read import Read
from nas_desktop.domain.voi import ListSource, VoiList
from nas_desktop.domain.vrm import is_special
from nas_desktop.node.engine import Engine
from nas_desktop.node.list_intake import check_entry
from nas_desktop.node.lists import ListRoom
from nas_desktop.node.stores import Stores
from nas_desktop.services.events import PncState, PncStatus
from nas_desktop.services.ports import Clock
from nas_desktop.services.progress import Progress
from nas_desktop.services.tasks import spawn, stop

log = logging.getLogger(__name__)

ANSWER_S = 1.5
"""Seconds PNC may take to answer; a hit has four from capture to operator."""

LIVE_S = 30.0
"""Age of the last answer from which the link is not live, seconds (domain facts 4)."""

PROBE_S = 2.0
"""Seconds without an answer after which PNC is asked about nothing, to see whether it is there."""

ASKED_AT_ONCE = 1_000
"""Most VRMs in one question."""

AGAIN_AT_ONCE = 300
"""Reads of a gap that are asked about in one go, beside the live ones."""

KEEP_S = 1.0
"""How often the progress is put on disk; what a crash forgets is asked about once more."""

LIST_NAME = "PNC"


class PncWay(Protocol):
    """How this node reaches PNC."""

    @property
    def asks_per_read(self) -> bool:
        """True where this node asks about every read; False where the node above does."""
        ...

    @property
    def is_open(self) -> bool:
        """False while asking makes no sense."""
        ...

    @property
    def detail(self) -> str:
        """Why it is not open, for the operator."""
        ...

    async def ask(self, vrms: Sequence[str], within_s: float) -> list[m.PncReport]:
        """Ask about VRMs.

        Raises:
            LinkDown, Refused: there was no answer.
        """
        ...


class PncDesk:
    """Keeps every read matched against PNC one way or the other.

    Args:
        changed: called when the state has changed.
    """

    def __init__(
        self, stores: Stores, clock: Clock, engine: Engine, lists: ListRoom, way: PncWay | None,
        changed: Callable[[], None],
    ) -> None:  # fmt: skip
        self._stores = stores
        self._clock = clock
        self._engine = engine
        self._lists = lists
        self._way = way
        self._changed = changed
        self._progress = Progress()
        self._kept = Progress()
        self._kept_at = 0.0
        self._pending: deque[tuple[int, Read]] = deque()
        self._wake = asyncio.Event()
        self._answered_at: float | None = None
        self._is_live = False
        self._since: datetime = clock.now()
        self._round_trip_s: float | None = None
        self._detail = ""
        self._covered_to: int | None = None
        self._corrections = 0
        self._task: asyncio.Task[None] | None = None

    # ------------------------------------------------------------------ life

    async def open(self) -> None:
        """Take up what was left to ask about, and begin."""
        reads, operational = self._stores.reads, self._stores.operational
        held = await self._stores.on_operational(operational.progress, "pnc")
        if held.epoch != reads.epoch:
            held = Progress(reads.epoch, reads.end())
        self._progress = held.resumed_at(reads.epoch, reads.end())
        self._engine.uses_extract = lambda: not self._is_live
        if self._way is not None:
            self._engine.when_stored.append(self._stored)
            self._task = spawn(self._run(self._way), "pnc")

    async def close(self) -> None:
        """Stop asking, and keep how far it came."""
        await stop(self._task)
        with contextlib.suppress(StoreRefused):
            await self._keep()

    async def ask_for(self, vrms: Sequence[str]) -> list[m.PncReport]:
        """Ask on behalf of a desk below.

        Raises:
            Refused: ``pnc_away``.
        """
        if self._way is None or not self._is_live:
            raise Refused("pnc_away", "PNC cannot be asked now.")
        try:
            return await self._way.ask(list(vrms)[:ASKED_AT_ONCE], ANSWER_S)
        except LinkDown:
            raise Refused("pnc_away", "PNC cannot be asked now.") from None

    def state(self) -> PncState:
        """Return how reads are matched against PNC now."""
        extract = self.extract()
        if self._is_live:
            status = PncStatus.LIVE
        elif extract is not None:
            status = PncStatus.EXTRACT
        else:
            status = PncStatus.NO_MATCHING if self._way is not None else PncStatus.NOT_CONFIGURED
        return PncState(
            status,
            self._since,
            extract.loaded_at if extract else None,
            self._round_trip_s,
            self._progress.missing,
            self._corrections,
            "" if self._is_live else self._detail,
        )

    def extract(self) -> VoiList | None:
        """Return the Extract that is matched against when the link is away."""
        found = [
            held.voi_list
            for held in self._lists.all
            if held.voi_list.source is ListSource.PNC_EXTRACT
            and held.voi_list.is_enabled
            and len(held.voi_list.entries)
        ]
        return max(found, key=lambda one: one.loaded_at, default=None)

    # ------------------------------------------------------------------ live reads

    def _stored(self, new: Sequence[tuple[int, Read]]) -> None:
        """Reads have been stored and matched against everything but, while live, the Extract."""
        if self._is_live and self._way is not None and self._way.asks_per_read:
            self._pending.extend(new)
            self._wake.set()

    async def _run(self, way: PncWay) -> None:
        while True:
            try:
                await self._round(way)
            except StoreRefused as refusal:
                log.error("answers of PNC could not be stored: %s", refusal.code)
                await asyncio.sleep(1.0)

    async def _round(self, way: PncWay) -> None:
        await self._look(way)
        if self._is_live and self._pending:
            await self._ask_pending(way)
        elif self._is_live and self._progress.holes:
            await self._ask_again(way)
        else:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KEEP_S / 2):
                    await self._wake.wait()
        if self._clock.monotonic() - self._kept_at >= KEEP_S:
            await self._keep()

    async def _look(self, way: PncWay) -> None:
        """Find out whether the link is live, by asking where nothing was answered for a while."""
        if not way.is_open:
            await self._down(way.detail)
            return
        if not way.asks_per_read:
            await self._live(None)
            self._cover()
            return
        age = self._age()
        if not self._is_live or age > PROBE_S:
            began = self._clock.monotonic()
            try:
                await way.ask([], ANSWER_S)
            except (LinkDown, Refused) as fault:
                if not self._is_live or age > LIVE_S or not isinstance(fault, LinkDown):
                    await self._down(fault.message)
                elif age > PROBE_S + ANSWER_S:
                    await self._down("PNC does not answer.")
            else:
                await self._live(self._clock.monotonic() - began)

    def _age(self) -> float:
        if self._answered_at is None:
            return LIVE_S + 1.0
        return self._clock.monotonic() - self._answered_at

    async def _live(self, round_trip_s: float | None) -> None:
        self._answered_at = self._clock.monotonic()
        if round_trip_s is not None:
            self._round_trip_s = round_trip_s
        if not self._is_live:
            # What was stored until now was matched against the Extract: it is the gap.
            self._progress = self._progress.resumed_at(self._progress.epoch, self._end())
            self._covered_to = self._end()
            self._is_live, self._since, self._detail = True, self._clock.now(), ""
            log.info("PNC is live")
            self._changed()

    async def _down(self, detail: str) -> None:
        self._detail = detail
        if not self._is_live:
            return
        self._is_live, self._since = False, self._clock.now()
        log.warning("PNC is away; matching goes on against the Extract")
        self._changed()
        pending = [read for _at, read in self._pending]
        self._pending.clear()
        if self._way is not None and not self._way.asks_per_read:
            pending = await self._uncovered()
        for at in range(0, len(pending), ASKED_AT_ONCE):
            await self._engine.rematch(pending[at : at + ASKED_AT_ONCE], ListSource.PNC_EXTRACT)

    async def _ask_pending(self, way: PncWay) -> None:
        some = [self._pending[i] for i in range(min(len(self._pending), ASKED_AT_ONCE))]
        reports = await self._asked(way, [read for _at, read in some])
        if reports is None:
            return  # still pending: the Extract has them now
        for _ in some:
            self._pending.popleft()
        matches = self._matches([read for _at, read in some], reports)
        if matches:
            await self._engine.raise_for(matches)
        self._take([at for at, _read in some])

    async def _asked(self, way: PncWay, reads: Sequence[Read]) -> list[m.PncReport] | None:
        began = self._clock.monotonic()
        try:
            reports = await way.ask([str(read.vrm) for read in reads], ANSWER_S)
        except (LinkDown, Refused) as fault:
            await self._down(fault.message)
            return None
        await self._live(self._clock.monotonic() - began)
        return reports

    def _matches(self, reads: Sequence[Read], reports: Sequence[m.PncReport]) -> list[Match]:
        pnc = VoiList(LIST_NAME, 1, (), self._clock.now(), ListSource.PNC_LIVE)
        found: list[Match] = []
        for report in reports:
            if not 0 <= report.index < len(reads) or is_special(reads[report.index].vrm):
                log.warning("PNC answered about something that was not asked")
                continue
            try:
                check_entry(report.entry)
            except Refused as refusal:
                log.warning("a report of PNC could not be used: %s", refusal.code)
                continue
            found.append(Match(reads[report.index], report.entry, pnc, MatchClass.EXACT, 0.0, 100))
        return found

    # ------------------------------------------------------------------ the gap

    async def _ask_again(self, way: PncWay) -> None:
        first, last = self._progress.holes[0]
        reads = self._stores.reads
        limit = min(AGAIN_AT_ONCE, last - first)
        some = await self._stores.on_reads(reads.fetch, first, limit)
        some = [(at, read) for at, read in some if at < last]
        if not some:  # dropped since: there is nothing left to ask about
            self._progress = self._progress.taken(first, last)
            return
        asked = [read for _at, read in some if not is_special(read.vrm)]
        reports = await self._asked(way, asked)
        if reports is None:
            return
        matches = self._matches(asked, reports)
        before = await self._known(asked)
        raised = await self._engine.raise_for(matches)
        self._corrections += sum(1 for hit in raised if not _has_live(before.get(hit.hit_id)))
        await self._withdraw(asked, matches)
        self._take([at for at, _read in some])
        self._progress = self._progress.taken(first, some[-1][0] + 1)
        self._changed()

    async def _known(self, reads: Sequence[Read]) -> dict[bytes, Hit]:
        ids = [hit_id_of(read.read_id) for read in reads]
        hits = await self._stores.on_operational(self._stores.operational.hits_of, ids)
        return {hit.hit_id: hit for hit in hits}

    async def _withdraw(self, reads: Sequence[Read], matches: Sequence[Match]) -> None:
        """Say of hits that rest on the Extract alone that PNC has no such report any more."""
        reported = {(match.read.read_id, match.entry.reason) for match in matches}
        now = self._clock.now()
        corrected: list[Hit] = []
        for hit in (await self._known(reads)).values():
            reasons = [
                replace(reason, basis=Basis.NOT_ON_PNC, basis_at=now)
                if reason.source is ListSource.PNC_EXTRACT
                and reason.match_class is MatchClass.EXACT
                and not reason.is_void
                and (hit.read.read_id, reason.entry.reason) not in reported
                else reason
                for reason in hit.reasons
            ]
            if tuple(reasons) != hit.reasons:
                corrected.append(replace(hit, reasons=ordered_reasons(reasons)))
        self._corrections += len(corrected)
        await self._engine.amend(corrected)

    # ------------------------------------------------------------------ a desk's view

    def _cover(self) -> None:
        """What was stored before the last look, the node above has answered for by now."""
        end = self._end()
        if self._covered_to is not None and self._covered_to > self._progress.next:
            self._progress = self._progress.taken(self._progress.next, self._covered_to)
        self._covered_to = end

    async def _uncovered(self) -> list[Read]:
        first, end = self._progress.next, self._end()
        found: list[Read] = []
        while first < end:
            some = await self._stores.on_reads(self._stores.reads.fetch, first, ASKED_AT_ONCE)
            if not some:
                break
            found += [read for _at, read in some]
            first = some[-1][0] + 1
        return found

    # ------------------------------------------------------------------ progress

    def _end(self) -> int:
        return self._stores.reads.end()

    def _take(self, offsets: Sequence[int]) -> None:
        """Note offsets as answered; they come in order but need not be without gaps."""
        first = last = offsets[0]
        for at in [*offsets[1:], -1]:
            if at == last + 1:
                last = at
                continue
            self._progress = self._progress.taken(first, last + 1)
            first = last = at

    async def _keep(self) -> None:
        self._kept_at = self._clock.monotonic()
        if self._progress != self._kept:
            self._kept = self._progress
            await self._stores.on_operational(
                self._stores.operational.set_progress, "pnc", self._progress
            )


def _has_live(hit: Hit | None) -> bool:
    return hit is not None and any(r.source is ListSource.PNC_LIVE for r in hit.reasons)
