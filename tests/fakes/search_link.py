"""A scripted ``SearchLink``: rows made by their place, progress told when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from nas_desktop.domain.access import Role
from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from nas_desktop.domain.query import Direction, DirectionSource, ReadQuery, Where
from nas_desktop.domain.read import Read, ReadFlag, read_id_of
from nas_desktop.domain.search_access import (
    AccessPolicy,
    Authority,
    Decision,
    SearchDenied,
    Searcher,
    SearchReason,
    decide,
)
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.exports import ExportHead
from nas_desktop.services.map_points import MapPoints, points_of
from nas_desktop.services.resources import load_json
from nas_desktop.services.searches import (
    Bucket,
    Coverage,
    CoverageGap,
    ExportDone,
    ExportFormat,
    FoundRead,
    GapKind,
    Holder,
    Order,
    PastSearch,
    Preserved,
    SavedSearch,
    SearchPage,
    SearchProgress,
    Told,
    not_told,
)

NEWEST = datetime(2026, 11, 20, 20, 57, 0, tzinfo=UTC)
STEP = timedelta(seconds=403)
_MARKS = (
    ("AB51ABC", 0),
    ("AB51AEC", 50),
    ("AB57ABC", 50),
    ("AB51ABC", 0),
    ("A851ABC", 25),
    ("AB51AOC", 60),
    ("AB51ABC", 0),
    ("AB51A8C", 25),
    ("AB51ABG", 50),
)
_PLACES = (
    ("M6 North 14", Direction.N, 52.98, -2.15),
    ("A50 East 3", Direction.E, 52.94, -2.05),
    ("A34 South 7", Direction.S, 52.87, -2.14),
    ("A6 West 1", Direction.W, 53.10, -2.02),
)
_HELD = ((Holder.DESK,), (Holder.NATIONAL,), (Holder.DESK, Holder.NATIONAL))


def some_cameras(count: int = 38) -> tuple[Camera, ...]:
    """Cameras of four roads, every one with a place but the mobile ones."""
    found = []
    for number in range(count):
        alias, direction, lat, lon = _PLACES[number % 4]
        is_mobile = number % 19 == 18
        found.append(
            Camera(
                CameraId("52", 1, number + 1),
                f"{alias.rsplit(' ', 1)[0]} {number + 1}",
                CameraKind.MOBILE if is_mobile else CameraKind.FIXED,
                None if is_mobile else Position(lat + number / 500, lon),
                str(direction),
            )
        )
    return tuple(found)


def row_at(place: int) -> FoundRead:
    """The read at a place, newest first; the same place always gives the same read."""
    vrm, distance = _MARKS[place % len(_MARKS)]
    alias, direction, lat, lon = _PLACES[place % 4]
    at = NEWEST - place * STEP
    camera = CameraId("52", 1, place % 4 + 1)
    read = Read(
        read_id=read_id_of(camera, at, Vrm(vrm)),
        vrm=Vrm(vrm),
        vrm_raw=vrm,
        captured_at=at,
        received_at=at + timedelta(seconds=1.1),
        camera=camera,
        position=Position(lat, lon),
        lane_id="lane 2",
        alias=alias,
        confidence=97,
        patch=None if place % 13 == 12 else f"{place:064x}",
        overview=f"{place:064x}",
        flags=(ReadFlag.BUFFERED,) if place % 11 == 10 else (),
    )
    return FoundRead(
        read,
        _HELD[place % 3],
        direction,
        DirectionSource.PRESET,
        distance,
        "AB51ABC",
        has_hit=place % 7 == 6,
    )


def a_timeline(total: int, bars: int = 74, newest: datetime = NEWEST) -> tuple[Bucket, ...]:
    """Bars over the last week that add up to ``total``."""
    width = timedelta(days=7) / bars
    weights = [4 + at * at * 31 % 17 + (12 if at > 56 else 0) for at in range(bars)]
    whole = sum(weights)
    counts = [total * weight // whole for weight in weights]
    for at in range(total - sum(counts)):
        counts[at % bars] += 1
    return tuple(Bucket(newest - (bars - 1 - at) * width, count) for at, count in enumerate(counts))


def some_gaps() -> tuple[CoverageGap, ...]:
    """Two gaps as the drawing has them."""
    return (
        CoverageGap(
            CameraId("52", 1, 3),
            "A34 South 7",
            datetime(2026, 11, 20, 0, 14, tzinfo=UTC),
            datetime(2026, 11, 20, 0, 41, tzinfo=UTC),
            GapKind.SILENT,
        ),
        CoverageGap(
            CameraId("52", 1, 4),
            "A6 West 1",
            datetime(2026, 11, 13, 0, 0, tzinfo=UTC),
            datetime(2026, 11, 18, 0, 0, tzinfo=UTC),
            GapKind.NOT_HELD,
        ),
    )


def some_progress(found: int = 412, *, is_done: bool = False, **changes: Any) -> SearchProgress:
    """A search under way: this desk is complete, the national service is not."""
    values: dict[str, Any] = {
        "found": found,
        "share": ((Holder.DESK, 1.0), (Holder.NATIONAL, 1.0 if is_done else 0.61)),
        "marks": 9,
        "is_exact": is_done,
        "is_done": is_done,
        "seconds": 0.18,
        "timeline": a_timeline(found) if found else (),
        "timeline_s": timedelta(days=7).total_seconds() / 74,
        "coverage": (Coverage(Holder.DESK, 38, 36, 0.97, some_gaps()),),
    }
    values.update(changes)
    return SearchProgress(**values)


@dataclass
class FakeRunningSearch:
    """``RunningSearch`` over rows made by their place.

    ``never_answers`` keeps an export waiting; ``refusal`` makes every coroutine raise it.
    """

    told: Told
    progress: SearchProgress = field(default_factory=some_progress)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    refusal: Refused | None = None
    never_answers: bool = False
    is_cancelled: bool = False
    is_closed: bool = False

    def tell(self, progress: SearchProgress) -> None:
        """Come this far."""
        self.progress = progress
        self.told(progress)

    def _ask(self, *given: Any) -> None:
        self.asked.append(given)
        if self.refusal is not None:
            raise self.refusal

    async def rows(self, first: int, limit: int, order: Order = Order.NEWEST) -> SearchPage:
        self._ask("rows", first, limit, order)
        total = self.progress.found
        places = range(first, min(first + limit, total))
        if order is Order.OLDEST:
            places = range(total - 1 - first, max(-1, total - 1 - first - limit), -1)
        return SearchPage(first, tuple(map(row_at, places)), total)

    async def points(
        self, order: Order = Order.NEWEST, progress: Callable[[int, int], None] = not_told
    ) -> MapPoints:
        self._ask("points", order)
        total = self.progress.found
        rows = [row_at(place) for place in range(total)]
        progress(total, total)
        return points_of(rows[::-1] if order is Order.OLDEST else rows)

    async def cancel(self) -> None:
        self._ask("cancel")
        self.is_cancelled = True

    async def close(self) -> None:
        self._ask("close")
        self.is_closed = True

    async def export(
        self,
        path: str,
        kind: ExportFormat,
        recipient: str,
        *,
        with_locations: bool = False,
        progress: Callable[[int, int], None],
    ) -> ExportDone:
        self._ask("export", path, kind, recipient, with_locations)
        progress(self.progress.found // 2, self.progress.found)
        if self.never_answers:
            await asyncio.Event().wait()
        return ExportDone(path, self.progress.found, "9f3c" + "0" * 60, "OFFICIAL-SENSITIVE")

    async def export_head(
        self, recipient: str, *, with_locations: bool = False
    ) -> tuple[int, ExportHead]:
        self._ask("export_head", recipient, with_locations)
        return 7, ExportHead(
            "OFFICIAL-SENSITIVE", self.progress.found, True, "vrm=AB51ABC", "local", "SERIOUS",
            "OP MERCURY", "", "akhan at desk 1", NEWEST, recipient, "e" * 32, with_locations,
            coverage=("this desk: 36 of 38 cameras looked at without a gap.",),
        )  # fmt: skip

    async def record_export(self, head: int, path: str, kind: ExportFormat, sha256: str) -> str:
        self._ask("record_export", head, path, kind, sha256)
        return "e" * 32

    async def copied(self, places: tuple[int, ...], order: Order = Order.NEWEST) -> str:
        self._ask("copied", places, order)
        return "e" * 32

    async def preserve(
        self,
        places: tuple[int, ...],
        reference: str,
        review_at: datetime,
        order: Order = Order.NEWEST,
    ) -> int:
        self._ask("preserve", places, reference, review_at, order)
        return len(places)


class FakeSearchLink:
    """``SearchLink`` without a node: decides by the real rules, remembers what it was asked.

    ``first`` is what a search has found when it starts; ``start_refusal`` makes only starting
    fail, ``refusal`` every coroutine.
    """

    def __init__(self, now: datetime, username: str = "akhan", *roles: Role) -> None:
        self.now = now
        self.searcher = Searcher(username, "A. Khan", roles or (Role.ANALYST,))
        self.rules = AccessPolicy.from_data(load_json("access", "policy.json"))
        self.known = some_cameras()
        self.first = some_progress()
        self.asked: list[tuple[Any, ...]] = []
        self.running: list[FakeRunningSearch] = []
        self.refusal: Refused | None = None
        self.start_refusal: Refused | None = None
        self.given: list[Authority] = []
        self.kept: list[SavedSearch] = []
        self.past: list[PastSearch] = []
        self.kept_reads: tuple[Preserved, ...] = ()

    def calls(self, what: str) -> list[tuple[Any, ...]]:
        """Return what came with the calls of one coroutine, oldest first."""
        return [one[1:] for one in self.asked if one[0] == what]

    def _ask(self, *given: Any) -> None:
        self.asked.append(given)
        if self.refusal is not None:
            raise self.refusal

    async def policy(self) -> AccessPolicy:
        self._ask("policy")
        return self.rules

    async def cameras(self) -> tuple[Camera, ...]:
        self._ask("cameras")
        return self.known

    async def decide(self, query: ReadQuery, where: Where, reason: SearchReason) -> Decision:
        self._ask("decide", query, where, reason)
        return self._decision(query, reason)

    def _decision(self, query: ReadQuery, reason: SearchReason) -> Decision:
        authority = next((a for a in self.given if a.authority_id == reason.authority), None)
        return decide(query, reason, self.searcher, self.rules, self.now, authority)

    async def start(
        self, query: ReadQuery, where: Where, reason: SearchReason, told: Told
    ) -> FakeRunningSearch:
        self._ask("start", query, where, reason)
        if self.start_refusal is not None:
            raise self.start_refusal
        decision = self._decision(query, reason)
        if not decision.is_allowed:
            raise SearchDenied(decision)
        running = FakeRunningSearch(told, self.first)
        self.running.append(running)
        self.past.insert(0, PastSearch(self.now, query.text, where, reason, self.first.found))
        return running

    async def authorities(self) -> tuple[Authority, ...]:
        self._ask("authorities")
        return tuple(self.given)

    async def authorise(self, authority: Authority) -> Authority:
        self._ask("authorise", authority)
        made = replace(
            authority,
            authority_id=f"A-{len(self.given) + 1}",
            at=self.now,
            entered_by=self.searcher.username,
        )
        self.given.append(made)
        return made

    async def countersign(self, authority_id: str) -> Authority:
        self._ask("countersign", authority_id)
        at = next(i for i, a in enumerate(self.given) if a.authority_id == authority_id)
        self.given[at] = replace(self.given[at], countersigned_at=self.now)
        return self.given[at]

    async def saved(self) -> tuple[SavedSearch, ...]:
        self._ask("saved")
        return tuple(self.kept)

    async def save(
        self, name: str, query: ReadQuery, where: Where, *, is_shared: bool = False
    ) -> SavedSearch:
        self._ask("save", name, query, where, is_shared)
        made = SavedSearch(
            f"S-{len(self.kept) + 1}",
            name,
            self.searcher.username,
            query.text,
            where,
            self.now,
            is_shared,
        )
        self.kept.append(made)
        return made

    async def forget(self, saved_id: str) -> None:
        self._ask("forget", saved_id)
        self.kept = [one for one in self.kept if one.saved_id != saved_id]

    async def history(self, limit: int = 100) -> tuple[PastSearch, ...]:
        self._ask("history", limit)
        return tuple(self.past[:limit])

    async def preserved(self) -> tuple[Preserved, ...]:
        self._ask("preserved")
        return self.kept_reads
