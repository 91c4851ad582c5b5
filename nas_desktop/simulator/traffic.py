"""The simulation: captures as camera systems hand them over, the same ones for seed and start.

Ordinary journeys and the planned stories are put together, read by cameras that make mistakes, and
handed over live or in late batches. Nothing here waits: the caller says how far time has come.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Literal

from nas_desktop.domain.camera import Camera, CameraKind
from nas_desktop.domain.geo import Position
from nas_desktop.domain.read import UNATTENDED
from nas_desktop.domain.voi import VoiList
from nas_desktop.domain.vrm import UNREAD, Vrm
from nas_desktop.services.captures import RawCapture, digest_of
from nas_desktop.services.resources import load_spec
from nas_desktop.simulator.journeys import SECOND_US, SLOT_US, Journeys, Pass, patrol_site
from nas_desktop.simulator.lists import demo_lists, national_lists
from nas_desktop.simulator.marks import misread
from nas_desktop.simulator.network import CameraNetwork, SimulatedCamera, build_network
from nas_desktop.simulator.overviews import draw_overview
from nas_desktop.simulator.patches import draw_patch
from nas_desktop.simulator.script import Script, entries_by_mark, wanted_of
from nas_desktop.simulator.vehicles import Fleet, Vehicle

_LISTED_FROM = 4_000
"""The first vehicles of the fleet, those that lists choose from."""

_UNREAD = 0.012
_NO_FIX_PERCENT = 12
_HAS_OVERVIEW = 0.9
"""The specification makes the overview optional; the hits of the opening always have one."""

_OPENING = timedelta(seconds=35)
_HIGHEST_RATE = 100_000.0

_SILENT_FROM_US = 120 * SECOND_US
_SILENT_US = 300 * SECOND_US
_SILENT_EVERY_US = 2_400 * SECOND_US

_AWAY_EVERY_US = 720 * SECOND_US
_AWAY_US = 240 * SECOND_US
_AWAY_SHIFT_US = 180 * SECOND_US
_BATCH_STEP_US = 4_000

# handed over at, order, camera, captured at (camera clock, microseconds from start), VRM read,
# vehicle, whether held back.
_Waiting = tuple[int, int, int, int, Vrm, Vehicle, bool]


class Simulation:
    """A camera network with traffic.

    Args:
        seed: decides everything invented.
        start: aware; the first moment. Same seed, start and settings give the same captures,
            however they are asked for.
        reads_per_s: mean captures a second over all cameras, above 0 up to 100,000.
        hits_per_minute: steady pace of hits, evenly with slight jitter; None for about one in two
            minutes, 0 for none.
        misread_rate: share of ordinary reads that are wrong, 0 to 1.
        images: draw images for captures that match a list, for all, or for none.
        cameras: standing cameras, from 1; a few mobile units come on top.
        demo_rhythm: begin with four hits within 30 seconds and tell the stories of the
            demonstration: a clone, a misread hit, a late batch, a convoy.
        day_rhythm: let the rate follow the hours of the day round its mean.

    Raises:
        ValueError: a setting is outside its range.
    """

    def __init__(
        self,
        seed: int,
        start: datetime,
        *,
        reads_per_s: float = 20.0,
        hits_per_minute: float | None = None,
        misread_rate: float = 0.03,
        images: Literal["hits", "all", "none"] = "hits",
        cameras: int = 66,
        demo_rhythm: bool = True,
        day_rhythm: bool = False,
    ) -> None:
        _check(start, reads_per_s, hits_per_minute, misread_rate, cameras)
        self.start = start.astimezone(UTC)
        self.network: CameraNetwork = build_network(
            seed, count=cameras, mobile_units=max(4, cameras // 50)
        )
        self._fleet = Fleet(seed, self.start.year, cameras, size=_LISTED_FROM)
        self.lists: list[VoiList] = demo_lists(seed, self.start, self._fleet)
        taken = {entry.vrm for one in self.lists for entry in one.entries}
        self.extract, self.register = national_lists(seed, self.start, self._fleet, taken)
        self._seed = seed
        self._images = images
        self._misread_rate = misread_rate
        self._rng = random.Random(f"reading/{seed}")
        self._entries = entries_by_mark(self.lists)
        self._fleet.marks.update(self._entries)
        wrong_clock = {i for i, c in enumerate(self.network.cameras) if abs(c.clock_offset_s) > 60}
        quiet = [i for i in self.network.standing if i not in wrong_clock]
        self._silent = self._rng.choice(quiet) if quiet else -1
        self._journeys = Journeys(
            seed,
            self.start,
            self.network,
            self._fleet,
            frozenset(self._entries) | {entry.vrm for entry in self.extract.entries},
            reads_per_s,
            has_day_rhythm=day_rhythm,
        )
        self._script = Script(
            seed,
            self.start,
            self.network,
            self._fleet,
            wanted_of(load_spec(), self.lists, self._fleet),
            listed=frozenset(self._entries),
            avoid=frozenset(wrong_clock | {self._silent}),
            hits_per_minute=hits_per_minute,
            has_opening=demo_rhythm,
            reported=wanted_of(load_spec(), [self.extract], self._fleet),
        )
        self._slot_us = 0
        self._number = 0
        self._waiting: list[_Waiting] = []
        self._batch_ends: dict[tuple[int, int], int] = {}

    @property
    def silent_camera(self) -> Camera | None:
        """The camera that says nothing for five minutes, first from two minutes after start."""
        return None if self._silent < 0 else self.network.cameras[self._silent].camera

    def advance(self, until: datetime) -> list[tuple[Camera, RawCapture]]:
        """Return what was handed over since the last call, up to and including ``until``.

        Args:
            until: aware; an instant before the last one gives an empty list.
        """
        until_us = (until - self.start) // timedelta(microseconds=1)
        while self._slot_us <= until_us:
            passes = self._journeys.slot(self._slot_us)
            passes += self._script.due(self._slot_us + SLOT_US)
            for one in passes:
                self._read(one)
            self._slot_us += SLOT_US
        handed: list[tuple[Camera, RawCapture]] = []
        waiting = self._waiting
        while waiting and waiting[0][0] <= until_us:
            handed.append(self._hand_over(heappop(waiting)))
        return handed

    # -------------------------------------------------------------- reading

    def _read(self, one: Pass) -> None:
        camera = self.network.cameras[one.camera]
        if one.camera == self._silent and not one.is_certain and _is_silent(one.at_us):
            return
        self._number += 1
        handed_us, is_held = self._handed_at(one, camera)
        clock_us = one.at_us + int(camera.clock_offset_s * SECOND_US)
        vrm = one.read_as or (one.vehicle.vrm if one.is_certain else self._reading(one.vehicle))
        heappush(
            self._waiting,
            (handed_us, self._number, one.camera, clock_us, vrm, one.vehicle, is_held),
        )

    def _reading(self, vehicle: Vehicle) -> Vrm:
        # Dirty ones are misread more often; with their share of 12 % the mean stays as asked.
        draw = self._rng.random() / (2.0 if vehicle.is_dirty else 0.864)
        if draw < self._misread_rate:
            return misread(vehicle.vrm, self._rng)
        return UNREAD if draw < self._misread_rate + _UNREAD else vehicle.vrm

    def _handed_at(self, one: Pass, camera: SimulatedCamera) -> tuple[int, bool]:
        if one.handed_us is not None:
            return one.handed_us, True
        if camera.stands_at is not None:
            return one.at_us + 250_000 + int(self._rng.random() ** 2 * 900_000), False
        phase = (one.at_us + _AWAY_SHIFT_US * one.camera) % _AWAY_EVERY_US
        if phase >= _AWAY_US:
            return one.at_us + 700_000 + int(self._rng.random() ** 2 * 2_500_000), False
        # Out of coverage: the unit keeps its captures and sends them in one go on its return.
        back_us = one.at_us - phase + _AWAY_US
        place = self._batch_ends.get((one.camera, back_us), 0)
        self._batch_ends[one.camera, back_us] = place + 1
        return back_us + place * _BATCH_STEP_US, True

    # -------------------------------------------------------------- handing over

    def _hand_over(self, waiting: _Waiting) -> tuple[Camera, RawCapture]:
        _handed_us, number, index, clock_us, vrm, vehicle, is_held = waiting
        simulated = self.network.cameras[index]
        camera = simulated.camera
        captured_at = self.start + timedelta(milliseconds=clock_us // 1_000)
        latitude, longitude = self._place(index, clock_us, number)
        is_mobile = camera.kind is CameraKind.MOBILE
        capture = RawCapture(
            vrm=vrm,
            captured_at=captured_at,
            feed_id=camera.camera_id.feed_id,
            source_id=camera.camera_id.source_id,
            nrd_id=camera.camera_id.nrd_id,
            latitude=latitude,
            longitude=longitude,
            lane_id=f"lane {1 + number % simulated.lanes}" if simulated.lanes > 1 else "lane 1",
            alias=camera.alias,
            username="Patrol" if is_mobile else UNATTENDED,
            preset_id=1 + number % 3 if camera.kind is CameraKind.CCTV else 0,
            kind=camera.kind.value,
            confidence=_confidence(number, vrm, vehicle),
            is_backlog=is_held,
        )
        if self._images == "all" or (self._images == "hits" and self._matches(vrm, captured_at)):
            self._add_images(capture, simulated, captured_at, vehicle, number)
        return camera, capture

    def _place(self, index: int, clock_us: int, number: int) -> tuple[object, object]:
        camera = self.network.cameras[index]
        if camera.stands_at is not None:
            return camera.stands_at
        scatter = _scatter(number)
        if scatter % 100 < _NO_FIX_PERCENT:
            return "N0000000", "E0000000"
        site = self.network.cameras[patrol_site(self.network, index, clock_us)]
        at = site.stands_at or Position(51.38, -2.36)
        north, east = scatter % 2_001 - 1_000, scatter // 2_001 % 3_001 - 1_500
        return round(at.latitude + north / 1e6, 6), round(at.longitude + east / 1e6, 6)

    def _matches(self, vrm: Vrm, captured_at: datetime) -> bool:
        entries = self._entries.get(vrm)
        return entries is not None and any(entry.is_active_at(captured_at) for entry in entries)

    def _add_images(
        self,
        capture: RawCapture,
        camera: SimulatedCamera,
        when: datetime,
        vehicle: Vehicle,
        number: int,
    ) -> None:
        # A generator of its own: how an image turns out must not move the traffic.
        rng = random.Random(f"image/{self._seed}/{number}")
        if capture.vrm != UNREAD:
            capture.patch_image = draw_patch(vehicle, camera, when, rng)
            capture.patch = digest_of(capture.patch_image)
        is_mobile = camera.camera.kind is CameraKind.MOBILE
        is_opening = when - self.start < _OPENING
        if not is_mobile and (is_opening or rng.random() < _HAS_OVERVIEW):
            capture.overview_image = draw_overview(vehicle, camera, when, rng)
            capture.overview = digest_of(capture.overview_image)


def _is_silent(at_us: int) -> bool:
    since = at_us - _SILENT_FROM_US
    return since >= 0 and since % _SILENT_EVERY_US < _SILENT_US


def _scatter(number: int) -> int:
    """Return a number up to 2**32 that looks like chance but hangs on nothing else.

    What is decided at the hand-over must not draw from a generator that slots draw from, or the
    outcome would hang on how far each call advances.
    """
    return (number * 2_654_435_761 & 0xFFFFFFFF) ^ (number * 40_503 >> 5 & 0xFFFF)


def _confidence(number: int, vrm: Vrm, vehicle: Vehicle) -> int:
    """Return a percentage; a misread is often as sure of itself as a true read."""
    if vrm == UNREAD:
        return 0
    scatter = _scatter(number)
    if vrm != vehicle.vrm:
        return 62 + scatter % 34
    return (72 if vehicle.is_dirty else 86) + scatter % 14


def _check(
    start: datetime,
    reads_per_s: float,
    hits_per_minute: float | None,
    misread_rate: float,
    cameras: int,
) -> None:
    if start.tzinfo is None:
        raise ValueError("the start of a simulation needs a time zone")
    if not 0 < reads_per_s <= _HIGHEST_RATE:
        raise ValueError("reads_per_s is outside 0 to 100,000")
    if hits_per_minute is not None and not 0 <= hits_per_minute <= 10_000:
        raise ValueError("hits_per_minute is outside 0 to 10,000")
    if not 0 <= misread_rate <= 1:
        raise ValueError("misread_rate is outside 0 to 1")
    if cameras < 1:
        raise ValueError("a simulation needs at least one camera")
