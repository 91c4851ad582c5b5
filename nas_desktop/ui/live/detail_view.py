"""The detail of the chosen card: what was read, what it matched, how long it took, who did what.

Text is there at once; images fill in when they come, and only under the read they belong to.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.hit import Hit
from nas_desktop.domain.hit_life import FINAL
from nas_desktop.domain.spec import Spec
from nas_desktop.services.cards import Card
from nas_desktop.services.events import ImageKind
from nas_desktop.services.sheets import marking_of
from nas_desktop.ui import card_words as words
from nas_desktop.ui.basis_words import basis_words, clone_words, source_words, stale_words
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.card_words import GSC
from nas_desktop.ui.clone_words import EXERCISE_WORDS, clone_of
from nas_desktop.ui.control_line import incident_of, mark_of
from nas_desktop.ui.hit_deeds import is_basis_unseen
from nas_desktop.ui.latency_words import acknowledged_words, clock_doubt, head_words
from nas_desktop.ui.life_words import (
    checked_words,
    raised_words,
    second_words,
    step_words,
    who_words,
)
from nas_desktop.ui.live.clone_view import ClonePair
from nas_desktop.ui.live.detail_parts import (
    LedgerBar,
    Overview,
    PatchAndVrm,
    ledger_of,
)
from nas_desktop.ui.live.fact_rows import Facts, Lines, label
from nas_desktop.ui.live.match_rows_view import ReadOverListed
from nas_desktop.ui.live.source_line import SourceLine
from nas_desktop.ui.symbols import symbol_of, symbol_pixmap
from nas_desktop.ui.text import age_words, clock_words
from nas_desktop.ui.theme import AMBER, ON_AMBER, ON_WARNING, WARNING, Look

WIDE_PX = 720
"""From this width, at 100 %, overview and history stand beside the facts instead of below."""

MAX_HISTORY = 60
"""Steps shown; the earliest beyond it are in the audit record."""


class DetailBody(QWidget):
    """The scrolled content; reports its painting, because that is when a hit was seen."""

    def __init__(self, bridge: Bridge, spec: Spec, look: Look) -> None:
        super().__init__()
        self.setObjectName("detailBody")
        self._bridge = bridge
        self._spec = spec
        self._look = look
        self.card: Card | None = None
        self._hit: Hit | None = None
        self._symbol = QLabel()
        self._headline = label("title", wraps=True)
        self._age = label("title")
        self._where = label("second", wraps=True)
        self._basis = label("strong", wraps=True)
        self._basis.setObjectName("basisLine")
        self._source = SourceLine(look)
        self._clone = ClonePair(look, bridge.images)
        self._picture = PatchAndVrm(look, bridge.images)
        self._match = ReadOverListed(look)
        self._signal_codes = QLabel()
        self._signal_codes.setObjectName("signalCodes")
        self._signal_text = label("strong", wraps=True)
        self._facts = Facts()
        self._ledger_head = label("second", wraps=True)
        self._ledger = LedgerBar(look)
        self._overview = Overview(look, bridge.images)
        self._history = Lines()
        self._others_head = label("heading")
        self._others = Lines()
        self._columns = 0
        self._build()
        self.set_look(look)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        titles = QVBoxLayout()
        titles.setSpacing(1)
        titles.addWidget(self._headline)
        titles.addWidget(self._where)
        head.addWidget(self._symbol)
        head.addLayout(titles, 1)
        head.addWidget(self._age, 0, Qt.AlignmentFlag.AlignTop)
        signals = QHBoxLayout()
        signals.setSpacing(10)
        signals.addWidget(self._signal_codes, 0, Qt.AlignmentFlag.AlignTop)
        signals.addWidget(self._signal_text, 1)
        box = QFrame()
        box.setProperty("role", "box")
        box_layout = QVBoxLayout(box)
        box_layout.setContentsMargins(12, 10, 12, 10)
        box_layout.addWidget(self._facts)
        self.left = QWidget()
        left = QVBoxLayout(self.left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(12)
        left.addLayout(head)
        left.addWidget(self._basis)
        left.addWidget(self._source)
        left.addWidget(self._clone)
        left.addWidget(self._picture)
        left.addWidget(self._match)
        left.addLayout(signals)
        left.addWidget(box)
        ledger = QVBoxLayout()
        ledger.setSpacing(4)
        ledger.addWidget(self._ledger_head)
        ledger.addWidget(self._ledger)
        left.addLayout(ledger)
        left.addStretch(1)
        self.right = QWidget()
        right = QVBoxLayout(self.right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(8)
        history_head = label("heading")
        history_head.setText("HISTORY")
        for part in (self._overview, history_head, self._history, self._others_head, self._others):
            right.addWidget(part)
        right.addStretch(1)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(16, 14, 16, 14)
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(16)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        for part in (
            self._source,
            self._clone,
            self._picture,
            self._match,
            self._ledger,
            self._overview,
        ):
            part.set_look(look)
        pad = f"{look.px(6)}px {look.px(10)}px"
        self._basis.setStyleSheet(
            f"background: {AMBER}; color: {ON_AMBER}; font-weight: 700; padding: {pad};"
        )
        pad = f"{look.px(2)}px {look.px(6)}px"
        self._signal_codes.setStyleSheet(
            f"background: {WARNING}; color: {ON_WARNING}; font-weight: 700; padding: {pad};"
        )
        self._columns = 0
        self.arrange(self.width())
        if self.card is not None:
            self.show_card(self.card)

    def arrange(self, width: int) -> None:
        """Put overview and history beside the facts or below them, as the width allows."""
        columns = 2 if width >= self._look.px(WIDE_PX) else 1
        # Two fifths of the width, at the shape of an overview image.
        tall = width * 0.36 * 0.62 / self._look.scale if columns == 2 else 240
        self._overview.set_height(round(min(330, max(200, tall))))
        if columns == self._columns:
            return
        self._columns = columns
        self._grid.removeWidget(self.left)
        self._grid.removeWidget(self.right)
        self._grid.addWidget(self.left, 0, 0)
        if columns == 2:
            self._grid.addWidget(self.right, 0, 1)
        else:
            self._grid.addWidget(self.right, 1, 0)
        self._grid.setColumnStretch(0, 62)
        self._grid.setColumnStretch(1, 38 if columns == 2 else 0)
        self._grid.setRowStretch(columns % 2, 1)

    # ------------------------------------------------------------------ content

    def show_card(self, card: Card) -> None:
        """Show the hit that stands for the card; costs nothing to repeat."""
        self.card = card
        hit, now = card.foremost, self._bridge.clock.now()
        self._hit = hit
        leading = hit.leading
        entry = leading.entry
        look = self._look
        tier = f"{card.tier.value} · " if card.tier else ""
        self._symbol.setPixmap(
            symbol_pixmap(
                symbol_of(hit, now),
                leading.badge,
                look.tokens.outline,
                look.px(48),
                self.devicePixelRatioF(),
            )
        )
        what = entry.action.value
        why = words.reason_line(hit)
        if hit.is_possible:
            what, why = "Possible misread", entry.reason
        self._headline.setText(f"{tier}{what} · {why}")
        mark = f"{mark_of(hit).capitalize()} · " if mark_of(hit) else ""
        late = f" · {words.late_words(hit, now)}" if hit.is_late else ""
        self._where.setText(f"{mark}{words.camera_line(hit.read)}{late}")
        basis = EXERCISE_WORDS if hit.is_exercise else basis_words(leading, now)
        is_unseen = is_basis_unseen(card, hit.hit_id, card.lives[hit.hit_id])
        self._basis.setText(f"▲ {basis}{' · B: I have seen it' if is_unseen else ''}")
        self._basis.setVisible(bool(basis))
        voice = "Check with PNC by voice before a stop." if stale_words(hit) else ""
        self._source.show_source(source_words(hit, leading), voice)
        pair = clone_of(card)
        self._clone.show_pair(pair, now)
        self._picture.show_read(hit.read, self._spec.grammar.display(card.vrm))
        self._match.show_match(hit.read, leading)
        codes, texts = words.signal_words(hit, self._spec)
        self._signal_codes.setVisible(bool(codes))
        self._signal_text.setVisible(bool(codes))
        self._signal_codes.setText(codes)
        self._signal_text.setText(f"{texts}: linked person, not necessarily the driver seen")
        marking = marking_of(card.hits.values())
        self._facts.show_facts(
            (
                ("Vehicle", words.vehicle_words(leading)),
                ("Reason", words.reason_words(leading)),
                ("Action", entry.information),
                ("List", words.list_words(leading)),
                ("Contact", words.contact_words(leading)),
                ("Incident", incident_of(card)),
                ("Also listed", words.other_reasons(hit, now)),
                ("Register", clone_words(hit)),
                ("Misreads", self._misread_words(hit)),
                ("Captured", words.captured_words(hit, now)),
                ("Camera", words.camera_facts(hit.read)),
                ("Read notes", words.flag_words(hit.read)),
                ("Marking", marking if marking != GSC else ""),
                ("Checked", checked_words(card.lives[hit.hit_id])),
                ("Priority", raised_words(card)),
                ("State", self._state_line(card)),
            )
        )
        self._show_ledger(card, hit)
        self._overview.show_read(hit.read)
        self._show_history(card)
        self.tick()
        self._bridge.want([hit.read], [ImageKind.PATCH, ImageKind.OVERVIEW])
        if pair is not None:
            self._bridge.want(pair.reads, [ImageKind.PATCH])
        self.update()

    def _misread_words(self, hit: Hit) -> str:
        state = self._bridge.state
        return state.possible_misreads if hit.is_possible and state is not None else ""

    def tick(self) -> None:
        """Show the age; once a second."""
        if self._hit is not None:
            age = (self._bridge.clock.now() - self._hit.read.effective_at).total_seconds()
            self._age.setText(age_words(age))

    def update_images(self, read_ids: set[bytes]) -> None:
        """Repaint when an image of the shown read came, or of its rival."""
        self._clone.update_images(read_ids)
        if self._hit is not None and self._hit.read.read_id in read_ids:
            self._picture.update()
            self._overview.update()

    def _state_line(self, card: Card) -> str:
        parts = [who_words(card, self._spec, self._bridge.who, self._bridge.clock.now())]
        if card.unacknowledged and len(card.hits) > 1:
            parts.append(f"{len(card.unacknowledged)} of {len(card.hits)} unacknowledged")
        if card.second_to is not None:
            parts.append(second_words(card.second_to))
        return " · ".join(part for part in parts if part)

    def _show_ledger(self, card: Card, hit: Hit) -> None:
        life, doubt = card.lives[hit.hit_id], clock_doubt(self._bridge.state)
        painted = life.painted_at or self._bridge.painted_at.get(hit.hit_id)
        ledger = hit.ledger(painted, life.acknowledged_at)
        is_shown = ledger_of(hit, ledger)
        self._ledger.setVisible(is_shown)
        self._ledger_head.setText(head_words(hit, ledger, doubt))
        if is_shown:
            taken = acknowledged_words(hit, ledger)
            self._ledger.show_ledger(ledger, is_judged=not doubt, taken=taken)

    def _show_history(self, card: Card) -> None:
        steps = self._bridge.history.of(card.hits)
        lines = [step_words(s, self._spec) for s in steps]
        # Deliveries and acknowledgements of several hits in one go read as one line.
        unique = list(dict.fromkeys(lines))[-MAX_HISTORY:]
        self._history.show_lines(unique or [("", "Nothing done yet")])
        hits = sorted(card.hits.values(), key=lambda h: h.read.effective_at, reverse=True)
        self._others_head.setText(f"HITS ON THIS CARD · {len(hits)}")
        self._others_head.setVisible(len(hits) > 1)
        self._others.setVisible(len(hits) > 1)
        self._others.show_lines(
            [
                (
                    clock_words(h.read.captured_at),
                    words.camera_line(h.read)
                    + (" · new" if card.lives[h.hit_id].is_unacknowledged else "")
                    + (" · closed" if card.lives[h.hit_id].state in FINAL else ""),
                )
                for h in hits[:MAX_HISTORY]
            ]
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), self._look.color("ground"))
        if self.card is not None:
            self._bridge.note_painted(self.card)


class DetailView(QScrollArea):
    """Scrolls the detail; never sideways."""

    def __init__(self, bridge: Bridge, spec: Spec, look: Look) -> None:
        super().__init__()
        self.setObjectName("detailScroll")
        self.setAccessibleName("Detail of the chosen hit")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body = DetailBody(bridge, spec, look)
        self.setWidget(self.body)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.body.set_look(look)
        self.body.arrange(self.viewport().width())

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 50)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.body.arrange(self.viewport().width())
        super().resizeEvent(event)
