"""Searches at a node: decided on where the reads are, on record before anything is shown.

No audit, no search: the record is on disk before the first read is looked at, and a second one
tells how it ended. A node asks the node above for what it does not hold itself, in the name of
whoever asked it; the node above decides again, by its own clock, accounts and rules.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from nas_desktop import __version__
from nas_desktop.adapters.link.peer import LinkDown
from nas_desktop.adapters.store.operational import Account
from nas_desktop.adapters.store.reads.columns import BIN_US, instant, micros
from nas_desktop.adapters.store.reads.coverage import Lost, coverage_of
from nas_desktop.adapters.store.reads.marks import keys_of
from nas_desktop.adapters.store.reads.question import Question
from nas_desktop.adapters.store.reads.search import ReadSearch, only_these
from nas_desktop.domain.access import Role
from nas_desktop.domain.camera import Camera, CameraId
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.matching import Confusions
from nas_desktop.domain.matching.confusions import TooManyNeighbours
from nas_desktop.domain.query import ReadQuery, Where, query_from
from nas_desktop.domain.read import ReadId
from nas_desktop.domain.search_access import (
    AccessPolicy,
    Authority,
    Band,
    Decision,
    SearchDenied,
    Searcher,
    SearchReason,
    decide,
)
from nas_desktop.node.authorities import AuthorityDesk
from nas_desktop.node.cameras import CameraRoom
from nas_desktop.node.search_run import Remote, SearchRun
from nas_desktop.node.search_who import Who
from nas_desktop.node.stores import Stores
from nas_desktop.services.audit import AuditAction, AuditRecord, ReadIdsDigest
from nas_desktop.services.audit_searches import search_done_record, search_record
from nas_desktop.services.events import ImageKind
from nas_desktop.services.ports import Clock
from nas_desktop.services.resources import load_json
from nas_desktop.services.searches import Coverage, FoundRead, Holder, Told

log = logging.getLogger(__name__)

MOST_RUNNING = 6
"""Searches of one person under way or open at a time, the tabs of a window."""

HOLDERS = {"desk": Holder.DESK, "force": Holder.SERVER, "national": Holder.NATIONAL}

AskRemote = Callable[[ReadQuery, Where, SearchReason, str], Awaitable[Remote]]
"""Has the node above begin a search in somebody's name."""


