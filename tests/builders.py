"""Values for tests: every field overridable, nothing random, all marks synthetic."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

from nas_desktop.domain.camera import CameraId, CameraKind
from nas_desktop.domain.geo import Position
from nas_desktop.domain.hit import Hit, HitId, MatchClass, hit_id_of, ordered_reasons, reason_of
from nas_desktop.domain.hit_life import DecidedStep, Step, StepKind
from nas_desktop.domain.read import Read, read_id_of
from nas_desktop.domain.voi import Action, VoiEntry, VoiList
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.captures import RawCapture
from nas_desktop.services.resources import load_spec

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def a_raw(vrm: object = "AB51ABC", **changes: Any) -> RawCapture:
    values: dict[str, Any] = {
        "captured_at": NOON,
        "feed_id": "07",
        "source_id": 12,
        "nrd_id": 3,
        "latitude": 51.38,
        "longitude": -2.36,
        "lane_id": "lane 2",
        "alias": "M6 North 14",
        "kind": "fixed",
        "confidence": 97,
    }
    values.update(changes)
    return RawCapture(vrm=vrm, **values)


def a_read(vrm: str = "AB51ABC", captured_at: datetime = NOON, **changes: Any) -> Read:
    camera = changes.pop("camera", CameraId("07", 12, 3))
    values: dict[str, Any] = {
        "read_id": read_id_of(camera, captured_at, Vrm(vrm)),
        "vrm": Vrm(vrm),
        "vrm_raw": vrm,
        "captured_at": captured_at,
        "received_at": captured_at + timedelta(seconds=1.1),
        "camera": camera,
        "position": Position(51.38, -2.36),
        "lane_id": "lane 2",
        "alias": "M6 North 14",
        "kind": CameraKind.FIXED,
        "confidence": 97,
    }
    values.update(changes)
    return Read(**values)


def an_entry(vrm: str = "AB51ABC", **changes: Any) -> VoiEntry:
    values: dict[str, Any] = {
        "action": Action.STOP,
        "reason": "Intel Serious Crime",
        "starts_on": date(2026, 11, 1),
        "weed_date": date(2026, 11, 28),
        "make": "FORD",
        "model": "FOCUS",
        "colour": "BLUE",
        "warning_signals": ("FI", "VI"),
        "intel": "1BP",
        "information": "Stop. Driver believed to carry a firearm. Do not approach without ARV.",
        "lea_and_area": "Cheshire / North",
        "gsc": "OFFICIAL-SENSITIVE",
        "cad": "1142",
        "contact": "FIM 24 h 01606 000000",
    }
    values.update(changes)
    return VoiEntry(vrm=Vrm(vrm), **values)


def a_list(
    name: str = "07_Cheshire VOI List", *entries: VoiEntry, revision: int = 1, **changes: Any
) -> VoiList:
    return VoiList(name, revision, entries, changes.pop("loaded_at", NOON), **changes)


def a_hit(
    vrm: str = "AB51ABC",
    captured_at: datetime = NOON,
    *,
    list_name: str = "07_Cheshire VOI List",
    entry: VoiEntry | None = None,
    read: Read | None = None,
    **changes: Any,
) -> Hit:
    """Return a hit; ``changes`` go to the entry where it has such a field, else to the hit."""
    hit_fields = {
        k: changes.pop(k)
        for k in ("is_late", "is_simulation", "desk_received_at", "matched_at")
        if k in changes
    }
    read = read or a_read(vrm, captured_at)
    entry = entry or an_entry(vrm, **changes)
    reason = reason_of(load_spec(), entry, a_list(list_name, revision=214), MatchClass.EXACT)
    values: dict[str, Any] = {
        "desk_received_at": read.received_at + timedelta(seconds=0.18),
        "matched_at": read.received_at + timedelta(seconds=0.20),
        **hit_fields,
    }
    return Hit(hit_id_of(read.read_id), read, ordered_reasons([reason]), **values)


def a_step(
    hit_id: HitId, kind: StepKind = StepKind.ACKNOWLEDGE, operator: str = "A. Khan", **changes: Any
) -> Step:
    values: dict[str, Any] = {
        "step_id": next(_numbers).to_bytes(16, "big"),
        "workstation": "desk 1",
        "at": NOON + timedelta(seconds=10),
    }
    values.update(changes)
    return Step(hit_id=hit_id, kind=kind, operator=operator, **values)


def decided(step: Step, **changes: Any) -> DecidedStep:
    values: dict[str, Any] = {"decided_at": step.at + timedelta(milliseconds=20)}
    values.update(changes)
    return DecidedStep(step, **values)
