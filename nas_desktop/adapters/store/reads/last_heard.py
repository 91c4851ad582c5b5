"""When each camera was last heard, from the same counts of five minutes as coverage is told by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nas_desktop.adapters.store.reads.blocks import Damaged
from nas_desktop.adapters.store.reads.columns import BIN_US, Table
from nas_desktop.adapters.store.reads.coverage import is_most
from nas_desktop.adapters.store.reads.segment import Segment
from nas_desktop.domain.camera import CameraId

_Newest: TypeAlias = dict[CameraId, tuple[int, int, int]]
"""The newest bin of each camera: its number, reads, degraded ones."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The newest five minutes that a camera has reads of.

    ``at`` is what they begin with, microseconds since 1970. ``is_degraded``: most of them are poor.
    """

    at: int
    is_degraded: bool


class LastHeard:
    """Remembers of each sealed file what it said, so that it is read once; for any thread."""

    def __init__(self) -> None:
        self._held: tuple[dict[str, _Newest], _Newest] = ({}, {})

    def of(self, tables: Sequence[Table]) -> Mapping[CameraId, Heard]:
        """Return the cameras that have reads in these tables; a damaged one tells of none."""
        sealed = {table.file_id: table for table in tables if isinstance(table, Segment)}
        of_file, of_all = self._held
        if sealed.keys() != of_file.keys():
            of_file = {
                name: of_file[name] if name in of_file else _newest_of(table)
                for name, table in sealed.items()
            }
            of_all = {}
            for newest in of_file.values():
                _add(of_all, newest)
            self._held = (of_file, of_all)
        found = dict(of_all)
        for table in tables:
            if not isinstance(table, Segment):
                _add(found, _newest_of(table))
        return {
            camera: Heard(number * BIN_US, bool(is_most(poor, reads)))
            for camera, (number, reads, poor) in found.items()
        }


def _newest_of(table: Table) -> _Newest:
    if not table.rows:
        return {}
    try:
        cameras, bins = table.cameras(), table.bins()
    except Damaged:
        return {}
    order = np.lexsort((bins[:, 1], bins[:, 0]))
    bins = bins[order]
    last = np.flatnonzero(np.append(np.diff(bins[:, 0]) != 0, True))
    return {
        cameras[camera]: (number, reads, poor)
        for camera, number, reads, _late, poor in bins[last].tolist()
    }


def _add(found: _Newest, newest: _Newest) -> None:
    for camera, (number, reads, poor) in newest.items():
        held = found.get(camera)
        if held is None or number > held[0]:
            found[camera] = (number, reads, poor)
        elif number == held[0]:
            found[camera] = (number, held[1] + reads, held[2] + poor)
