"""A click on the map, and what has no place on it: cards and reads, listed and chosen."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from nas_desktop.domain.spec import Spec
from nas_desktop.services.cards import CardId
from nas_desktop.services.map_points import DIRECTIONS, MapPoints
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.map.answer_marks import AnswerMarks
from nas_desktop.ui.map.live_marks import LiveMarks
from nas_desktop.ui.map.map_panel import MapPanel
from nas_desktop.ui.map.map_view import Click
from nas_desktop.ui.map.place_list import PlaceList, PlaceRow
from nas_desktop.ui.map.scene import MapScene
from nas_desktop.ui.theme import Look

MOST_LISTED = 500
MOST_WITHOUT = 500


class MapRows(QObject):
    """Turns clicks into cards and rows; lists them where they are several.

    Signals:
        card_chosen(str)
        row_chosen(int): a row of the answer in front.
    """

    card_chosen = Signal(str)
    row_chosen = Signal(int)

    def __init__(
        self,
        bridge: Bridge,
        spec: Spec,
        scene: MapScene,
        panel: MapPanel,
        live: LiveMarks,
        answer: AnswerMarks | None,
        look: Look,
    ) -> None:
        super().__init__(panel)
        self._bridge, self._spec, self._scene, self._panel = bridge, spec, scene, panel
        self._live, self._answer = live, answer
        self.list = PlaceList(look)
        panel.put_beside(self.list)
        self.list.row_chosen.connect(self._take)
        self.list.left.connect(panel.setFocus)
        panel.no_fix_wanted.connect(self.show_no_fix)
        bridge.drained.connect(self.show_count)
        if answer is not None:
            answer.no_fix_changed.connect(self.show_count)

    # ------------------------------------------------------------------ a click

    def take_click(self, click: Click) -> None:
        """Choose what lies there; list it where it is several things."""
        rows = self._rows_at(click)
        if len(rows) == 1:
            self.list.forget()
            self._take(rows[0])
        elif rows:
            more = "" if len(rows) < MOST_LISTED else " or more"
            self.list.show_rows(f"{len(rows)}{more} here", rows)
        else:
            self.list.forget()

    def _rows_at(self, click: Click) -> list[PlaceRow]:
        rows = [PlaceRow(card=card, words=self._card_words(card)) for card in click.hits]
        reads = self._scene.reads
        if self._answer is not None and reads is not None:
            rows += [
                PlaceRow(row=row, words=row_words(reads.points, row))
                for row in self._answer.rows_at(click.place, click.zoom)
            ]
        return rows[:MOST_LISTED]

    def _card_words(self, card: str) -> str:
        found = self._bridge.board.card(CardId(card))
        if found is None:
            return ""
        tier = f"{found.tier} " if found.tier is not None else ""
        mark = self._spec.grammar.display(found.vrm)
        return f"{tier}{mark} · {found.foremost.leading.entry.action.value}"

    def _take(self, row: object) -> None:
        if not isinstance(row, PlaceRow):
            return
        if row.card:
            self.card_chosen.emit(row.card)
        elif row.row >= 0:
            self.row_chosen.emit(row.row)

    # ------------------------------------------------------------------ without position

    def show_count(self) -> None:
        """Say how many hits and reads have no place."""
        reads = self._scene.reads
        count = len(self._live.without_place) + (reads.points.no_fix[0] if reads else 0)
        self._panel.show_no_fix(count)

    def show_no_fix(self) -> None:
        """List what has no place on the map, beside it."""
        rows = [
            PlaceRow(card=card, words=self._card_words(card)) for card in self._live.without_place
        ]
        reads = self._scene.reads
        if reads is not None:
            without = reads.points.no_fix[1][:MOST_WITHOUT].tolist()
            rows += [PlaceRow(row=row, words=row_words(reads.points, row)) for row in without]
        if rows:
            shown = f"{len(rows):,} of " if self._panel.no_fix_count > len(rows) else ""
            self.list.show_rows(f"{shown}{self._panel.no_fix_count:,} without position", rows)
        else:
            self._panel.say("Everything shown has a position.")


def row_words(points: MapPoints, row: int) -> str:
    """Return a read as it stands in a list: when, which way, from which camera."""
    at = np.datetime64(int(points.at[row]), "us").astype("datetime64[s]").item()
    words = [f"{at:%d %b %H:%M:%S}"]
    camera, way = int(points.camera[row]), int(points.direction[row])
    if 0 <= camera < len(points.cameras):
        known = points.cameras[camera]
        words.append(known.alias or str(known.camera_id))
    else:
        words.append("gone since")
    if 0 <= way < len(DIRECTIONS) and len(DIRECTIONS[way]) <= 2:
        words.append(str(DIRECTIONS[way]))
    return " · ".join(words)
