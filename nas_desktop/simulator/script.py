"""What a demonstration must show: hits at the right moments, a clone, a convoy, a late batch.

Everything here is planned by time and put among the ordinary traffic. The opening brings one hit of
each kind within half a minute; afterwards hits come at a steady pace.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

from nas_desktop.domain.spec import Spec, Tier
from nas_desktop.domain.voi import Action, VoiEntry, VoiList
from nas_desktop.domain.vrm import Vrm
from nas_desktop.simulator.journeys import SECOND_US, Pass, patrol_site
from nas_desktop.simulator.marks import look_alike
from nas_desktop.simulator.network import CameraNetwork
from nas_desktop.simulator.vehicles import Fleet, Vehicle

USUAL_HITS_PER_MINUTE = 0.5
_OPENING_S = (2.2, 8.5, 16.0, 24.0)
_CLONE_S = 47.0
_MISREAD_S = 58.0
_BATCH_S = 75.0
_BATCH_SIZE = 40
_CONVOY_S = 300.0
_STEADY_FROM_S = 110.0
_MISREAD_EVERY = 8
_FIRST_REPORTED_S = 40.0
_REPORTED_EVERY_S = 60.0
_SHARES = ((Tier.P1, 10), (Tier.P2, 30), (Tier.P3, 35), (Tier.P4, 25))
_REPEAT = 0.25
"""Share of the steady hits that are the next sighting of a vehicle seen minutes ago."""

_CREDIBLE_MPS = (5.0, 16.0)
_FRESH_MPS = 12.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A listed vehicle that drives in the simulated area, with the entry that gives its tier."""

    vehicle: Vehicle
    entry: VoiEntry
    tier: Tier | None


def wanted_of(spec: Spec, lists: Sequence[VoiList], fleet: Fleet) -> tuple[Wanted, ...]:
    """Return each listed vehicle of the fleet once per entry, in the order of the lists."""
    by_mark = {vehicle.vrm: vehicle for vehicle in fleet}
    return tuple(
        Wanted(
            by_mark[entry.vrm],
            entry,
            spec.tier_of(entry.action, entry.reason, entry.warning_signals),
        )
        for voi_list in lists
        for entry in voi_list.entries
        if entry.vrm in by_mark
    )


