"""Lists of vehicles of interest for the demonstration, and large ones for measuring.

The wording is in ``resources/simulator/voi_texts.json`` and invented. Every entry keeps the rules
of the template (NAS Technical Specifications v3.1 §5): one reason, a 3x5x2 grade, at most 198
characters, a window of at most 28 days, and the reasons reserved for national lists only there.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from nas_desktop.domain.voi import Action, ListSource, VoiEntry, VoiList
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.resources import load_json
from nas_desktop.simulator.marks import invent_mark
from nas_desktop.simulator.vehicles import Vehicle

MAX_INFORMATION = 198
"""Longest text of column 9, characters (NAS v3.1 §5)."""

_MAX_DAYS = 28
_ON_THE_ROAD = 0.7
"""Share of the entries whose vehicle really drives in the simulated area (invented)."""

_EXPIRED = 0.04
_NOT_STARTED = 0.04
_ON_TWO_LISTS = 6
_REPORTS = 24
_OTHER_VEHICLES = (3, 7)
_ALWAYS = (date(2000, 1, 1), date(2100, 1, 1))


def demo_lists(seed: int, now: datetime, vehicles: Sequence[Vehicle]) -> list[VoiList]:
    """Return the lists of several forces and one national list, about 220 entries in all.

    Args:
        seed: decides which vehicles are listed and why.
        now: an aware instant; windows lie around its day, some over, some not yet begun.
        vehicles: those that drive; about 70 % of the entries take one of them each, the others
            carry marks that nobody will see. Fewer vehicles than entries is allowed.

    Raises:
        ValueError: ``now`` is not aware.
    """
    if now.tzinfo is None:
        raise ValueError("the present instant needs a time zone")
    rng = random.Random(f"lists/{seed}")
    texts: Mapping[str, Any] = load_json("simulator", "voi_texts.json")
    today = now.astimezone(UTC).date()
    order = list(range(len(vehicles)))
    rng.shuffle(order)
    free = iter(order)
    taken = {vehicle.vrm for vehicle in vehicles}
    lists: list[VoiList] = []
    for owner in texts["lists"]:
        entries: list[VoiEntry] = []
        for kind_name, count in owner["contents"].items():
            for number in range(count):
                # The first of each kind is on the road and in force: every kind can be shown.
                is_first = number == 0
                vehicle = _next_vehicle(rng, vehicles, free, is_certain=is_first)
                vrm = vehicle.vrm if vehicle else _unseen_mark(rng, taken, today.year)
                window = _window(rng, today, may_be_inactive=not is_first)
                kind = texts["kinds"][kind_name]
                signals = kind["signals"][0] if is_first else rng.choice(kind["signals"])
                entries.append(_entry(rng, vrm, vehicle, kind, owner, window, tuple(signals)))
        lists.append(
            VoiList(
                name=owner["name"],
                revision=owner["revision"],
                entries=tuple(entries),
                loaded_at=now - timedelta(minutes=rng.randint(3, 240)),
                authority=owner.get("authority", ""),
                finds_misreads=owner.get("finds_misreads", False),
            )
        )
    return _with_doubles(rng, lists)


def _next_vehicle(
    rng: random.Random, vehicles: Sequence[Vehicle], free: Iterator[int], *, is_certain: bool
) -> Vehicle | None:
    if rng.random() >= _ON_THE_ROAD and not is_certain:
        return None
    for index in free:
        # A bus that is wanted would pass every camera all day.
        if vehicles[index].shape != "bus":
            return vehicles[index]
    return None


def _unseen_mark(rng: random.Random, taken: set[Vrm], year: int) -> Vrm:
    while True:
        vrm, _style = invent_mark(rng, year)
        if vrm not in taken:
            taken.add(vrm)
            return vrm


def _window(rng: random.Random, today: date, *, may_be_inactive: bool) -> tuple[date, date]:
    draw = rng.random() if may_be_inactive else 1.0
    if draw < _EXPIRED:
        # Weeded today at the latest: the day itself no longer counts (NAS v3.1 §5).
        weed_date = today - timedelta(days=rng.randint(0, 5))
        return weed_date - timedelta(days=rng.randint(7, _MAX_DAYS)), weed_date
    if draw < _EXPIRED + _NOT_STARTED:
        starts_on = today + timedelta(days=rng.randint(1, 6))
        return starts_on, starts_on + timedelta(days=rng.randint(7, _MAX_DAYS))
    starts_on = today - timedelta(days=rng.randint(0, 20))
    # At least two days left: a demonstration may run past midnight.
    left = _MAX_DAYS - (today - starts_on).days
    return starts_on, today + timedelta(days=rng.randint(2, left))


def _entry(
    rng: random.Random,
    vrm: Vrm,
    vehicle: Vehicle | None,
    kind: Mapping[str, Any],
    owner: Mapping[str, Any],
    window: tuple[date, date],
    signals: tuple[str, ...],
) -> VoiEntry:
    make = vehicle.make if vehicle else "FORD"
    colour = vehicle.colour if vehicle else "BLUE"
    text: str = rng.choice(kind["texts"]).format(
        colour=colour, make=make, ref=rng.randint(1_000, 9_999)
    )
    has_person = bool(kind["person"]) and rng.random() < 0.6
    return VoiEntry(
        vrm=vrm,
        action=Action(kind["action"]),
        reason=kind["reason"],
        starts_on=window[0],
        weed_date=window[1],
        make=make,
        model=vehicle.model if vehicle else "",
        colour=colour,
        warning_signals=signals,
        intel=rng.choice(kind["grades"]),
        information=text[:MAX_INFORMATION],
        lea_and_area=f"{owner['owner']} / {rng.choice(owner['areas'])}",
        pnc_id=f"{rng.randint(80, 99)}/{rng.randint(1, 499_999)}{rng.choice('ABCDEFGHJK')}"
        if has_person
        else "",
        gsc=kind["gsc"],
        cad=str(rng.randint(1, 2_400)) if rng.random() < 0.5 else "",
        contact=owner["contact"],
    )


def _with_doubles(rng: random.Random, lists: list[VoiList]) -> list[VoiList]:
    """Put a few marks of the first list on the fourth as well: hits with two reasons exist."""
    first, other = lists[0], lists[3]
    doubled = rng.sample(first.entries, min(_ON_TWO_LISTS, len(first.entries)))
    replaced = list(other.entries)
    for place, entry in enumerate(doubled):
        replaced[place] = replace(
            replaced[place],
            vrm=entry.vrm,
            make=entry.make,
            model=entry.model,
            colour=entry.colour,
        )
    lists[3] = replace(other, entries=tuple(replaced))
    return lists


def national_lists(
    seed: int, now: datetime, vehicles: Sequence[Vehicle], taken: Collection[str]
) -> tuple[VoiList, VoiList]:
    """Return a PNC Extract of vehicles that drive, and the register of what carries which mark.

    Args:
        seed: decides which vehicles have a report and why.
        now: an aware instant.
        vehicles: those that drive.
        taken: marks of other lists, which get no report of PNC. The register has them too, two of
            them with another vehicle, as where a mark is on the wrong car.
    """
    rng = random.Random(f"national/{seed}")
    texts: Mapping[str, Any] = load_json("simulator", "voi_texts.json")
    today = now.astimezone(UTC).date()
    free = [v for v in vehicles if v.vrm not in taken and v.shape != "bus"]
    rng.shuffle(free)
    reports: list[VoiEntry] = []
    window = (today - timedelta(days=9), today + timedelta(days=365))
    for kind in texts["extract"]:
        for _number in range(min(max(2, _REPORTS * kind["share"] // 100), len(free))):
            vehicle = free.pop()
            text = rng.choice(kind["texts"]).format(ref=rng.randint(10_000, 99_999))
            reports.append(
                VoiEntry(
                    vehicle.vrm,
                    Action(kind["action"]),
                    kind["reason"],
                    *window,
                    make=vehicle.make,
                    model=vehicle.model,
                    colour=vehicle.colour,
                    warning_signals=tuple(rng.choice(kind["signals"])),
                    information=text[:MAX_INFORMATION],
                    lea_and_area="PNC / simulated",
                    contact="PNC bureau (simulated)",
                )
            )
    extract = VoiList(
        "PNC Extract", 1, tuple(reports), now - timedelta(hours=5), ListSource.PNC_EXTRACT
    )
    register = tuple(
        VoiEntry(
            v.vrm,
            Action.ASSESS,
            "Other",
            *_ALWAYS,
            make=v.make,
            model=v.model,
            colour=v.colour,
        )
        for v in vehicles
        if v.vrm in taken
    )
    register = tuple(
        replace(entry, make="VAUXHALL", model="ASTRA", colour="RED")
        if number in _OTHER_VEHICLES
        else entry
        for number, entry in enumerate(register)
    )
    return extract, VoiList("MMC register", 1, register, now, ListSource.MMC)


def background_entries(
    count: int, seed: int, *, avoid: Collection[str] = (), window: tuple[date, date] = _ALWAYS
) -> tuple[VoiEntry, ...]:
    """Return entries for a list of national size; each mark once.

    Args:
        count: how many, 0 to some millions.
        seed: decides them.
        avoid: marks that must not be listed, e.g. those of a fleet.
        window: first day and weed date; by default in force in any year of this century.
    """
    rng = random.Random(f"background/{seed}")
    reasons = ("Intel Serious Crime", "Low Crime", "Drugs", "Documents", "Disqualified", "Cloned")
    actions = (Action.ASSESS, Action.ASSESS, Action.ASSESS, Action.STOP)
    seen: set[str] = set(avoid)
    entries: list[VoiEntry] = []
    while len(entries) < count:
        vrm, _style = invent_mark(rng, 2026)
        if vrm in seen:
            continue
        seen.add(vrm)
        entries.append(
            VoiEntry(
                vrm=vrm,
                action=rng.choice(actions),
                reason=rng.choice(reasons),
                starts_on=window[0],
                weed_date=window[1],
                intel="1BP",
                information="Invented entry for measuring.",
                lea_and_area="Measurement / none",
                contact="none",
            )
        )
    return tuple(entries)
