from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from nas_desktop.adapters.images import inspect_image
from nas_desktop.domain.camera import Camera, CameraKind
from nas_desktop.domain.geo import Position, distance_m
from nas_desktop.domain.read import ReadFlag, accept_read
from nas_desktop.domain.spec import Tier
from nas_desktop.domain.voi import Action, VoiEntry
from nas_desktop.domain.vrm import TEST, UNREAD
from nas_desktop.services.captures import RawCapture, digest_of
from nas_desktop.services.resources import load_spec
from nas_desktop.simulator.journeys import SECOND_US, Pass
from nas_desktop.simulator.traffic import Simulation

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

Handed = tuple[float, Camera, RawCapture]


def run(
    simulation: Simulation, seconds: float, *, start: datetime = NOON, step_s: float = 0.5
) -> Iterator[Handed]:
    """Yield what was handed over, with the seconds since the start at which it was seen."""
    steps = round(seconds / step_s)
    for step in range(1, steps + 1):
        now = start + timedelta(seconds=step * step_s)
        for camera, capture in simulation.advance(now):
            yield step * step_s, camera, capture


@cache
def a_quarter() -> tuple[Simulation, tuple[Handed, ...]]:
    """Return 15 minutes of the demonstration without wrong readings, shared by several tests."""
    simulation = Simulation(1, NOON, reads_per_s=20, misread_rate=0, images="none")
    return simulation, tuple(run(simulation, 900))


def entries_of(simulation: Simulation, capture: RawCapture) -> list[VoiEntry]:
    assert isinstance(capture.captured_at, datetime)
    return [
        entry
        for voi_list in simulation.lists
        for entry in voi_list.entries
        if entry.vrm == capture.vrm
        and entry.action is not Action.NO_ALERT
        and entry.is_active_at(capture.captured_at)
    ]


def hits_of(
    simulation: Simulation, handed: Iterator[Handed] | tuple[Handed, ...]
) -> list[tuple[float, RawCapture, VoiEntry]]:
    found = []
    for at_s, _camera, capture in handed:
        entries = entries_of(simulation, capture)
        if entries:
            found.append((at_s, capture, entries[0]))
    return found


def tier_of(entry: VoiEntry) -> Tier | None:
    return load_spec().tier_of(entry.action, entry.reason, entry.warning_signals)


# ------------------------------------------------------------------ the same again


def test_that_seed_and_start_decide_everything_however_time_advances() -> None:
    def captures(seed: int, start: datetime, step_s: float) -> list[RawCapture]:
        simulation = Simulation(seed, start, reads_per_s=30, images="hits")
        return [c for _s, _camera, c in run(simulation, 120, start=start, step_s=step_s)]

    one = captures(1, NOON, 0.1)
    assert len(one) > 3_000
    assert one == captures(1, NOON, 7.5)
    assert one != captures(2, NOON, 7.5)
    assert one != captures(1, NOON + timedelta(hours=8), 7.5)


def test_that_an_earlier_moment_gives_nothing() -> None:
    simulation = Simulation(1, NOON, reads_per_s=50, images="none")
    assert simulation.advance(NOON + timedelta(seconds=5))
    assert simulation.advance(NOON + timedelta(seconds=1)) == []


# ------------------------------------------------------------------ the demonstration


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("hour", [0, 12, 23])
def test_that_four_hits_come_in_the_first_half_minute(seed: int, hour: int) -> None:
    start = NOON.replace(hour=hour, minute=59, second=50)
    simulation = Simulation(seed, start, reads_per_s=20, misread_rate=0, images="hits")
    hits = hits_of(simulation, run(simulation, 30, start=start))
    assert len(hits) == 4
    assert hits[0][0] <= 5
    first, second, third, fourth = (entry for _s, _capture, entry in hits)
    assert (first.action, tier_of(first)) == (Action.STOP, Tier.P1)
    assert first.warning_signals == ("FI", "VI")
    assert (second.action, tier_of(second)) == (Action.STOP, Tier.P2)
    assert (third.reason, tier_of(third)) == ("Cloned", Tier.P3)
    assert fourth.action is Action.ASSESS
    assert all(capture.patch_image for _s, capture, _entry in hits)


def test_that_hits_then_come_about_every_two_minutes() -> None:
    simulation = Simulation(3, NOON, reads_per_s=5, misread_rate=0, images="none")
    later = [h for h in hits_of(simulation, run(simulation, 7_200, step_s=5)) if h[0] > 120]
    # 60 by the steady pace, some more of a convoy and of late batches.
    assert 50 <= len(later) <= 85


