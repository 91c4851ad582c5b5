"""Who may look at reads of which age, for what, under whose authority: one pure decision.

Domain facts 6.4. The bands, the roles, the purposes that each band admits and the ranks are an
assembly of published rules (partly *recalled*, partly *inferred*) and come as data
(``resources/access/policy.json``); this module only says how they are put together. The window
shows the decision and the node that holds the data enforces it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from nas_desktop.domain.access import Role
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.query import ReadQuery, fits
from nas_desktop.domain.vrm import UNREAD

FEWEST_JUSTIFICATION = 10
"""Fewest characters of a justification that are no spaces (domain facts 6.5, inferred)."""

MOST_JUSTIFICATION = 250
"""Most characters of a justification (LEDS request headers, domain facts 6.5)."""

MOST_REFERENCE = 53
MOST_ON_BEHALF = 50
MOST_AUTHORITY = 64
FEWEST_ON_BEHALF = 3
REASON_CODES = range(10)
"""PNC reason codes 0 to 9 (domain facts 6.5)."""

AUDIT_REASON = 0
"""Transaction log and other audit checks."""


class Purpose(StrEnum):
    """Purpose categories (domain facts 6.4)."""

    PVC = "PVC"
    SERIOUS = "SERIOUS"
    MAJOR = "MAJOR"
    CT = "CT"
    OPERATIONAL_RESPONSE = "OPERATIONAL_RESPONSE"
    MISSING_PERSON = "MISSING_PERSON"
    ROAD_SAFETY = "ROAD_SAFETY"
    AUDIT = "AUDIT"


class Band(StrEnum):
    """Age of the oldest read asked for: A up to 90 days, B up to 12 calendar months, C beyond."""

    A = "A"
    B = "B"
    C = "C"


class Rule(StrEnum):
    """Which rule a denial rests on; stable words for audit, protocol and tests."""

    ROLE = "role"
    PURPOSE = "purpose"
    REASON_CODE = "reason_code"
    JUSTIFICATION = "justification"
    REFERENCE = "reference"
    ON_BEHALF = "on_behalf"
    CRITERIA = "criteria"
    RETENTION = "retention"
    EXTENDED = "extended"
    AUTHORITY_MISSING = "authority_missing"
    AUTHORITY_SELF = "authority_self"
    AUTHORITY_RANK = "authority_rank"
    AUTHORITY_EXPIRED = "authority_expired"
    AUTHORITY_PURPOSE = "authority_purpose"
    AUTHORITY_RANGE = "authority_range"
    AUTHORITY_MARKS = "authority_marks"
    AUTHORITY_FOR = "authority_for"
    OWN_VEHICLE = "own_vehicle"


@dataclass(frozen=True, slots=True)
class SearchReason:
    """Why somebody looks: asked before every search, recorded with it.

    ``reason_code`` is a PNC code 0 to 9, ``justification`` 3 to 250 characters of which at least
    10 are no spaces, ``reference`` an incident, crime or operation number, at most 53 characters,
    ``on_behalf_of`` empty or 3 to 50 characters. ``authority`` names the authorisation it rests
    on, or is empty.
    """

    purpose: Purpose
    reason_code: int
    justification: str
    reference: str
    on_behalf_of: str = ""
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Authority:
    """An authorisation: who allowed whom to look at what, until when.

    ``since`` and ``until`` bound the capture times granted, ``marks`` the VRMs (none: any).
    ``granted_to`` is the account it was granted to, empty for anybody on the operation.
    ``is_verbal`` means that the searcher entered it; it must be countersigned by the authoriser
    within ``AccessPolicy.countersign_within``.
    """

    authority_id: str
    authoriser: str
    authoriser_name: str
    rank: str
    force: str
    at: datetime
    purpose: Purpose
    operation: str
    since: datetime
    until: datetime
    expires_at: datetime
    marks: tuple[str, ...] = ()
    granted_to: str = ""
    collar_no: str = ""
    is_verbal: bool = False
    entered_by: str = ""
    countersigned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """The rules as data.

    ``searchers`` may search at all, ``extended`` beyond 90 days; ``by_mark_only`` of them may only
    look for marks. ``purposes`` says which purposes a band admits, ``ranks`` the ranks from low to
    high, ``least_rank`` the lowest that may authorise a band. ``retention_months`` is 12 or 24.
    """

    searchers: frozenset[Role]
    extended: frozenset[Role]
    by_mark_only: frozenset[Role]
    purposes: Mapping[Band, frozenset[Purpose]]
    ranks: tuple[str, ...]
    least_rank: Mapping[Band, str]
    retention_months: int = 12
    days_a: int = 90
    months_b: int = 12
    authority_lasts: timedelta = timedelta(hours=24)
    countersign_within: timedelta = timedelta(hours=24)
    allow_pvc_after_90d: bool = False
    missing_person_band_b: bool = False

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> AccessPolicy:
        """Build from ``resources/access/policy.json``.

        Raises:
            ValueError: ``retention_months`` is neither 12 nor 24, or a name is unknown.
            KeyError: a setting is missing.
        """
        months = int(data["retention_months"])
        if months not in (12, 24):
            raise ValueError("retention_months is 12 or 24")
        unknown = set(data["least_rank"].values()) - set(data["ranks"])
        if unknown:
            raise ValueError(f"least_rank names no rank: {', '.join(sorted(unknown))}")
        purposes = {
            Band(band): frozenset(map(Purpose, names)) for band, names in data["purposes"].items()
        }
        return cls(
            searchers=frozenset(map(Role, data["searchers"])),
            extended=frozenset(map(Role, data["extended"])),
            by_mark_only=frozenset(map(Role, data["by_mark_only"])),
            purposes=purposes,
            ranks=tuple(data["ranks"]),
            least_rank={Band(band): str(rank) for band, rank in data["least_rank"].items()},
            retention_months=months,
            days_a=int(data["days_a"]),
            months_b=int(data["months_b"]),
            authority_lasts=timedelta(hours=float(data["authority_hours"])),
            countersign_within=timedelta(hours=float(data["countersign_hours"])),
            allow_pvc_after_90d=bool(data["allow_pvc_after_90d"]),
            missing_person_band_b=bool(data["missing_person_band_b"]),
        )

    def admits(self, band: Band, purpose: Purpose) -> bool:
        """Tell whether a band may be looked at for a purpose."""
        if purpose in self.purposes.get(band, frozenset()):
            return True
        if band is Band.B:
            return (purpose is Purpose.PVC and self.allow_pvc_after_90d) or (
                purpose is Purpose.MISSING_PERSON and self.missing_person_band_b
            )
        return False

    def outranks(self, rank: str, band: Band) -> bool:
        """Tell whether a rank is high enough to authorise a band; unknown ranks are not."""
        least = self.least_rank.get(band, "")
        if rank not in self.ranks or least not in self.ranks:
            return False
        return self.ranks.index(rank) >= self.ranks.index(least)

    def band_of(self, captured: datetime, now: datetime) -> Band:
        """Return the band of a capture time: whole days of age, then calendar months."""
        today, day = now.astimezone(UTC).date(), captured.astimezone(UTC).date()
        if (today - day).days <= self.days_a:
            return Band.A
        return Band.B if day >= months_before(today, self.months_b) else Band.C

    def oldest(self, now: datetime) -> datetime:
        """Return the oldest instant that may be asked for at all: the end of retention."""
        return _midnight(months_before(now.astimezone(UTC).date(), self.retention_months))

    def first_of_band_a(self, now: datetime) -> datetime:
        """Return the oldest instant of band A; what "trim to 90 days" trims to."""
        return _midnight(now.astimezone(UTC).date() - timedelta(days=self.days_a))

    def first_of_band_b(self, now: datetime) -> datetime:
        """Return the oldest instant of band B."""
        return _midnight(months_before(now.astimezone(UTC).date(), self.months_b))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def months_before(day: date, months: int) -> date:
    """Return the same day so many calendar months before, or the last day of that month."""
    total = day.year * 12 + day.month - 1 - months
    year, month = divmod(total, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


@dataclass(frozen=True, slots=True)
class Denial:
    """One rule that stands against a search, in words, with what would be needed."""

    rule: Rule
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a search is allowed.

    ``band`` is that of its oldest instant, ``oldest_age_days`` its age in whole days.
    ``trim_to`` is where the span would have to begin to need no authority (None: nothing to
    trim). ``denials`` are all rules that stand against it, most basic first; none means allowed.
    ``needs_review`` tells that a supervisor sees it in any case: band B or C, a verbal authority,
    the searcher's own or a colleague's vehicle.
    """

    band: Band
    oldest_age_days: int
    denials: tuple[Denial, ...] = ()
    trim_to: datetime | None = None
    needs_review: bool = False
    concerns_colleague: bool = False

    @property
    def is_allowed(self) -> bool:
        """True when nothing stands against it."""
        return not self.denials


