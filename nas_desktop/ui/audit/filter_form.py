"""Which records are wanted: time, what was done, by whom, how old the reads were, and for what."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from PySide6.QtCore import QDate, QSettings, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.services.audit import AuditAction, AuditFilter
from nas_desktop.services.ports import Clock
from nas_desktop.ui.audit.audit_words import GROUPS, action_words
from nas_desktop.ui.theme import Look

_SPANS = (("Today", 1), ("Last 7 days", 7), ("Last 31 days", 31), ("Any time", 0), ("Between…", -1))
BANDS = ("A", "B", "C")


class FilterForm(QScrollArea):
    """Asks; nothing is looked up before it is applied, for every look is on record.

    Signals:
        applied(): records are wanted by what the form says now.
    """

    applied = Signal()

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.setObjectName("auditFilters")
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.when = QComboBox()
        for words, days in _SPANS:
            self.when.addItem(words, days)
        self.when.setCurrentIndex(1)
        today = clock.now().astimezone(UTC).date()
        day = QDate(today.year, today.month, today.day)
        self.since, self.until = QDateEdit(day.addDays(-7)), QDateEdit(day)
        for edit, tip in ((self.since, "First day, GMT"), (self.until, "Last day, GMT")):
            edit.setDisplayFormat("dd/MM/yyyy")
            edit.setCalendarPopup(True)
            edit.setToolTip(tip)
            edit.setAccessibleName(tip)
        self.action = QComboBox()
        for words, actions in GROUPS:
            self.action.addItem(words, [str(action) for action in actions])
        self.action.insertSeparator(self.action.count())
        for action in sorted(AuditAction, key=action_words):
            self.action.addItem(action_words(action), [str(action)])
        self.person = QLineEdit(maxLength=120)
        self.person.setPlaceholderText("account, as in asmith")
        self.bands = {band: QCheckBox(band) for band in BANDS}
        for band, tip in zip(
            BANDS, ("Up to 90 days", "91 days to 12 months", "Over 12 months"), strict=True
        ):
            self.bands[band].setToolTip(f"{tip} old; none ticked: any")
            self.bands[band].setAccessibleName(f"Band {band}, {tip.lower()}")
        self.text = QLineEdit(maxLength=120)
        self.text.setPlaceholderText("part of reference or subject")
        self.apply = QPushButton("Sho&w records")
        self.apply.setProperty("due", True)
        self.apply.setToolTip("Look the records up; that you looked is on record (Enter, F5)")
        self.reset = QPushButton("&Clear")
        self.reset.setToolTip("Back to all records of the last 7 days")
        self._build()
        self.when.currentIndexChanged.connect(lambda _at: self._judge())
        self.apply.clicked.connect(lambda _checked=False: self.applied.emit())
        self.reset.clicked.connect(lambda _checked=False: self.empty())
        for field in (self.person, self.text):
            field.returnPressed.connect(self.applied)
        self._judge()

    def _build(self) -> None:
        body = QWidget()
        body.setObjectName("auditFiltersInner")
        self._layout = QVBoxLayout(body)
        for words, fields in (
            ("&Time (GMT)", (self.when, self.since, self.until)),
            ("W&hat", (self.action,)),
            ("P&erson", (self.person,)),
            ("Reference or sub&ject", (self.text,)),
        ):
            name = QLabel(words)
            name.setProperty("role", "heading")
            name.setBuddy(fields[0])
            self._layout.addWidget(name)
            for field in fields:
                self._layout.addWidget(field)
        name = QLabel("&Band of the reads asked for")
        name.setProperty("role", "heading")
        name.setBuddy(self.bands["A"])
        self._layout.addWidget(name)
        row = QHBoxLayout()
        for box in self.bands.values():
            row.addWidget(box)
        row.addStretch(1)
        self._layout.addLayout(row)
        self._layout.addSpacing(8)
        self._layout.addWidget(self.apply)
        self._layout.addWidget(self.reset)
        self._layout.addStretch(1)
        self.setWidget(body)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.setMinimumWidth(look.px(196))
        margin = look.px(12)
        self._layout.setContentsMargins(margin, margin, margin, margin)
        self._layout.setSpacing(look.px(5))

    def empty(self) -> None:
        """Ask for all records of the last 7 days."""
        self.when.setCurrentIndex(1)
        self.forget()

    def forget(self) -> None:
        """Ask for everything of the span: what one person looked for is not there for the next."""
        self.action.setCurrentIndex(0)
        self.person.clear()
        self.text.clear()
        for box in self.bands.values():
            box.setChecked(False)

    def _judge(self) -> None:
        is_between = self.when.currentData() == -1
        self.since.setVisible(is_between)
        self.until.setVisible(is_between)

    @property
    def wanted(self) -> AuditFilter:
        """Which records the form asks for now."""
        days = int(self.when.currentData())
        since: datetime | None = None
        until: datetime | None = None
        if days > 0:
            first = self._clock.now().astimezone(UTC).date() - timedelta(days=days - 1)
            since = datetime.combine(first, time(), UTC)
        elif days < 0:
            since = _begin(self.since.date())
            until = _begin(self.until.date()) + timedelta(days=1)
        return AuditFilter(
            since,
            until,
            tuple(AuditAction(name) for name in self.action.currentData() or ()),
            self.person.text().strip(),
            tuple(band for band, box in self.bands.items() if box.isChecked()),
            self.text.text().strip(),
        )

    def save(self, settings: QSettings) -> None:
        """Keep the span for the next start; whom somebody looked for is not kept."""
        settings.setValue("audit/when", self.when.currentIndex())

    def restore(self, settings: QSettings) -> None:
        """Take the span of the last time."""
        kept = str(settings.value("audit/when", 1))
        if kept.isdecimal() and int(kept) < self.when.count():
            self.when.setCurrentIndex(int(kept))


def _begin(day: QDate) -> datetime:
    return datetime(day.year(), day.month(), day.day(), tzinfo=UTC)