@pytest.mark.parametrize("per_minute", [2.0, 30.0])
def test_that_hits_keep_to_the_rate_asked_for(per_minute: float) -> None:
    simulation = Simulation(
        1,
        NOON,
        reads_per_s=5,
        hits_per_minute=per_minute,
        misread_rate=0,
        images="none",
        demo_rhythm=False,
    )
    times = [s for s, _capture, _entry in hits_of(simulation, run(simulation, 1_200))]
    assert abs(len(times) - 20 * per_minute) <= 0.05 * 20 * per_minute + 1
    by_minute = Counter(int(s // 60) for s in times)
    assert all(abs(by_minute[minute] - per_minute) <= 0.2 * per_minute + 1 for minute in range(20))


def test_that_no_hits_come_where_none_are_asked_for() -> None:
    simulation = Simulation(
        1,
        NOON,
        reads_per_s=20,
        hits_per_minute=0,
        misread_rate=0,
        images="none",
        demo_rhythm=False,
    )
    assert not hits_of(simulation, run(simulation, 1_200, step_s=10))


def planned(seconds: int) -> list[Pass]:
    simulation = Simulation(1, NOON, reads_per_s=20)
    return simulation._script.due(seconds * SECOND_US)


def test_that_an_early_hit_is_a_misread_of_another_mark() -> None:
    wrong = [p for p in planned(120) if p.read_as not in (None, p.vehicle.vrm)]
    assert wrong
    assert all(p.at_us > 30 * SECOND_US for p in wrong)
    for one in wrong:
        assert one.read_as is not None
        assert sum(a != b for a, b in zip(one.vehicle.vrm, one.read_as, strict=True)) == 1


def test_that_a_clone_is_seen_far_away_too_soon_in_another_vehicle() -> None:
    clones = [p for p in planned(120) if p.read_as == p.vehicle.vrm]
    assert clones
    _simulation, handed = a_quarter()
    seen = [
        (c.captured_at, camera.position)
        for _s, camera, c in handed
        if c.vrm == clones[0].vehicle.vrm
    ]
    (first, here), (second, there) = seen[:2]
    assert isinstance(first, datetime)
    assert isinstance(second, datetime)
    assert here
    assert there
    assert distance_m(here, there) / (second - first).total_seconds() > 60


def test_that_listed_vehicles_travel_together() -> None:
    simulation, handed = a_quarter()
    at: dict[tuple[str, int], list[str]] = defaultdict(list)
    for s, camera, capture in handed:
        if entries_of(simulation, capture):
            at[camera.alias, int(s // 15)].append(str(capture.vrm))
    pairs = Counter(tuple(sorted(marks)) for marks in at.values() if len(set(marks)) == 2)
    assert pairs.most_common(1)[0][1] >= 2


# ------------------------------------------------------------------ ordinary traffic


def test_that_every_capture_is_one_the_node_accepts() -> None:
    simulation = Simulation(2, NOON, reads_per_s=40, images="none")
    registered = {camera.camera_id: camera for camera in simulation.network.registered}
    flags: Counter[ReadFlag] = Counter()
    for at_s, camera, capture in run(simulation, 400):
        read = accept_read(
            capture,
            NOON + timedelta(seconds=at_s),
            is_backlog=capture.is_backlog,
            registered=registered.get,
        )
        assert read.camera == camera.camera_id
        assert read.vrm != TEST
        flags.update(read.flags)
    assert set(flags) == {ReadFlag.NO_FIX, ReadFlag.CLOCK_AHEAD, ReadFlag.BUFFERED}


def test_that_the_rate_is_the_one_asked_for() -> None:
    for rate in (2, 200):
        simulation = Simulation(1, NOON, reads_per_s=rate, images="none")
        count = sum(1 for _handed in run(simulation, 300, step_s=5))
        assert count == pytest.approx(300 * rate, rel=0.12)


def test_that_the_day_rhythm_quietens_the_night() -> None:
    def count(start: datetime) -> int:
        simulation = Simulation(1, start, reads_per_s=50, images="none", day_rhythm=True)
        return sum(1 for _handed in run(simulation, 60, start=start))

    assert count(NOON.replace(hour=8)) > 4 * count(NOON.replace(hour=2))


def test_that_misreads_and_unread_vehicles_come_in_their_shares() -> None:
    simulation = Simulation(1, NOON, reads_per_s=400, misread_rate=0.05, images="none")
    marks = [capture.vrm for _s, _camera, capture in run(simulation, 60)]
    known = simulation._fleet.marks
    assert 0.04 < sum(m not in known and m != UNREAD for m in marks) / len(marks) < 0.06
    assert 0.006 < marks.count(UNREAD) / len(marks) < 0.02
    assert TEST not in marks


def test_that_ordinary_vehicles_drive_at_credible_speeds() -> None:
    _simulation, handed = a_quarter()
    clones = {p.vehicle.vrm for p in planned(900) if p.read_as is not None}
    last: dict[object, tuple[datetime, Position]] = {}
    compared = 0
    captures = [c for _s, camera, c in handed if c.vrm not in clones | {UNREAD}]
    captures = [c for c in captures if isinstance(c.latitude, float) and c.nrd_id != 6]
    for capture in sorted(captures, key=lambda c: str(c.captured_at)):
        assert isinstance(capture.captured_at, datetime)
        assert isinstance(capture.latitude, float)
        assert isinstance(capture.longitude, float)
        here = Position(capture.latitude, capture.longitude)
        if capture.vrm in last:
            before, there = last[capture.vrm]
            metres = max(0.0, distance_m(here, there) - 400)
            gap_s = (capture.captured_at - before).total_seconds()
            compared += 1
            assert metres <= 45 * gap_s, capture
        last[capture.vrm] = (capture.captured_at, here)
    assert compared > 2_000


def test_that_regulars_come_back() -> None:
    _simulation, handed = a_quarter()
    counts = Counter(capture.vrm for _s, _camera, capture in handed)
    assert sum(1 for count in counts.values() if count >= 3) > 1_000


# ------------------------------------------------------------------ faults of the network


def test_that_one_camera_falls_silent_for_minutes() -> None:
    simulation = Simulation(1, NOON, reads_per_s=100, images="none")
    silent = simulation.silent_camera
    times = [s for s, camera, _capture in run(simulation, 600) if camera == silent]
    assert times
    assert not [s for s in times if 122 < s <= 420]
    assert [s for s in times if s < 120]
    assert [s for s in times if s > 422]


def test_that_one_camera_has_a_wrong_clock() -> None:
    _simulation, handed = a_quarter()
    ahead = {
        camera.alias
        for s, camera, capture in handed
        if isinstance(capture.captured_at, datetime)
        and capture.captured_at - (NOON + timedelta(seconds=s)) > timedelta(seconds=60)
    }
    assert len(ahead) == 1


def test_that_live_captures_are_handed_over_within_their_budget() -> None:
    simulation = Simulation(1, NOON, reads_per_s=30, images="none")
    for at_s, camera, capture in run(simulation, 60, step_s=0.1):
        assert isinstance(capture.captured_at, datetime)
        age_s = at_s - (capture.captured_at - NOON).total_seconds()
        if not capture.is_backlog and abs(age_s) < 60:
            assert 0.1 <= age_s <= (4.0 if camera.kind is CameraKind.MOBILE else 2.0)


def test_that_mobile_units_hand_over_late_batches() -> None:
    simulation, handed = a_quarter()
    late = [(s, camera, capture) for s, camera, capture in handed if capture.is_backlog]
    assert {camera.kind for _s, camera, _capture in late} == {CameraKind.MOBILE}
    ages = [
        (NOON + timedelta(seconds=s) - capture.captured_at).total_seconds()
        for s, _camera, capture in late
        if isinstance(capture.captured_at, datetime)
    ]
    assert max(ages) > 300
    early = [h for h in hits_of(simulation, tuple(late)) if h[0] < 90]
    assert len(early) == 1


def test_that_only_mobile_units_lose_their_position() -> None:
    _simulation, handed = a_quarter()
    lost = [(camera, c) for _s, camera, c in handed if c.latitude == "N0000000"]
    assert lost
    assert {camera.kind for camera, _capture in lost} == {CameraKind.MOBILE}
    assert {capture.longitude for _camera, capture in lost} == {"E0000000"}


# ------------------------------------------------------------------ images


def test_that_images_belong_to_hits_and_keep_the_limits() -> None:
    simulation = Simulation(1, NOON, reads_per_s=20)
    with_patch = 0
    for _s, _camera, capture in run(simulation, 120):
        if capture.patch_image is None:
            assert capture.patch is None
            assert not entries_of(simulation, capture)
            continue
        with_patch += 1
        assert inspect_image(capture.patch_image, "patch").size <= 3_000
        assert capture.patch == digest_of(capture.patch_image)
        if capture.overview_image is not None:
            assert inspect_image(capture.overview_image, "overview").size <= 25_000
            assert capture.overview == digest_of(capture.overview_image)
    assert with_patch >= 6


def test_that_all_or_no_captures_can_have_images() -> None:
    everything = Simulation(1, NOON, reads_per_s=10, images="all")
    for _s, _camera, capture in run(everything, 5):
        assert (capture.patch_image is None) == (capture.vrm == UNREAD)
    nothing = Simulation(1, NOON, reads_per_s=10, images="none")
    for _s, _camera, capture in run(nothing, 30):
        assert capture.patch_image is None
        assert capture.overview is None


# ------------------------------------------------------------------ settings


@pytest.mark.parametrize("cameras", [1, 3, 200])
def test_that_networks_of_any_size_work(cameras: int) -> None:
    simulation = Simulation(1, NOON, reads_per_s=20, cameras=cameras, images="none")
    handed = list(run(simulation, 120))
    standing = {camera.camera_id for _s, camera, _c in handed if camera.position is not None}
    assert len(standing) <= cameras
    assert len(hits_of(simulation, tuple(handed))) >= 4


@pytest.mark.parametrize(
    "settings",
    [
        {"reads_per_s": 0},
        {"reads_per_s": 1e9},
        {"reads_per_s": 1, "hits_per_minute": -1},
        {"reads_per_s": 1, "misread_rate": 1.5},
        {"reads_per_s": 1, "cameras": 0},
        {"reads_per_s": 1, "start": NOON.replace(tzinfo=None)},
    ],
)
def test_that_impossible_settings_are_refused(settings: dict[str, object]) -> None:
    values: dict[str, object] = {"seed": 1, "start": NOON, **settings}
    with pytest.raises(ValueError, match=r"outside|needs"):
        Simulation(**values)  # type: ignore[arg-type]