@dataclass(frozen=True, slots=True)
class Searcher:
    """Who asks: account, person's name, roles, and the vehicles registered as their own."""

    username: str
    name: str
    roles: tuple[Role, ...]
    own_vehicles: frozenset[str] = field(default_factory=frozenset)


_JUNK = frozenset({"asdf", "qwerty", "test", "testing", "xxx", "none", "n/a", "na", "tbc", "tba"})
_SAME_AGAIN = frozenset({"as above", "as before", "same", "same as above", "ditto", "see above"})


_MASHED = re.compile(r"asdf|qwert|([^\W\d_])\1{4}")
"""Keys struck at random: looked for within words, for "was DfT" is none."""


def weak_justification(text: str) -> str:
    """Return why a justification is none, or an empty string when it may stand (facts 6.5)."""
    words = " ".join(text.split())
    dense = words.replace(" ", "")
    low = words.lower().strip(".!? ")
    if len(text) > MOST_JUSTIFICATION:
        return f"The justification is longer than {MOST_JUSTIFICATION} characters."
    if low in _SAME_AGAIN:
        return "The justification refers to another one instead of saying why."
    if any(junk == low or (low.startswith(f"{junk} ") and len(dense) < 20) for junk in _JUNK):
        return "The justification says nothing."
    if len(dense) < FEWEST_JUSTIFICATION:
        return f"The justification has fewer than {FEWEST_JUSTIFICATION} characters."
    kinds = set(dense.lower())
    if len(kinds) < 5 or _MASHED.search(low):
        return "The justification repeats characters instead of saying why."
    return ""


