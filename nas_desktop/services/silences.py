"""Everything that keeps many hits from being seen or heard, with who and until when.

A mute, a filter, a flood, a list that is not matched, a source that does not deliver, a scope that
nobody attends: the supervisor sees each for as long as it holds (product, live workspace).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nas_desktop.services.events import HopState, HopStatus, ListState, NodeState, PncStatus


class SilenceKind(StrEnum):
    """What silences, in the order in which it is listed."""

    UNCOVERED = "uncovered"
    MUTE = "mute"
    FILTER = "filter"
    LIST_OFF = "list_off"
    LIST_GONE = "list_gone"
    SOURCE = "source"
    PNC = "pnc"
    FLOOD = "flood"


@dataclass(frozen=True, slots=True)
class Silence:
    """One thing that silences.

    ``subject`` is the desk, list or hop. ``since`` and ``until`` are None where nobody knows, or
    where it lasts until somebody ends it. ``is_urgent``: a P1 or P2 may be among what it hides.
    """

    kind: SilenceKind
    subject: str
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None
    detail: str = ""
    is_urgent: bool = False


class SilenceWatch:
    """Follows the reports; remembers lists that have vanished since. Single-threaded."""

    def __init__(self) -> None:
        self._known: dict[str, ListState] = {}
        self._who = ""
        self._gone: dict[str, datetime] = {}

    def silences(self, state: NodeState, who: str, now: datetime) -> list[Silence]:
        """Return what silences hits now.

        ``who`` is signed in: another person may know of other lists, which is no change.
        """
        lists = {one.name: one for one in state.lists}
        if who == self._who:
            for name in self._known.keys() - lists.keys():
                self._gone[name] = now
        else:
            self._gone.clear()
        self._who, self._known = who, lists
        self._gone = {name: at for name, at in self._gone.items() if name not in lists}
        found = [
            Silence(SilenceKind.UNCOVERED, name, is_urgent=True) for name in state.uncovered.desks
        ]
        if state.uncovered.cameras:
            some, count = state.uncovered.some, state.uncovered.cameras
            more = f" and {count - len(some):,} more" if count > len(some) else ""
            cameras = f"{count:,} camera{'' if count == 1 else 's'}"
            found.append(
                Silence(
                    SilenceKind.UNCOVERED,
                    cameras,
                    detail=", ".join(some) + more,
                    is_urgent=True,
                )
            )
        found += _of_desks(state, now)
        found += [_of_list(one) for one in state.lists if not one.is_enabled]
        found += [
            Silence(SilenceKind.LIST_GONE, name, since=at, is_urgent=True)
            for name, at in sorted(self._gone.items())
        ]
        found += [_of_hop(hop) for hop in state.hops if _is_silent(hop)]
        if state.pnc.status in (PncStatus.EXTRACT, PncStatus.NO_MATCHING):
            is_off = state.pnc.status is PncStatus.NO_MATCHING
            found.append(
                Silence(
                    SilenceKind.PNC,
                    "PNC",
                    since=state.pnc.since,
                    detail="" if is_off else "extract",
                    is_urgent=is_off,
                )
            )
        order = list(SilenceKind)
        return sorted(found, key=lambda s: (not s.is_urgent, order.index(s.kind), s.subject))


def _of_desks(state: NodeState, now: datetime) -> list[Silence]:
    found: list[Silence] = []
    for desk in state.desks:
        report = desk.report
        if report.muted_until is not None and report.muted_until > now:
            by = report.muted_by or report.operator
            found.append(Silence(SilenceKind.MUTE, desk.name, by, until=report.muted_until))
        if report.filter:
            found.append(
                Silence(
                    SilenceKind.FILTER,
                    desk.name,
                    report.operator,
                    detail=report.filter,
                    is_urgent=report.hides_urgent,
                )
            )
        if report.is_flooded:
            found.append(Silence(SilenceKind.FLOOD, desk.name))
    return found


def _of_list(one: ListState) -> Silence:
    version = one.version
    return Silence(
        SilenceKind.LIST_OFF,
        one.name,
        version.by if version is not None else "",
        version.at if version is not None else None,
        detail=version.why if version is not None else "",
        is_urgent=True,
    )


def _is_silent(hop: HopState) -> bool:
    if hop.name == "pnc":
        return False  # its own state says more
    if hop.status in (HopStatus.LOST, HopStatus.SILENT, HopStatus.BUFFERING):
        return True
    return hop.status is not HopStatus.NOT_CONFIGURED and hop.live < hop.total


def _of_hop(hop: HopState) -> Silence:
    detail = f"{hop.total - hop.live:,} of {hop.total:,} silent" if hop.live < hop.total else ""
    is_away = hop.status in (HopStatus.LOST, HopStatus.SILENT, HopStatus.BUFFERING)
    return Silence(
        SilenceKind.SOURCE,
        hop.name,
        since=hop.since if is_away else None,
        detail=" · ".join(part for part in (detail, hop.detail) if part),
        is_urgent=is_away,
    )