class SearchRoom:
    """Decides, records, runs.

    Args:
        role: ``desk``, ``force`` or ``national``; says whose store this is.
        policy: the rules of access.
        roles_of: the roles of an account, none when there is none.
        name_of: the person's name of an account.
        account_of: an account that may be used, None when there is none.
    """

    def __init__(
        self,
        stores: Stores,
        clock: Clock,
        cameras: CameraRoom,
        role: str,
        policy: AccessPolicy,
        roles_of: Callable[[str], tuple[Role, ...]],
        name_of: Callable[[str], str],
        account_of: Callable[[str], Account | None],
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._cameras = cameras
        self.holder = HOLDERS[role]
        self.policy = policy
        self.authorities = AuthorityDesk(stores, clock, policy, account_of)
        self._roles_of = roles_of
        self._name_of = name_of
        self._confusions = Confusions.from_data(load_json("spec", "confusions.json"))
        self._pool = ThreadPoolExecutor(3, thread_name_prefix="search")
        self._vehicles: dict[str, frozenset[str]] = {}
        self.ask_remote: AskRemote | None = None
        self._open: dict[str, int] = {}

    async def open(self) -> None:
        """Take up whose vehicles are whose."""
        self._vehicles = await self._stores.on_searches(self._stores.searches.vehicles)

    def close(self) -> None:
        """Stop the threads; searches are ended by their sessions."""
        self._pool.shutdown(wait=True)

    # ------------------------------------------------------------------ deciding

    async def decide(
        self, text: str, reason: SearchReason, username: str
    ) -> tuple[ReadQuery, Decision]:
        """Return the question and the decision on it, by the rules of this node.

        Raises:
            QueryRefused: the text is no question.
        """
        query = query_from(text)
        authority = await self._authority(reason)
        decision = self._decided(query, reason, self._searcher(username), authority)
        # Nothing of this is recorded, so it must not tell whose vehicle is whose.
        is_verbal = authority is not None and authority.is_verbal
        reviewed = decision.band is not Band.A or is_verbal
        return query, replace(decision, concerns_colleague=False, needs_review=reviewed)

    async def _authority(self, reason: SearchReason) -> Authority | None:
        if not reason.authority:
            return None
        return await self._stores.on_searches(self._stores.searches.authority, reason.authority)

    def _searcher(self, username: str) -> Searcher:
        own = self._vehicles.get(username, frozenset())
        return Searcher(username, self._name_of(username), self._roles_of(username), own)

    def _decided(
        self,
        query: ReadQuery,
        reason: SearchReason,
        searcher: Searcher,
        authority: Authority | None,
    ) -> Decision:
        everybody = frozenset().union(*self._vehicles.values()) if self._vehicles else frozenset()
        colleagues = everybody - searcher.own_vehicles
        now = self._clock.now()
        return decide(query, reason, searcher, self.policy, now, authority, colleagues)

    async def start(
        self, text: str, where: Where, reason: SearchReason, who: Who, told: Told
    ) -> tuple[SearchRun, Decision, str]:
        """Decide, record, and begin to search.

        Raises:
            SearchDenied: the rules are against it; that is on record too.
            QueryRefused: the text is no question.
            StoreRefused: it could not be put on record, so there is no search.
            Refused: too many are under way, or there is nobody to ask.
        """
        query, authority = query_from(text), await self._authority(reason)
        searcher = self._searcher(who.username)
        decision = self._decided(query, reason, searcher, authority)
        event = os.urandom(16).hex()
        asked = search_record(
            self._clock.now(), event, searcher, who.workstation, who.session, query, where, reason,
            decision, authority,
        )  # fmt: skip
        if not decision.is_allowed:
            await self._stores.record(asked)
            raise SearchDenied(decision)
        if self._open.get(who.username, 0) >= MOST_RUNNING:
            raise Refused(
                "busy", f"{MOST_RUNNING} of your searches are open.", "Close one of them."
            )
        # Counted before anything is waited for, or many asked at once would all find room.
        self._open[who.username] = self._open.get(who.username, 0) + 1
        is_used = authority is not None and decision.band is not Band.A
        used = [replace(asked, action=AuditAction.AUTH_USE)] if is_used else []
        run: SearchRun | None = None
        try:
            run = await self._prepared(query, where, reason, who)
            await self._stores.record(asked, *used)
        except BaseException:
            self._closed(who.username)
            if run is not None:
                await run.close()
            raise

        async def ended() -> None:
            await self._stores.record(
                search_done_record(
                    asked, self._clock.now(), run.progress, run.digest, was_stopped=run.was_stopped
                )
            )

        run.start(told, ended)
        return run, decision, event

    async def end(self, run: SearchRun, username: str) -> None:
        """Forget a search."""
        await run.close()
        self._closed(username)

    def _closed(self, username: str) -> None:
        left = self._open.get(username, 1) - 1
        if left > 0:
            self._open[username] = left
        else:
            self._open.pop(username, None)

    async def _prepared(
        self, query: ReadQuery, where: Where, reason: SearchReason, who: Who
    ) -> SearchRun:
        is_here = where in (Where.LOCAL, Where.BOTH) or (
            where is Where.NATIONAL and self.holder is Holder.NATIONAL
        )
        problems: list[str] = []
        remote: Remote | None = None
        if not is_here or (where is Where.BOTH and self.holder is not Holder.NATIONAL):
            try:
                remote = await self._remote(query, where, reason, who.username)
            except (Refused, LinkDown) as refusal:
                if not is_here:
                    raise
                problems.append(f"The national service was not searched: {refusal.message}")
        local = await self._local(query) if is_here else None
        cameras = self._cameras.known()
        now = self._clock.now()
        return SearchRun(
            local,
            remote,
            self.holder,
            self._clock,
            self._pool,
            lambda: self._coverage(query, cameras, now),
            self._marked,
            problems,
            lambda: self._stores.on_operational(
                self._stores.operational.reads_with_hits, query.since, query.until
            ),
        )

    async def _remote(
        self, query: ReadQuery, where: Where, reason: SearchReason, username: str
    ) -> Remote:
        if self.ask_remote is None:
            raise Refused(
                "no_service",
                "This node has no service above it.",
                "Look in this node's own reads.",
            )
        # What is asked of the server is its own; what is asked of the nation goes through it.
        beyond = Where.LOCAL if where is Where.SERVER else Where.NATIONAL
        return await self.ask_remote(query, beyond, reason, username)

    async def own_reads(self, query: ReadQuery) -> ReadSearch:
        """Return a search of this node's own reads, ready to run.

        For reports that are decided on and put on record elsewhere: nothing here asks for a right.
        """
        return await self._local(query)

    async def _local(self, query: ReadQuery) -> ReadSearch:
        only = None
        if query.hits_only:
            times, marks = only_these(
                await self._stores.on_operational(
                    self._stores.operational.reads_with_hits, query.since, query.until
                )
            )
            only = (times, keys_of(marks))
        cameras = self._cameras.known()
        cache = self._stores.reads.cache
        try:
            question = Question(
                query,
                cache.rule,
                max(micros(self._clock.now()), cache.latest_us),
                cameras,
                self._confusions,
                only,
            )
        except TooManyNeighbours:
            raise Refused(
                "query_refused",
                "The look-alike stands for too many marks.",
                "Use ? for what is not known instead.",
            ) from None
        loop = asyncio.get_running_loop()
        tables = await loop.run_in_executor(self._pool, cache.tables)

        def damaged(name: str) -> None:
            loop.call_soon_threadsafe(self._damaged, name)

        return ReadSearch(tables, question, cameras, self.holder, damaged)

    def _damaged(self, name: str) -> None:
        database = self._stores.reads.database
        database.submit(lambda: database.now(self._stores.reads.cache.set_aside, name))

    # ------------------------------------------------------------------ what goes with rows

    def _coverage(
        self, query: ReadQuery, cameras: dict[CameraId, Camera], now: datetime
    ) -> Coverage:
        cache = self._stores.reads.cache
        tables = cache.tables()
        kept_since = now - cache.retention.keep
        # The first read tells since when there is anything; within five minutes of it nobody could.
        first = min((t.first_at for t in tables if t.rows), default=micros(now))
        first -= first % BIN_US
        lost = [Lost(f.first_at, f.last_at) for f in cache.files() if f.problem]
        problems = [
            f"Reads of {f.drop_at - cache.retention.keep:%d/%m/%Y} are {f.problem} and cannot be"
            f" searched: {f.rows:,}."
            for f in cache.files()
            if f.problem
        ]
        if cache.lost:
            problems.append(cache.lost)
        held_since = max(kept_since, min(now, instant(first)))
        return coverage_of(tables, query, cameras, self.holder, now, held_since, lost, problems)

    async def _marked(self, rows: list[FoundRead]) -> list[FoundRead]:
        """Say which rows raised a hit, and which are preserved."""
        if not rows:
            return rows
        ids = [row.read.read_id for row in rows]
        hits = await self._stores.on_operational(self._stores.operational.hits_on, ids)
        kept = await self._stores.on_searches(self._stores.searches.which_preserved, ids)
        if not hits and not kept:
            return rows
        return [
            replace(
                row,
                has_hit=row.has_hit or row.read.read_id in hits,
                is_preserved=row.is_preserved or row.read.read_id in kept,
            )
            for row in rows
        ]

    # ------------------------------------------------------------------ what else is looked at

    async def note_images(
        self, read_ids: Sequence[bytes], kinds: Sequence[ImageKind], who: Who
    ) -> None:
        """Put on record who looks at images of reads; those of hits are delivered, not looked up.

        Raises:
            StoreRefused: it could not be put on record, so there are no images.
        """
        ids = [ReadId(read_id) for read_id in read_ids]
        hits = await self._stores.on_operational(self._stores.operational.hits_on, ids)
        looked_at = [read_id for read_id in ids if read_id not in hits]
        if not looked_at:
            return
        digest = ReadIdsDigest()
        digest.add(looked_at)
        await self._stores.record(
            AuditRecord(
                AuditAction.VIEW_IMAGE,
                self._clock.now(),
                who.username,
                who.workstation,
                who.session,
                detail={"kinds": " ".join(kinds)},
                role=",".join(self._roles_of(who.username)),
                result_count=len(looked_at),
                read_ids_hash=digest.hex,
                app_version=__version__,
            )
        )

    async def put_vehicles(self, username: str, vrms: Sequence[str]) -> None:
        """Record which vehicles belong to a person."""
        await self._stores.on_searches(self._stores.searches.put_vehicles, username, vrms)
        self._vehicles = await self._stores.on_searches(self._stores.searches.vehicles)