def decide(
    query: ReadQuery,
    reason: SearchReason,
    searcher: Searcher,
    policy: AccessPolicy,
    now: datetime,
    authority: Authority | None = None,
    colleagues: frozenset[str] = frozenset(),
) -> Decision:
    """Decide on one search.

    Args:
        query: what is asked; its oldest instant decides the band.
        reason: why.
        searcher: who asks.
        policy: the rules.
        now: the clock of the node that decides, aware UTC.
        authority: the authorisation that ``reason`` names, None when there is none of that name.
        colleagues: vehicles registered as belonging to people with accounts here.
    """
    band = policy.band_of(query.since, now)
    age = (now.astimezone(UTC).date() - query.since.astimezone(UTC).date()).days
    denials: list[Denial] = []
    denials += _of_role(query, searcher, policy)
    denials += _of_reason(reason)
    marks = frozenset(query.marks) | frozenset(query.look_alikes)
    is_own = bool(marks & searcher.own_vehicles)
    is_colleague = bool(marks & colleagues) or _is_near(query, colleagues)
    # What comes near one's own mark is looked at afterwards; to refuse it would hinder too much.
    is_near_own = _is_near(query, searcher.own_vehicles)
    is_verbal = authority is not None and authority.is_verbal
    if is_own:
        denials.append(
            Denial(
                Rule.OWN_VEHICLE,
                "This is a vehicle registered as your own.",
                "Ask a supervisor to have somebody else look.",
            )
        )
    if query.since < policy.oldest(now):
        denials.append(
            Denial(
                Rule.RETENTION,
                f"Reads are kept for {policy.retention_months} months.",
                "Begin later.",
            )
        )
    elif not policy.admits(band, reason.purpose):
        denials.append(
            Denial(
                Rule.PURPOSE,
                f"Reads of band {band} may not be searched for this purpose.",
                f"Trim to {policy.days_a} days, or choose the purpose that applies.",
            )
        )
    if band is not Band.A:
        if not policy.extended.intersection(searcher.roles):
            denials.append(
                Denial(
                    Rule.EXTENDED,
                    f"Your role may search {policy.days_a} days back.",
                    f"Trim to {policy.days_a} days, or ask an analyst.",
                )
            )
        denials += _of_authority(query, reason, searcher, policy, now, authority, band)
    is_trimmable = band is not Band.A and query.until > policy.first_of_band_a(now)
    return Decision(
        band=band,
        oldest_age_days=age,
        denials=tuple(denials),
        trim_to=policy.first_of_band_a(now) if is_trimmable else None,
        needs_review=band is not Band.A or is_own or is_near_own or is_colleague or is_verbal,
        concerns_colleague=is_colleague,
    )


def _is_near(query: ReadQuery, vehicles: frozenset[str]) -> bool:
    """Tell whether a pattern fits one of the vehicles, or a look-alike may stand for it."""
    return any(fits(pattern, vrm) for pattern in query.patterns for vrm in vehicles) or any(
        len(mark) == len(vrm) and sum(a != b for a, b in zip(mark, vrm, strict=True)) <= 2
        for mark in query.look_alikes
        for vrm in vehicles
    )


