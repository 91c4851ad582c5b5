"""Desks as their server sees them: who sits there, what they look after, what they have silenced.

A hit must reach a specific operator (NAS Technical Specifications v3.1 §6). A desk says every few
seconds who attends it; what no attended desk covers is nobody's, and the supervisor sees that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from nas_desktop.domain.camera import Camera
from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import DecidedStep
from nas_desktop.domain.spec import Tier


@dataclass(frozen=True, slots=True)
class DeskReport:
    """What a window says of itself.

    ``is_attended``: somebody is signed in, the window is in sight and not locked; ``since`` is
    when that began to be so, or not so. ``waiting`` are cards by tier that nobody has taken,
    ``oldest_at`` the arrival of the oldest. ``muted_until`` and ``filter`` are what it has
    silenced; ``hides_urgent`` tells that the filter may hide a P2.
    """

    operator: str = ""
    is_attended: bool = False
    since: datetime | None = None
    is_supervisor: bool = False
    waiting: dict[str, int] = field(default_factory=dict)
    oldest_at: datetime | None = None
    muted_until: datetime | None = None
    muted_by: str = ""
    filter: str = ""
    hides_urgent: bool = False
    is_flooded: bool = False


def bounded(report: DeskReport) -> DeskReport:
    """Return a report as it may come from anybody: short words, aware times, tiers only.

    Raises:
        Refused: ``report_unusable`` for a time without its zone.
    """
    for at in (report.since, report.oldest_at, report.muted_until):
        if at is not None and at.tzinfo is None:
            raise Refused("report_unusable", "A time of the report has no time zone.")
    return replace(
        report,
        operator=_words(report.operator),
        muted_by=_words(report.muted_by),
        filter=_words(report.filter),
        waiting={t.value: min(max(0, report.waiting.get(t.value, 0)), 1_000_000) for t in Tier
                 if report.waiting.get(t.value)},
    )  # fmt: skip


def _words(text: str) -> str:
    return "".join(c for c in text[:MOST_WORDS] if c.isprintable())


@dataclass(frozen=True, slots=True)
class DeskState:
    """A desk: its last word, when that came, and its scope.

    ``is_attended`` is the server's judgement: the desk said so, and not too long ago.
    """

    name: str
    scope: DeskScope = field(default_factory=DeskScope)
    report: DeskReport = field(default_factory=DeskReport)
    heard_at: datetime | None = None
    is_attended: bool = False

    def covers(self, hit: Hit) -> bool:
        """Tell whether a hit is this desk's; a supervisor's desk has no scope of its own."""
        return not self.report.is_supervisor and self.scope.covers(hit)


@dataclass(frozen=True, slots=True)
class ReceiptFigures:
    """Hits that ask for a receipt since the node started, and how they balance.

    ``hits`` = ``receipts`` + ``waiting`` + ``without``: painted on an attended desk, not yet due,
    and overdue; ``oldest_at`` is the arrival of the oldest overdue one. ``missed`` counts hits not
    acknowledged within their target.
    """

    hits: int = 0
    receipts: int = 0
    waiting: int = 0
    without: int = 0
    oldest_at: datetime | None = None
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Uncovered:
    """What no attended desk looks after: cameras and lists by name, and the scopes of empty desks.

    ``lists`` are at most ``NAMED``.
    """

    cameras: int = 0
    some: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()

    @property
    def is_any(self) -> bool:
        """True when a hit could come that is nobody's."""
        return bool(self.cameras or self.desks or self.lists)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Closed hits with all that was done about them, newest closing first.

    ``closed_at`` are the instants of ``hits``, in their order; ``before`` asks for the next page
    (None: this was the last). ``total`` counts all there are.
    """

    hits: tuple[Hit, ...] = ()
    closed_at: tuple[datetime, ...] = ()
    steps: tuple[DecidedStep, ...] = ()
    total: int = 0
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Word to the owner of a list that one of its entries is out of date or wrong."""

    list_name: str
    vrm: str
    at: datetime
    by: str
    text: str = ""
    hit_id: bytes = b""


MOST_DESKS = 300
"""Desks a server remembers; those with a scope are never forgotten."""

MOST_WORDS = 120
"""Longest name, filter or other words of a report, characters."""

NAMED = 8
"""Cameras without a desk that are named; the rest are counted."""


