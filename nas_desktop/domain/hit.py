"""Hits: a read that matched, why, and how urgent; what people do about it is ``hit_life``.

A hit's id is a digest of its read's identity, so that every node names it the same. Its reasons
are a set that may grow; its tier is their highest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from nas_desktop.domain.clone import Rival, newest_rival
from nas_desktop.domain.latency import LatencyLedger
from nas_desktop.domain.read import Read, ReadId
from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.domain.voi import Action, ListSource, Mmc, VoiEntry, VoiList
from nas_desktop.domain.vrm import TEST

HitId = NewType("HitId", bytes)
"""16 bytes, derived from the read's identity alone."""


class MatchClass(StrEnum):
    """How the VRM read agrees with the VRM listed; only exact ones ring."""

    EXACT = "exact"
    GLYPH = "glyph"
    MISREAD = "misread"
    WILDCARD = "wildcard"


class Basis(StrEnum):
    """Whether the entry behind a reason still stands."""

    STANDS = "stands"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    WEEDED = "weeded"
    NOT_ON_PNC = "not_on_pnc"


@dataclass(frozen=True, slots=True)
class HitReason:
    """One list entry the read matched, as it stood at that moment.

    ``loaded_at`` is when the list was taken in by the node that matched, which gives a PNC
    Extract its age. ``distance`` is the weighted distance of a misread, ``confidence`` its
    percentage. ``basis`` says what has become of the entry since, ``basis_at`` when that was found
    out; the newest statement counts.
    """

    list_name: str
    list_revision: int
    badge: str
    match_class: MatchClass
    tier: Tier | None
    entry: VoiEntry
    source: ListSource = ListSource.LEA
    loaded_at: datetime | None = None
    distance: float = 0.0
    confidence: int = 100
    basis: Basis = Basis.STANDS
    basis_at: datetime | None = None

    @property
    def is_quiet(self) -> bool:
        """True for ``No Alert``: seen by the owner of the list and by nobody else."""
        return self.entry.action is Action.NO_ALERT

    @property
    def is_void(self) -> bool:
        """True when nobody may act on this reason any more: its entry is gone."""
        return self.basis in (Basis.WITHDRAWN, Basis.WEEDED, Basis.NOT_ON_PNC)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes two reasons the same one: list, listed VRM, action, reason."""
        return (self.list_name, self.entry.vrm, self.entry.action, self.entry.reason)


@dataclass(frozen=True, slots=True)
class Hit:
    """The report that a read matched one or more lists (NAS v3.1, definitions).

    ``reasons`` are worst first and never empty. ``mmc`` is what the register says of the vehicle
    that carries this mark, where that is known. ``desk_received_at`` and ``matched_at`` are the
    clock of the node that raised it. ``is_simulation`` marks invented data for good. ``rival`` is
    another read of the VRM that the same vehicle cannot have made, None while there is none.
    """

    hit_id: HitId
    read: Read
    reasons: tuple[HitReason, ...]
    desk_received_at: datetime
    matched_at: datetime
    is_late: bool = False
    is_simulation: bool = False
    mmc: Mmc | None = None
    rival: Rival | None = None

    @property
    def leading(self) -> HitReason:
        """The reason that gives the hit its tier."""
        return self.reasons[0]

    @property
    def tier(self) -> Tier | None:
        """The highest tier of the reasons that stand; None for possible misreads and No Alert."""
        return self.reasons[0].tier

    @property
    def is_possible(self) -> bool:
        """True for a hit that is nothing but a possible misread; kept apart from the feed."""
        return self.tier is None and not self.is_quiet

    @property
    def is_quiet(self) -> bool:
        """True when every reason is ``No Alert``: for the owner of the list only."""
        return all(reason.is_quiet for reason in self.reasons)

    @property
    def is_exercise(self) -> bool:
        """True for the invented hit of an exercise: no node ever raises one on the test mark."""
        return self.read.vrm == TEST

    @property
    def clone_hints(self) -> tuple[str, ...]:
        """Fields in which register and entry disagree: ``make``, ``model``, ``colour``.

        A register that speaks of another vehicle than the list may mean a false mark on the
        vehicle seen or an error in the list; it never raises a hit (domain facts 4, MMC).
        """
        if self.mmc is None:
            return ()
        entry = self.leading.entry
        return tuple(
            field
            for field in ("make", "model", "colour")
            if _differ(getattr(entry, field), getattr(self.mmc, field))
        )

    @property
    def warning_signals(self) -> tuple[str, ...]:
        """All signals of all reasons, each once, in the order of the reasons."""
        found: dict[str, None] = {}
        for reason in self.reasons:
            found.update(dict.fromkeys(reason.entry.warning_signals))
        return tuple(found)

    @property
    def reads(self) -> tuple[Read, ...]:
        """The read that matched, and its rival where there is one."""
        return (self.read,) if self.rival is None else (self.read, self.rival.read)

    def ledger(
        self, painted_at: datetime | None = None, acknowledged_at: datetime | None = None
    ) -> LatencyLedger:
        """Return the latency ledger, with painting and acknowledgement where they are known."""
        return LatencyLedger(
            kind=self.read.kind,
            captured_at=self.read.captured_at,
            received_at=self.read.received_at,
            desk_received_at=self.desk_received_at,
            matched_at=self.matched_at,
            painted_at=painted_at,
            is_clock_trusted=self.read.is_clock_trusted,
            acknowledged_at=acknowledged_at,
        )

    def joined(self, other: Hit) -> Hit:
        """Return the hit with what another word on the same hit has more to say."""
        return replace(
            self.with_reasons(other.reasons),
            mmc=self.mmc or other.mmc,
            rival=newest_rival(self.rival, other.rival),
        )

    def with_reasons(self, more: Iterable[HitReason]) -> Hit:
        """Return the hit with further reasons added; one it has already changes nothing."""
        return replace(self, reasons=ordered_reasons((*self.reasons, *more)))


def hit_id_of(read_id: ReadId) -> HitId:
    """Return the id of the hit that this read gives, the same on every node."""
    return HitId(hashlib.blake2b(b"hit|" + read_id, digest_size=16).digest())


def ordered_reasons(reasons: Iterable[HitReason]) -> tuple[HitReason, ...]:
    """Return reasons without doubles: those that stand first, of these the highest tier.

    Of two with the same key the one with the newer word on its basis stays, then the one of the
    higher tier: a list may hold a VRM twice, and only one of the rows may carry the warning signal
    that lifts it.
    """
    unique: dict[tuple[str, str, str, str], HitReason] = {}
    for reason in reasons:
        known = unique.get(reason.key)
        if known is None or _standing(reason) > _standing(known):
            unique[reason.key] = reason
    return tuple(
        sorted(
            unique.values(),
            key=lambda r: (
                r.is_void,
                _rank(r),
                r.is_quiet,
                r.entry.action is not Action.STOP,
                r.key,
            ),
        )
    )


def _rank(reason: HitReason) -> int:
    return reason.tier.rank if reason.tier else 9


def _standing(reason: HitReason) -> tuple[float, int]:
    return reason.basis_at.timestamp() if reason.basis_at else 0.0, -_rank(reason)


def _differ(listed: str, registered: str) -> bool:
    """Tell two descriptions apart; one that is missing or part of the other is no contradiction."""
    one, other = listed.casefold().split(), registered.casefold().split()
    return bool(one and other) and not (set(one) <= set(other) or set(other) <= set(one))


def reason_of(
    spec: Spec,
    entry: VoiEntry,
    voi_list: VoiList,
    match_class: MatchClass,
    *,
    distance: float = 0.0,
    confidence: int = 100,
) -> HitReason:
    """Return the reason that an entry gives, with its badge and tier.

    A possible misread has no tier whatever its entry asks for (domain facts 9.3).
    """
    tier = spec.tier_of(
        entry.action, entry.reason, entry.warning_signals, voi_list.source, voi_list.name
    )
    return HitReason(
        list_name=voi_list.name,
        list_revision=voi_list.revision,
        badge=spec.badge_of(voi_list.name, voi_list.source),
        match_class=match_class,
        tier=None if match_class is MatchClass.MISREAD else tier,
        entry=entry,
        source=voi_list.source,
        loaded_at=voi_list.loaded_at,
        distance=distance,
        confidence=confidence,
    )
