"""What was found: how far it has come, what it could see, when, and the rows themselves."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.errors import Refused
from nas_desktop.domain.matching.confusions import Confusions
from nas_desktop.domain.search_access import Decision
from nas_desktop.domain.spec import Spec
from nas_desktop.services.searches import (
    FoundRead,
    Holder,
    Order,
    RunningSearch,
    SearchProgress,
)
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.search.coverage_view import CoverageStrip
from nas_desktop.ui.search.quiet_places import DenialPlace, QuietPlace, TeachingPlace
from nas_desktop.ui.search.read_detail import ReadDetail
from nas_desktop.ui.search.row_painting import MarkPainter, RowDelegate
from nas_desktop.ui.search.rows_model import PAGE, RowsModel
from nas_desktop.ui.search.rows_view import RowsView
from nas_desktop.ui.search.search_words import nothing_words, progress_share, status_words
from nas_desktop.ui.search.strip_view import StripView
from nas_desktop.ui.search.timeline_view import Timeline
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import Look

NARROW_PX = 900
"""Width, at 100 %, under which the details give their room to the rows."""

LOW_PX = 380
"""Height, at 100 %, under which the timeline and the words on coverage give theirs."""


class ResultsView(QWidget):
    """Status, coverage, timeline, rows as table or pictures, and the details of the chosen one.

    Signals:
        menu_wanted(QPoint): the menu of the chosen rows, at a place on screen.
        chosen_changed: another read is chosen, or none.
    """

    menu_wanted = Signal(object)
    chosen_changed = Signal()

    def __init__(self, bridge: Bridge, spec: Spec, confusions: Confusions, look: Look) -> None:
        super().__init__()
        self.setObjectName("resultsView")
        self._bridge = bridge
        self._look = look
        self._running: RunningSearch | None = None
        self.progress: SearchProgress | None = None
        self._is_stopped = False
        self._took: dict[Holder, float] = {}
        self.status = QLabel()
        self.status.setProperty("role", "strong")
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName("Part that was looked at")
        self.hint = QLabel("Esc stops")
        self.hint.setProperty("role", "second")
        self.as_pictures = QToolButton()
        self.as_pictures.setText("Pictures")
        self.as_pictures.setCheckable(True)
        self.as_pictures.setProperty("role", "small")
        self.as_pictures.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.as_pictures.setToolTip("The same rows as patches side by side (Alt+G)")
        self.as_pictures.setShortcut("Alt+G")
        self.coverage = CoverageStrip(look)
        self.timeline = Timeline(look)
        marks = MarkPainter(spec.grammar, confusions)
        self.model = RowsModel(spec.grammar)
        self.table = RowsView(self.model, RowDelegate(bridge, marks, look), look)
        self.strip = StripView(self.model, self.table, bridge, marks, look)
        self.detail = ReadDetail(bridge, spec.grammar, confusions, look)
        self.pill = QPushButton()
        self.pill.setObjectName("newRows")
        self.pill.setToolTip("Rows that came after the first ones are put in order (F5)")
        self.pill.hide()
        self.teaching = TeachingPlace()
        self.denial = DenialPlace()
        self.nothing = QuietPlace("searchNothing")
        self._build()
        self.model.wanted.connect(self._fetch)
        self.model.filled.connect(lambda _first, _last: self._show_detail())
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        self.table.order_wanted.connect(self._on_order)
        self.table.menu_wanted.connect(self.menu_wanted)
        self.as_pictures.toggled.connect(self._on_pictures)
        self.timeline.bar_chosen.connect(lambda since, _until: self._go_to(since))
        self.pill.clicked.connect(lambda _checked=False: self.bring_in_order())
        bridge.images_changed.connect(lambda _ids: self._on_images())
        self.set_look(look)
        self.show_teaching()

    def _build(self) -> None:
        self._head = QFrame()
        self._head.setObjectName("searchStatus")
        self._head_row = QHBoxLayout(self._head)
        self._head_row.addWidget(self.status, 1)
        self._head_row.addWidget(self.bar)
        self._head_row.addWidget(self.pill)
        self._head_row.addWidget(self.as_pictures)
        self._head_row.addWidget(self.hint)
        self.rows = QStackedWidget()
        for part in (self.table, self.strip, self.teaching, self.denial, self.nothing):
            self.rows.addWidget(part)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for above in (self._head, self.coverage, self.timeline):
            column.addWidget(above)
        column.addWidget(self.rows, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.detail)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self._look = look
        self._head_row.setContentsMargins(look.px(12), look.px(4), look.px(12), look.px(4))
        self._head_row.setSpacing(look.px(10))
        self._head.setMinimumHeight(look.px(34))
        self.bar.setFixedSize(look.px(80), look.px(10))
        for part in (
            self.coverage, self.timeline, self.table, self.strip, self.detail,
            self.teaching, self.denial, self.nothing,
        ):  # fmt: skip
            part.set_look(look)
        self.detail.setMinimumWidth(look.px(260))
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Leave the details out where the width is short or there are no rows."""
        has_rows = self.rows.currentWidget() in (self.table, self.strip)
        is_wide = self.width() >= self._look.px(NARROW_PX)
        is_low = self.height() < self._look.px(LOW_PX)
        self.coverage.set_compact(is_compact=is_low)
        for part in (self.bar, self.hint):
            part.setVisible(self.is_running and not is_low)
        self.timeline.setVisible(has_rows and not is_low and self.timeline.has_bars)
        was_shown = self.detail.isVisibleTo(self)
        self.detail.setVisible(has_rows and is_wide)
        if has_rows and is_wide and not was_shown:
            rest = self._look.px(330)
            self.splitter.setSizes([self.width() - rest, rest])

    # ------------------------------------------------------------------ places

    def _show(self, place: QWidget, *, has_head: bool) -> None:
        self.rows.setCurrentWidget(place)
        self._head.setVisible(has_head)
        self.coverage.setVisible(has_head)
        self.as_pictures.setVisible(place in (self.table, self.strip))
        self.fit()

    def show_teaching(self) -> None:
        """Nothing has been asked."""
        self._show(self.teaching, has_head=False)

    def show_denial(self, decision: Decision, days: int) -> None:
        """The node said no."""
        self.denial.show_decision(decision, days)
        self._show(self.denial, has_head=False)

    def show_failure(self, refusal: Refused) -> None:
        """The search could not be started, or broke off before anything was found."""
        self.nothing.say("■ The search did not run", refusal.words)
        self._show(self.nothing, has_head=False)

    def show_starting(self) -> None:
        """The node has been asked."""
        self._forget_rows()
        self.nothing.say("Asking…", "The reason is recorded before anything is shown.")
        self._show(self.nothing, has_head=False)

    def forget(self) -> None:
        """Hold nothing of what was found."""
        self._forget_rows()
        self.show_teaching()

    def _forget_rows(self) -> None:
        self._running = None
        self.progress = None
        self._is_stopped = False
        self._took = {}
        self.model.clear()
        self.timeline.show_buckets((), 1)
        self.detail.show_found(None)
        self.pill.hide()

    def begin(self, running: RunningSearch) -> None:
        """Show a search that runs."""
        self._forget_rows()
        self._running = running
        self.show_progress(running.progress)

    # ------------------------------------------------------------------ progress

    @property
    def is_running(self) -> bool:
        """True until the search has ended or was stopped."""
        progress = self.progress
        return progress is not None and not progress.is_done and not self._is_stopped

    def show_stopped(self) -> None:
        """The search was stopped; what was found stays."""
        self._is_stopped = True
        if self.progress is not None:
            self.show_progress(self.progress)

    def show_progress(self, progress: SearchProgress) -> None:
        """Show how far the search has come."""
        was_running = self.progress is not None and not self.progress.is_done
        self.progress = progress
        for holder, share in progress.share:
            if share >= 1:
                self._took.setdefault(holder, progress.seconds)
        words = status_words(progress, self._took)
        if self._is_stopped and not progress.is_done:
            words = f"Stopped · {words}"
        if progress.problems:
            words += f" · ▲ {progress.problems[0]}"
        self.status.setText(words)
        self.status.setToolTip("\n".join((words, *progress.problems)))
        self.bar.setValue(round(progress_share(progress) * 100))
        self.coverage.show_coverage(progress.coverage)
        self.timeline.show_buckets(progress.timeline, progress.timeline_s)
        before = self.model.rowCount()
        self.model.set_total(progress.found)
        if self.model.rowCount():
            self._show(self._rows_place, has_head=True)
            self._offer_order(before, was_running=was_running)
        else:
            self._show_nothing(progress)

    @property
    def _rows_place(self) -> QWidget:
        return self.strip if self.as_pictures.isChecked() else self.table

    def _offer_order(self, before: int, *, was_running: bool) -> None:
        """Bring rows that came later into order at once, or offer it while somebody reads."""
        if not was_running or not before or before == self.model.rowCount():
            return
        is_looked_at = (
            self.table.verticalScrollBar().value() > 0
            or self.table.currentIndex().isValid()
            or self.table.underMouse()
            or self.strip.underMouse()
        )
        if not is_looked_at:
            self.model.refresh()
            return
        self.pill.setText("F5  Later rows: put in order")
        self.pill.show()

    def bring_in_order(self) -> None:
        """Fetch the rows anew; the chosen read stays chosen if it is still near."""
        found = self.detail.found
        self.pill.hide()
        self.table.clearSelection()
        self.table.setCurrentIndex(QModelIndex())
        self.model.refresh()
        self.model.found_at(max(0, self.table.rowAt(0)))
        row = self.model.row_of(found.read.read_id) if found is not None else -1
        if row >= 0:
            self.table.selectRow(row)
        self._show_detail()

    def _show_nothing(self, progress: SearchProgress) -> None:
        if not progress.is_done and not self._is_stopped:
            self.nothing.say("Nothing found so far", "The search goes on; Esc stops it.")
        elif self._is_stopped and not progress.is_done:
            self.nothing.say(
                "Stopped before anything was found",
                "This says nothing about what has not been looked at.",
            )
        else:
            hidden = (
                f" The direction alone hides {several(progress.hidden, 'read')}."
                if progress.hidden
                else ""
            )
            self.nothing.say(
                "Nothing found",
                nothing_words(progress.coverage)
                + hidden
                + " A VRM may have been misread: ≈ before it looks for look-alikes.",
            )
        self._show(self.nothing, has_head=True)

    # ------------------------------------------------------------------ rows

    def _fetch(self, first: int) -> None:
        if self._running is not None:
            self._bridge.run(
                self._fetched(self._running, first, self.model.generation), "search-rows"
            )

    async def _fetched(self, running: RunningSearch, first: int, generation: int) -> None:
        try:
            page = await running.rows(first, PAGE, self.model.order)
        except Refused:
            # Not asked for again by itself: a repaint would ask, and fail, for ever.
            if running is self._running:
                self.pill.setText("F5  Some rows did not come: fetch again")
                self.pill.show()
            raise
        if running is self._running:
            self.model.put(page, generation)

    def _on_order(self, order: Order) -> None:
        if self.progress is None or (not self.progress.is_done and order is not Order.NEWEST):
            self._bridge.notice.emit("Rows are sorted once the search has ended.", "")
            return
        self.table.clearSelection()
        self.table.setCurrentIndex(QModelIndex())
        self.model.set_order(order)
        self.table.scrollToTop()
        self.detail.show_found(None)

    @property
    def chosen(self) -> FoundRead | None:
        """The read chosen."""
        row = self.table.currentIndex().row()
        return self.model.found_at(row) if row >= 0 else None

    def _on_current(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._show_detail()
        self.chosen_changed.emit()

    def _show_detail(self) -> None:
        found = self.chosen
        if found is not self.detail.found:
            self.detail.show_found(found)
            self.timeline.mark(found.read.captured_at if found is not None else None)

    def _go_to(self, since: object) -> None:
        if self.model.order not in (Order.NEWEST, Order.OLDEST) or not self.model.rowCount():
            return
        is_newest = self.model.order is Order.NEWEST
        row = self.timeline.row_of(since, is_newest_first=is_newest)  # type: ignore[arg-type]
        self.table.selectRow(min(row, self.model.rowCount() - 1))

    def _on_pictures(self, _is_on: bool) -> None:
        if self.rows.currentWidget() in (self.table, self.strip):
            self._show(self._rows_place, has_head=True)
            self._rows_place.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_images(self) -> None:
        if self.isVisible():
            self.table.update_rows()
            self.strip.viewport().update()
