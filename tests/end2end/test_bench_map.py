"""``bench map`` with little of everything: it measures what it promises, and ends."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from nas_desktop.app.bench_map_page import invented_points, proportional_bytes
from nas_desktop.app.bench_map_rows import above, below, frames_of, pace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

LITTLE = """
from nas_desktop.app.bench_map import Plan, measure
plan = Plan(points=20_000, sent=5_000, markers=500, times=1, processes=1, pan_s=0.3, live_s=1)
raise SystemExit(measure(plan, is_json=True))
"""


def test_that_the_map_is_measured_and_comes_to_an_end() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LITTLE], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(done.stdout)["results"]}
    chromium = [
        "memory the map adds in all processes, 20,000 reads on it",
        "5,000 reads brought to the page",
        "20,000 reads drawn, from their arrival at the page",
        "dragging 20,000 reads",
        "mouse button to the rows under it, through the page",
        "500 points, drawn our way",
        "500 points as Leaflet's circleMarker, SVG, its default",
        "500 points as Leaflet's circleMarker, preferCanvas",
        "map back after its process was killed",
    ]
    assert set(chromium) <= set(rows), done.stderr
    with_target = [row for row in rows.values() if any("target" in key for key in row)]
    assert len(with_target) >= 9
    assert all(row["ratio"] > 0 and row["result"] in ("ok", "missed") for row in with_target)
    assert rows[chromium[4]]["samples"] == 5
    assert rows[chromium[4]]["with_rows"] > 0
    live = rows["50 hits/s for 1 s, beside the map: loop lag"]
    assert live["on_the_map"] == live["cards"] > 200
    assert rows[chromium[0]]["bytes"] > 10_000_000


def test_that_points_are_invented_the_same_again() -> None:
    one, other = invented_points(1_000), invented_points(1_000)
    assert len(one) == 1_000
    assert one.latitude.tolist() == other.latitude.tolist()
    assert one.has_fix.all()


def test_that_memory_of_this_process_is_told() -> None:
    assert proportional_bytes() > 1_000_000


def test_that_a_row_says_whether_it_kept_its_target() -> None:
    assert below("a", 10.0, 20.0, samples=3) == {
        "name": "a", "ms": 10.0, "samples": 3, "target_ms": 20.0, "ratio": 2.0, "result": "ok",
    }  # fmt: skip
    assert below("a", 40.0, 20.0)["result"] == "missed"
    assert above(pace("b", [0.02] * 10))["result"] == "ok"
    slow = above(pace("b", [0.1] * 10))
    assert (slow["frames_per_s"], slow["p95_ms"], slow["result"]) == (10.0, 100.0, "missed")
    assert frames_of([0.02], [0.04])["drag_frames_per_s"] == 25.0
