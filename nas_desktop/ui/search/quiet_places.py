"""What stands where there are no rows: what to do, why not, and what the rules need."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.search_access import Decision, Rule
from nas_desktop.ui.live.fact_rows import label
from nas_desktop.ui.text import several
from nas_desktop.ui.theme import Look

_TEACHING: tuple[tuple[str, str], ...] = (
    ("AB51ABC", "this VRM; several apart by comma"),
    ("AB5?ABC", "? stands for one character"),
    ("AB5*", "* stands for any number of characters, also none"),
    ("≈AB51ABC", "look-alikes of a VRM: what it may have been misread as (type ~ for ≈)"),
    ("Alt+P", "seven boxes for a part of a VRM"),
    ("2 h", "typed as a time: two hours ago; also 20:57, yesterday 14:00, 21/11"),
    ("Ctrl+Return", "search; Esc stops"),
    ("F4", "confirm the justification for the next search"),
    ("Ctrl+N  Ctrl+W", "another search beside this one; put this one away"),
    ("Ctrl+O  Ctrl+H", "saved searches; your own earlier ones"),
)


class QuietPlace(QScrollArea):
    """A title, a sentence, and rows of things and words; scrolls where text is large."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.title = label("title", wraps=True)
        self.words = label("second", wraps=True)
        self.grid = QGridLayout()
        self.grid.setColumnStretch(1, 1)
        inner = QWidget()
        inner.setObjectName("quietInner")
        self.column = QVBoxLayout(inner)
        for part in (self.title, self.words):
            self.column.addWidget(part)
        self.column.addLayout(self.grid)
        self.column.addStretch(1)
        self.setWidget(inner)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        pad = look.px(24)
        self.column.setContentsMargins(pad, pad, pad, pad)
        self.column.setSpacing(look.px(10))
        self.grid.setHorizontalSpacing(look.px(18))
        self.grid.setVerticalSpacing(look.px(7))

    def say(self, title: str, words: str) -> None:
        """Say why there are no rows."""
        self.title.setText(title)
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.setAccessibleName(f"{title}. {words}")


class TeachingPlace(QuietPlace):
    """Nothing asked yet: how to ask."""

    def __init__(self) -> None:
        super().__init__("searchTeaching")
        self.say(
            "Nothing asked yet",
            "Say why you look, then what for. Every search is recorded with its reason.",
        )
        self._names: list[QLabel] = []
        for at, (key, words) in enumerate(_TEACHING):
            name, said = label(""), label("second", wraps=True)
            name.setText(key)
            said.setText(words)
            self._names.append(name)
            self.grid.addWidget(name, at, 0, Qt.AlignmentFlag.AlignTop)
            self.grid.addWidget(said, at, 1)

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size; marks in the face of marks, keys in that of words."""
        super().set_look(look)
        for at, name in enumerate(self._names):
            name.setStyleSheet("")
            name.setFont(look.vrm(14) if at < 4 else look.semibold(13))


class DenialPlace(QuietPlace):
    """Every rule that stands against a search, what each needs, and what can be done now.

    Signals:
        trim_wanted, authority_wanted: a remedy was chosen.
    """

    trim_wanted = Signal()
    authority_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("searchDenial")
        self.trim = QPushButton("Trim to 90 days")
        self.authority = QPushButton("Authority…")
        self.trim.clicked.connect(lambda _checked=False: self.trim_wanted.emit())
        self.authority.clicked.connect(lambda _checked=False: self.authority_wanted.emit())
        row = QHBoxLayout()
        row.addWidget(self.trim)
        row.addWidget(self.authority)
        row.addStretch(1)
        self.column.insertLayout(3, row)
        self._rows: list[QWidget] = []

    def show_decision(self, decision: Decision, days: int) -> None:
        """Show why a search was denied."""
        age = several(max(0, decision.oldest_age_days), "day")
        count = several(len(decision.denials), "rule stands", "rules stand")
        self.say(
            "■ Denied",
            f"Nothing was looked at. The question goes back {age}, band {decision.band}."
            f" {count} against it; the denial is on record.",
        )
        for row in self._rows:
            self.grid.removeWidget(row)
            row.deleteLater()
        self._rows = []
        for at, denial in enumerate(decision.denials):
            number = label("strong")
            number.setText(f"{at + 1}")
            words = label("strong", wraps=True)
            words.setText(denial.message)
            self.grid.addWidget(number, 2 * at, 0, Qt.AlignmentFlag.AlignTop)
            self.grid.addWidget(words, 2 * at, 1)
            self._rows += [number, words]
            if denial.remedy:
                remedy = label("second", wraps=True)
                remedy.setText(f"Needed: {denial.remedy}")
                self.grid.addWidget(remedy, 2 * at + 1, 1)
                self._rows.append(remedy)
        self.trim.setText(f"Trim to {days} days")
        self.trim.setVisible(decision.trim_to is not None)
        self.authority.setVisible(
            any(denial.rule.value.startswith("authority") for denial in decision.denials)
            and not any(denial.rule is Rule.EXTENDED for denial in decision.denials)
        )