class Script:
    """Plans the passes that are no chance, and hands them out in order of time.

    Args:
        seed: decides everything.
        start: aware UTC, the zero of all times here.
        network: the cameras.
        fleet: where further vehicles come from.
        wanted: the listed vehicles.
        listed: all marks of all lists, whether they drive or not.
        avoid: cameras that no planned hit uses: the silent one and the one with the wrong clock.
        hits_per_minute: steady pace, None for the usual one, 0 for none.
        has_opening: play the opening and the stories of the demonstration.
        reported: vehicles that PNC has a report on; with the opening, one of them passes each
            minute.
    """

    def __init__(
        self,
        seed: int,
        start: datetime,
        network: CameraNetwork,
        fleet: Fleet,
        wanted: Sequence[Wanted],
        *,
        listed: frozenset[str],
        avoid: frozenset[int],
        hits_per_minute: float | None,
        has_opening: bool,
        reported: Sequence[Wanted] = (),
    ) -> None:
        self._rng = random.Random(f"script/{seed}")
        self._rng_reported = random.Random(f"reported/{seed}")
        self._start = start
        self._network = network
        self._fleet = fleet
        self._wanted = tuple(wanted)
        self._listed = listed
        self._cameras = [i for i in network.standing if i not in avoid] or list(network.standing)
        self._is_even = hits_per_minute is not None
        per_minute = USUAL_HITS_PER_MINUTE if hits_per_minute is None else hits_per_minute
        self._interval_us = round(60 * SECOND_US / per_minute) if per_minute > 0 else None
        self._seen: dict[str, tuple[int, int]] = {}
        self._queue: list[tuple[int, int, Pass | Callable[[int], None]]] = []
        self._number = 0
        self._hits = 0
        if has_opening:
            self._plan_opening()
        if self._interval_us is not None:
            first_s = 30.0 if self._is_even else _STEADY_FROM_S
            first_us = round(first_s * SECOND_US) if has_opening else self._interval_us // 2
            self._next_us = first_us
            self._at(first_us, self._steady_hit)
        self._at(150 * SECOND_US, self._quiet_pass)
        self._at(430 * SECOND_US, self._unlisted_clone)
        self._at(round(_CONVOY_S * SECOND_US), self._convoy)
        self._reported = tuple(reported)
        if has_opening and reported:
            self._at(round(_FIRST_REPORTED_S * SECOND_US), self._reported_pass)
        self._tells_convoy = has_opening and not self._is_even

    def due(self, before_us: int) -> list[Pass]:
        """Return the passes planned before that time, in order; each is returned once."""
        found: list[Pass] = []
        while self._queue and self._queue[0][0] < before_us:
            at_us, _number, what = heappop(self._queue)
            if isinstance(what, Pass):
                found.append(what)
            else:
                what(at_us)
        return found

    def _at(self, at_us: int, what: Callable[[int], None]) -> None:
        self._number += 1
        heappush(self._queue, (at_us, self._number, what))

    def _put(self, planned: Pass) -> None:
        self._number += 1
        # A pass before the start (a late batch) waits in the queue like any other.
        heappush(self._queue, (max(0, planned.at_us), self._number, planned))

    # -------------------------------------------------------------- the opening

    def _plan_opening(self) -> None:
        tests: tuple[Callable[[Wanted], bool], ...] = (
            lambda w: w.tier is Tier.P1 and w.entry.warning_signals == ("FI", "VI"),
            lambda w: w.tier is Tier.P2 and w.entry.action is Action.STOP,
            lambda w: w.tier is Tier.P3 and w.entry.reason == "Cloned",
            lambda w: w.tier is Tier.P4,
        )
        for time_s, fits in zip(_OPENING_S, tests, strict=True):
            at_us = round((time_s + self._rng.uniform(-0.4, 0.4)) * SECOND_US)
            wanted = self._first(at_us, fits)
            if wanted is None:
                continue
            camera = self._camera_for(wanted.vehicle, at_us)
            self._hit(wanted.vehicle, at_us, camera)
            if wanted.entry.reason == "Cloned":
                self._double(wanted.vehicle, camera, round(_CLONE_S * SECOND_US))
        self._at(round(_MISREAD_S * SECOND_US), self._misread_hit)
        if self._network.mobile:
            self._late_batch(round(_BATCH_S * SECOND_US))

    def _first(self, at_us: int, fits: Callable[[Wanted], bool]) -> Wanted | None:
        fitting = [w for w in self._in_force(at_us) if fits(w) and w.vehicle.vrm not in self._seen]
        # Cars with clear marks first: the opening is what everybody sees.
        fitting.sort(key=lambda w: (w.vehicle.is_dirty, w.vehicle.style != "current"))
        return fitting[0] if fitting else None

    def _in_force(self, at_us: int) -> list[Wanted]:
        instant = self._start + timedelta(microseconds=at_us)
        return [w for w in self._wanted if w.tier is not None and w.entry.is_active_at(instant)]

    def _double(self, vehicle: Vehicle, seen_at: int, at_us: int) -> None:
        """Let another vehicle with the same mark pass far away, too soon for it to be the same."""
        other = self._fleet.invent(self._rng, (vehicle.vrm, vehicle.style))
        while other.colour == vehicle.colour and other.make == vehicle.make:
            other = self._fleet.invent(self._rng, (vehicle.vrm, vehicle.style))
        other.is_dirty = False
        far = max(self._cameras, key=lambda i: self._network.road_m(seen_at, i))
        self._put(Pass(at_us, far, other, read_as=vehicle.vrm, is_certain=True))

    def _late_batch(self, handed_us: int) -> None:
        """Plan what a mobile unit gathered out of coverage before the start, one hit among it."""
        rng = self._rng
        unit = self._network.mobile[-1]
        times = sorted(round(rng.uniform(-840, -420) * SECOND_US) for _ in range(_BATCH_SIZE))
        wanted = self._first(0, lambda w: w.tier is Tier.P3)
        for place, at_us in enumerate(times):
            late = handed_us + place * 4_000
            if place == _BATCH_SIZE // 2 and wanted is not None:
                site = patrol_site(self._network, unit, at_us)
                self._seen[wanted.vehicle.vrm] = (at_us, site)
                vehicle, is_certain = wanted.vehicle, True
            else:
                vehicle, is_certain = self._stranger(), False
            self._put(Pass(at_us, unit, vehicle, is_certain=is_certain, handed_us=late))

    # -------------------------------------------------------------- the steady pace

    def _steady_hit(self, at_us: int) -> None:
        assert self._interval_us is not None
        self._hits += 1
        if self._hits % _MISREAD_EVERY == 0:
            self._misread_hit(at_us)
        elif self._rng.random() >= _REPEAT or not self._see_again(at_us):
            self._see_anew(at_us)
        # Jitter about an even beat, not from hit to hit, so that the count keeps to the rate.
        self._next_us += self._interval_us
        jitter = round(self._rng.uniform(-0.12, 0.12) * self._interval_us)
        self._at(self._next_us + jitter, self._steady_hit)

    def _see_again(self, at_us: int) -> bool:
        """Let a vehicle seen minutes ago pass the next camera on its way, if one fits."""
        recent = sorted(self._seen.items(), key=lambda item: -item[1][0])[:8]
        vehicles = {w.vehicle.vrm: w.vehicle for w in self._in_force(at_us)}
        for vrm, (seen_us, camera) in recent:
            gap_s = (at_us - seen_us) / SECOND_US
            if gap_s < 60 or Vrm(vrm) not in vehicles:
                continue
            for leg in self._network.legs[camera]:
                if (
                    leg.to in self._cameras
                    and _CREDIBLE_MPS[0] <= leg.road_m / gap_s <= _CREDIBLE_MPS[1]
                ):
                    self._hit(vehicles[Vrm(vrm)], at_us, leg.to)
                    return True
        return False

    def _see_anew(self, at_us: int) -> None:
        rng = self._rng
        tier = rng.choices([t for t, _share in _SHARES], [share for _t, share in _SHARES])[0]
        in_force = self._in_force(at_us)
        pool = [w for w in in_force if w.tier is tier] or in_force
        if not pool:
            return
        picks = [pool[int(rng.random() * len(pool))] for _attempt in range(4)]
        wanted = min(picks, key=lambda w: self._seen.get(w.vehicle.vrm, (-(10**15), 0))[0])
        self._hit(wanted.vehicle, at_us, self._camera_for(wanted.vehicle, at_us))

    def _misread_hit(self, at_us: int) -> None:
        """Let an innocent vehicle pass whose mark the camera takes for a listed one."""
        rng = self._rng
        pool = [
            w
            for w in self._in_force(at_us)
            if w.entry.action is Action.STOP and w.vehicle.vrm not in self._seen
        ] or self._in_force(at_us)
        rng.shuffle(pool)
        for wanted in pool:
            mark = look_alike(wanted.vehicle.vrm, rng, self._fleet.marks | self._listed)
            if mark is None:
                continue
            innocent = self._fleet.invent(rng, (mark, wanted.vehicle.style))
            innocent.is_dirty = False
            camera = self._camera_for(wanted.vehicle, at_us)
            # By the records the listed vehicle was here, so it must not be far away soon.
            self._seen[wanted.vehicle.vrm] = (at_us, camera)
            self._put(Pass(at_us, camera, innocent, read_as=wanted.vehicle.vrm, is_certain=True))
            return

    def _hit(self, vehicle: Vehicle, at_us: int, camera: int) -> None:
        self._seen[vehicle.vrm] = (at_us, camera)
        self._put(Pass(at_us, camera, vehicle, is_certain=True))

    def _camera_for(self, vehicle: Vehicle, at_us: int) -> int:
        """Return a camera that the vehicle can have reached since it was last seen."""
        choices = self._cameras
        if vehicle.vrm not in self._seen:
            return self._rng.choice(choices)
        seen_us, last = self._seen[vehicle.vrm]
        reach_m = (at_us - seen_us) / SECOND_US * _FRESH_MPS
        for _attempt in range(20):
            camera = self._rng.choice(choices)
            if self._network.road_m(last, camera) <= reach_m:
                return camera
        return last

    # -------------------------------------------------------------- other stories

    def _stranger(self) -> Vehicle:
        """Return a vehicle that ordinary traffic does not know, so that it is nowhere else."""
        return self._fleet.invent(self._rng)

    def _quiet_pass(self, at_us: int) -> None:
        """Let a vehicle pass whose entry must not ring: No Alert, weeded, or not begun."""
        instant = self._start + timedelta(microseconds=at_us)
        ringing = {w.vehicle.vrm for w in self._in_force(at_us)}
        quiet = [
            w
            for w in self._wanted
            if (w.tier is None or not w.entry.is_active_at(instant))
            and w.vehicle.vrm not in ringing
        ]
        if quiet:
            wanted = self._rng.choice(quiet)
            camera = self._camera_for(wanted.vehicle, at_us)
            self._hit(wanted.vehicle, at_us, camera)
        self._at(at_us + round(self._rng.uniform(120, 240) * SECOND_US), self._quiet_pass)

    def _reported_pass(self, at_us: int) -> None:
        """Let a vehicle pass that PNC has a report on."""
        wanted = self._rng_reported.choice(self._reported)
        self._hit(wanted.vehicle, at_us, self._camera_for(wanted.vehicle, at_us))
        self._at(at_us + round(_REPORTED_EVERY_S * SECOND_US), self._reported_pass)

    def _unlisted_clone(self, at_us: int) -> None:
        vehicle = self._stranger()
        camera = self._rng.choice(self._cameras)
        self._put(Pass(at_us, camera, vehicle, is_certain=True))
        self._double(vehicle, camera, at_us + 70 * SECOND_US)
        self._at(at_us + round(self._rng.uniform(500, 800) * SECOND_US), self._unlisted_clone)

    def _convoy(self, at_us: int) -> None:
        """Let three vehicles travel together past up to four cameras, a few seconds apart."""
        rng = self._rng
        together = [self._stranger() for _place in range(3)]
        if self._tells_convoy:
            pool = [w.vehicle for w in self._in_force(at_us) if w.vehicle.vrm not in self._seen]
            together[:2] = rng.sample(pool, min(2, len(pool)))
        camera = rng.choice(self._cameras)
        for _stage in range(4 if not self._tells_convoy else 3):
            gap_us = 0
            for vehicle in together:
                self._hit(vehicle, at_us + gap_us, camera)
                gap_us += round(rng.uniform(2.0, 4.0) * SECOND_US)
            legs = [leg for leg in self._network.legs[camera] if leg.to in self._cameras]
            if not legs:
                break
            leg = rng.choice(legs)
            at_us += round(leg.road_m / rng.uniform(9, 12) * SECOND_US)
            camera = leg.to
        self._at(at_us + 2_400 * SECOND_US, self._convoy)


def entries_by_mark(lists: Sequence[VoiList]) -> Mapping[str, list[VoiEntry]]:
    """Return all entries of all lists by mark."""
    found: dict[str, list[VoiEntry]] = {}
    for voi_list in lists:
        for entry in voi_list.entries:
            found.setdefault(entry.vrm, []).append(entry)
    return found