class DeskRegister:
    """All desks that were ever heard of, by name; single-threaded.

    Args:
        attended_for: how long a desk's word counts, by seconds that never go back: setting a clock
            makes nobody come or go.
    """

    def __init__(self, attended_for: timedelta) -> None:
        self._attended_s = attended_for.total_seconds()
        self._desks: dict[str, DeskState] = {}
        self._heard: dict[str, float] = {}

    @property
    def is_used(self) -> bool:
        """True once any desk has reported."""
        return bool(self._heard)

    def report(self, name: str, report: DeskReport, now: datetime, seconds: float) -> bool:
        """Take a desk's word; True when more than its counts has changed.

        Beyond ``MOST_DESKS`` the one without a scope that was silent longest is forgotten.
        """
        if name not in self._desks and len(self._desks) >= MOST_DESKS:
            idle = [n for n, d in self._desks.items() if d.scope.is_everything]
            if not idle:
                return False
            oldest = min(idle, key=lambda n: self._heard.get(n, 0.0))
            del self._desks[oldest]
            self._heard.pop(oldest, None)
        before = self._desks.get(name, DeskState(name))
        self._desks[name] = replace(before, report=report, heard_at=now)
        self._heard[name] = seconds
        return replace(before.report, waiting={}, oldest_at=None) != replace(
            report, waiting={}, oldest_at=None
        )

    def set_scope(self, name: str, scope: DeskScope) -> None:
        """Say what a desk looks after."""
        self._desks[name] = replace(self._desks.get(name, DeskState(name)), scope=scope)

    def scope_of(self, name: str) -> DeskScope:
        """Return a desk's scope; everything for one that nobody has given any."""
        known = self._desks.get(name)
        return DeskScope() if known is None else known.scope

    def report_of(self, name: str) -> DeskReport | None:
        """Return a desk's last word."""
        known = self._desks.get(name)
        return None if known is None or known.heard_at is None else known.report

    def states(self, seconds: float) -> tuple[DeskState, ...]:
        """Return all desks by name, each judged at this instant."""
        return tuple(
            replace(desk, is_attended=self._is_attended(desk, seconds))
            for _name, desk in sorted(self._desks.items())
        )

    def _is_attended(self, desk: DeskState, seconds: float) -> bool:
        heard = self._heard.get(desk.name)
        is_fresh = heard is not None and seconds - heard <= self._attended_s
        return desk.report.is_attended and is_fresh


def without_words(desks: Sequence[DeskState]) -> tuple[DeskState, ...]:
    """Return the desks without the words of their filters; that one is on stays."""
    return tuple(
        replace(d, report=replace(d.report, filter="on")) if d.report.filter else d for d in desks
    )


def silencing_details(before: DeskReport, after: DeskReport) -> list[dict[str, str]]:
    """Return, for the record, what a desk silences now and did not, or no longer does.

    The words of a filter may name a vehicle: only that there are some is kept.
    """
    found: list[dict[str, str]] = []
    for what, was, now in (
        ("mute", before.muted_until, after.muted_until),
        ("filter", before.filter, after.filter),
        ("flood", before.is_flooded, after.is_flooded),
    ):
        if was == now or (not was and not now):
            continue
        detail = {"what": what, "state": "changed" if was and now else "on" if now else "off"}
        operator = after.operator or before.operator
        if operator:
            detail["operator"] = operator
        if what == "mute" and after.muted_until is not None:
            detail["until"] = after.muted_until.astimezone(UTC).isoformat(timespec="seconds")
            detail["by"] = after.muted_by or after.operator
        if what == "filter" and after.filter:
            tiers, quote, _word = after.filter.partition("“")
            detail["tiers"] = tiers.strip(" ,") or "all"
            detail["word"] = "yes" if quote else "no"
            detail["hides_p2"] = "yes" if after.hides_urgent else "no"
        found.append(detail)
    return found


def uncovered(
    desks: Sequence[DeskState], cameras: Iterable[Camera], lists: Iterable[str] = ()
) -> Uncovered:
    """Return which cameras and lists no attended desk looks after, and which scopes are alone.

    Nothing is uncovered on a server that no desk has ever reported to: it has no operators.
    """
    working = [d.scope for d in desks if d.is_attended and not d.report.is_supervisor]
    alone = [c for c in cameras if not any(_covers(scope, c) for scope in working)]
    if not desks:
        return Uncovered()
    empty = [
        d.name
        for d in desks
        if not d.is_attended
        and not d.scope.is_everything
        and not any(s.is_everything or s == d.scope for s in working)
    ]
    names = tuple(sorted(c.alias or str(c.camera_id) for c in alone)[:NAMED])
    left = sorted(
        name for name in lists if not any(not s.lists or name in s.lists for s in working)
    )
    # Without anybody at all the cameras say it.
    return Uncovered(len(alone), names, tuple(empty), tuple(left[:NAMED]) if working else ())


def _covers(scope: DeskScope, camera: Camera) -> bool:
    """Tell whether a scope covers a camera, whatever its lists."""
    return scope.covers_place(camera.camera_id, camera.position)


class DeskLink(Protocol):
    """A window's way to what its node and server keep of desks.

    Every coroutine raises ``Refused`` with words for the operator.
    """

    async def report(self, report: DeskReport) -> None:
        """Say who attends this desk; lost without harm, for the next one says it again."""
        ...

    async def set_scope(self, desk: str, scope: DeskScope) -> None:
        """Say what a desk looks after; supervisors only."""
        ...

    async def history(
        self, before: datetime | None = None, limit: int = 100, mark: str = ""
    ) -> HistoryPage:
        """Return closed hits, newest closing first; ``mark`` asks for those of one VRM."""
        ...

    async def notices(self, list_name: str = "") -> tuple[Notice, ...]:
        """Return what was said about entries of the lists that the person may see."""
        ...