def _of_role(query: ReadQuery, searcher: Searcher, policy: AccessPolicy) -> list[Denial]:
    able = policy.searchers.intersection(searcher.roles)
    if not able:
        return [Denial(Rule.ROLE, "Your role may not search reads.", "Ask the administrator.")]
    # The mark of vehicles that were not identified stands for all of them.
    has_mark = bool((set(query.vrms) | set(query.look_alikes)) - {UNREAD}) and not (
        query.unread or UNREAD in query.vrms
    )
    if able <= policy.by_mark_only and not has_mark:
        return [
            Denial(
                Rule.CRITERIA, "Your role may search by VRM only.", "Name a VRM, or ask an analyst."
            )
        ]
    return []


def _of_reason(reason: SearchReason) -> list[Denial]:
    found: list[Denial] = []
    weak = weak_justification(reason.justification)
    if weak:
        found.append(Denial(Rule.JUSTIFICATION, weak, "Say in a sentence why you look."))
    if not 1 <= len(reason.reference.strip()) <= MOST_REFERENCE or not (
        reason.reference.isprintable()
    ):
        found.append(
            Denial(
                Rule.REFERENCE,
                "There is no incident, crime or operation number.",
                f"Give one of at most {MOST_REFERENCE} characters.",
            )
        )
    if reason.reason_code not in REASON_CODES:
        found.append(Denial(Rule.REASON_CODE, "The reason code is not one of 0 to 9.", ""))
    elif (reason.reason_code == AUDIT_REASON) is not (reason.purpose is Purpose.AUDIT):
        found.append(
            Denial(
                Rule.REASON_CODE,
                "Reason code 0 and the purpose AUDIT belong together.",
                "Choose the code that fits the purpose.",
            )
        )
    if len(reason.authority) > MOST_AUTHORITY:
        found.append(
            Denial(
                Rule.AUTHORITY_MISSING,
                "This is no number of an authority.",
                "Give the number as it was told, or none.",
            )
        )
    behalf = reason.on_behalf_of.strip()
    if behalf and not (FEWEST_ON_BEHALF <= len(behalf) <= MOST_ON_BEHALF and behalf.isprintable()):
        found.append(
            Denial(
                Rule.ON_BEHALF,
                f"On behalf of takes {FEWEST_ON_BEHALF} to {MOST_ON_BEHALF} characters.",
                "Name who asked, or leave it empty.",
            )
        )
    return found


def _of_authority(
    query: ReadQuery,
    reason: SearchReason,
    searcher: Searcher,
    policy: AccessPolicy,
    now: datetime,
    authority: Authority | None,
    band: Band,
) -> Sequence[Denial]:
    least = policy.least_rank.get(band, "")
    if authority is None:
        return [
            Denial(
                Rule.AUTHORITY_MISSING,
                f"Reads of band {band} need an authority.",
                f"Ask an officer of the rank {least} or above, who is not yourself.",
            )
        ]
    found: list[Denial] = []
    if _same(authority.authoriser, searcher.username) or _same(
        authority.authoriser_name, searcher.name
    ):
        found.append(Denial(Rule.AUTHORITY_SELF, "Nobody authorises a search of their own.", ""))
    if not policy.outranks(authority.rank, band):
        found.append(
            Denial(Rule.AUTHORITY_RANK, f"Band {band} needs the rank {least} or above.", "")
        )
    if not authority.at <= now < authority.expires_at:
        found.append(Denial(Rule.AUTHORITY_EXPIRED, "The authority has run out.", "Ask again."))
    elif (
        authority.is_verbal
        and authority.countersigned_at is None
        and (now - authority.at > policy.countersign_within)
    ):
        found.append(
            Denial(
                Rule.AUTHORITY_EXPIRED,
                "The verbal authority was not countersigned in time.",
                "Have the authoriser countersign it.",
            )
        )
    if authority.purpose is not reason.purpose:
        found.append(
            Denial(Rule.AUTHORITY_PURPOSE, "The authority was given for another purpose.", "")
        )
    if query.since < authority.since or query.until > authority.until:
        found.append(
            Denial(Rule.AUTHORITY_RANGE, "The authority does not cover these times.", "Trim them.")
        )
    if authority.marks and not (
        query.has_mark
        and not query.patterns
        and not query.unread
        and set(query.marks) | set(query.look_alikes) <= set(authority.marks)
    ):
        found.append(
            Denial(Rule.AUTHORITY_MARKS, "The authority covers other VRMs.", "Ask for those only.")
        )
    if authority.granted_to and authority.granted_to != searcher.username:
        found.append(Denial(Rule.AUTHORITY_FOR, "The authority was given to somebody else.", ""))
    return found


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


class SearchDenied(Refused):
    """The node says no; the decision tells every rule that stands against it."""

    def __init__(self, decision: Decision) -> None:
        first = decision.denials[0]
        super().__init__(f"denied_{first.rule}", first.message, first.remedy)
        self.decision = decision
