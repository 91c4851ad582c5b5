"""Why somebody looks: asked before every search, never silently used again."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nas_desktop.domain.search_access import (
    MOST_JUSTIFICATION,
    MOST_ON_BEHALF,
    MOST_REFERENCE,
    Authority,
    Purpose,
    SearchReason,
    weak_justification,
)
from nas_desktop.ui.search.form_parts import Said, heading, small_button
from nas_desktop.ui.search.search_words import PURPOSES, REASON_CODES, authority_words
from nas_desktop.ui.theme import Look


class CaseBook:
    """Reasons by reference, for this sitting of this person; gone when somebody else sits down."""

    def __init__(self) -> None:
        self._reasons: dict[str, SearchReason] = {}
        self.references = QStringListModel()

    def keep(self, reason: SearchReason) -> None:
        """Remember the reason of a search under its reference."""
        self._reasons[_key(reason.reference)] = reason
        self.references.setStringList(sorted(r.reference for r in self._reasons.values()))

    def reason_for(self, reference: str) -> SearchReason | None:
        """Return the reason last given under a reference."""
        return self._reasons.get(_key(reference))

    def forget(self) -> None:
        """Remember nothing."""
        self._reasons.clear()
        self.references.setStringList([])


def _key(reference: str) -> str:
    return " ".join(reference.casefold().split())


class WhyForm(QWidget):
    """Purpose, reason code, reference, on behalf of, justification, authority.

    Signals:
        changed: something was typed or chosen.
    """

    changed = Signal()

    def __init__(self, cases: CaseBook) -> None:
        super().__init__()
        self._cases = cases
        self._offer: SearchReason | None = None
        self.needs_confirming = False
        self.authority: Authority | None = None
        self.purpose = QComboBox()
        self.purpose.setAccessibleName("Purpose")
        self.purpose.setToolTip("Purpose: what the look is for; the age bands depend on it")
        self.purpose.addItem("Purpose", None)
        for purpose, words in PURPOSES.items():
            self.purpose.addItem(words, purpose)
        self.code = QComboBox()
        self.code.setAccessibleName("Reason code")
        self.code.setToolTip("Reason code of PNC, 0 to 9")
        self.code.addItem("Reason code", None)
        for number, (name, whole) in enumerate(REASON_CODES):
            self.code.addItem(f"{number} {name}", number)
            self.code.setItemData(number + 1, whole, Qt.ItemDataRole.ToolTipRole)
        for box in (self.purpose, self.code):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(8)
        self.reference = QLineEdit(maxLength=MOST_REFERENCE)
        self.reference.setAccessibleName("Reference")
        self.reference.setPlaceholderText("Reference")
        self.reference.setToolTip("Incident, crime or operation number")
        completer = QCompleter(self)
        completer.setModel(cases.references)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.reference.setCompleter(completer)
        self.behalf = QLineEdit(maxLength=MOST_ON_BEHALF)
        self.behalf.setAccessibleName("On behalf of")
        self.behalf.setPlaceholderText("On behalf of")
        self.behalf.setToolTip("Who asked, if not you: 3 to 50 characters, or empty")
        self.justification = QPlainTextEdit()
        self.justification.setAccessibleName("Justification")
        self.justification.setPlaceholderText("Justification: say in a sentence why you look")
        self.justification.setToolTip(
            f"At least 10 characters, at most {MOST_JUSTIFICATION}; on record with every search"
        )
        self.justification.setTabChangesFocus(True)
        self.said = Said("whyFault")
        self.offer = QFrame()
        self.offer.setProperty("role", "box")
        self.offer_words = Said("whyOffer")
        self.confirm_button = QPushButton("F4  Confirm")
        self.confirm_button.setToolTip("Use this justification for the next search (F4)")
        self.authority_box = QWidget()
        self.authority_said = Said("authorityLine")
        self.drop: QToolButton = small_button("✕", "Do without this authority", self.drop_authority)
        self._lay_out()
        self.purpose.currentIndexChanged.connect(lambda _at: self.changed.emit())
        self.code.currentIndexChanged.connect(lambda _at: self.changed.emit())
        self.reference.textEdited.connect(lambda _text: self.changed.emit())
        self.reference.textChanged.connect(lambda _text: self._look_up())
        self.behalf.textEdited.connect(lambda _text: self.changed.emit())
        self.justification.textChanged.connect(self._on_typed)
        self.confirm_button.clicked.connect(lambda _checked=False: self.confirm())
        self._show_offer()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(heading("WH&Y (needed before the search runs)", self.purpose))
        for left, right in ((self.purpose, self.code), (self.reference, self.behalf)):
            row = QHBoxLayout()
            row.setSpacing(6)
            row.addWidget(left, 11)
            row.addWidget(right, 9)
            layout.addLayout(row)
        layout.addWidget(self.justification)
        layout.addWidget(self.said)
        inner = QHBoxLayout(self.offer)
        inner.setContentsMargins(8, 6, 6, 6)
        inner.addWidget(self.offer_words, 1)
        inner.addWidget(self.confirm_button)
        layout.addWidget(self.offer)
        of_authority = QHBoxLayout(self.authority_box)
        of_authority.setContentsMargins(0, 0, 0, 0)
        of_authority.addWidget(self.authority_said, 1)
        of_authority.addWidget(self.drop)
        layout.addWidget(self.authority_box)
        self.authority_box.hide()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        self.justification.setFixedHeight(look.px(56))

    # ------------------------------------------------------------------ the reason

    @property
    def draft(self) -> SearchReason:
        """What has been given so far, for asking what the rules would say; may be incomplete."""
        code = self.code.currentData()
        return SearchReason(
            # Qt hands a word of an enumeration back as plain text.
            purpose=Purpose(self.purpose.currentData() or Purpose.PVC),
            reason_code=int(code) if code is not None else -1,
            justification=self.justification.toPlainText().strip(),
            reference=self.reference.text().strip(),
            on_behalf_of=self.behalf.text().strip(),
            authority=self.authority.authority_id if self.authority is not None else "",
        )

    def missing(self) -> tuple[QWidget, str] | None:
        """Return the first field without which no search runs, and what it lacks."""
        if self.purpose.currentData() is None:
            return self.purpose, "Choose a purpose."
        if self.code.currentData() is None:
            return self.code, "Choose a reason code."
        if not self.reference.text().strip():
            return self.reference, "Give an incident, crime or operation number."
        weak = weak_justification(self.justification.toPlainText().strip())
        if weak:
            return self.justification, f"{weak} Say in a sentence why you look."
        if self.needs_confirming:
            return self.confirm_button, "Confirm the justification with F4, or change it."
        return None

    def note_used(self) -> None:
        """A search ran: the justification is offered for the next one, not taken for it."""
        self._cases.keep(self.draft)
        self.needs_confirming = True
        self._show_offer()

    def confirm(self) -> None:
        """Take what is offered: one key, in full view of the words."""
        offer = self._offer
        if offer is not None:
            self._offer = None
            self.set_reason(offer)
        self.needs_confirming = False
        self._show_offer()
        self.changed.emit()

    @property
    def offers(self) -> bool:
        """True while there is something to confirm."""
        return self.needs_confirming or self._offer is not None

    def set_reason(self, reason: SearchReason) -> None:
        """Fill the form; the authority is never taken over."""
        self.purpose.setCurrentIndex(self.purpose.findData(reason.purpose))
        self.code.setCurrentIndex(self.code.findData(reason.reason_code))
        self.reference.setText(reason.reference)
        self.behalf.setText(reason.on_behalf_of)
        self.justification.setPlainText(reason.justification)

    def forget(self) -> None:
        """Empty every field."""
        self.purpose.setCurrentIndex(0)
        self.code.setCurrentIndex(0)
        for field in (self.reference, self.behalf):
            field.clear()
        self.justification.clear()
        self.drop_authority()
        self._offer, self.needs_confirming = None, False
        self.said.say("")
        self._show_offer()

    def _look_up(self) -> None:
        """Offer what was given under this reference, as long as nothing else is written."""
        known = self._cases.reason_for(self.reference.text())
        is_empty = not self.justification.toPlainText().strip()
        self._offer = known if is_empty else None
        self._show_offer()

    def _on_typed(self) -> None:
        # Whoever changes the words has confirmed them.
        self.needs_confirming = False
        self._look_up()
        self.changed.emit()

    def _show_offer(self) -> None:
        if self._offer is not None:
            words = f"Used before for this reference: “{self._offer.justification}”"
        elif self.needs_confirming:
            words = "Used for the last search. Confirm, or change the words."
        else:
            words = ""
        self.offer_words.say(words)
        self.offer.setVisible(bool(words))

    # ------------------------------------------------------------------ authority

    def set_authority(self, authority: Authority, now: datetime) -> None:
        """Search under this authority until another is chosen."""
        self.authority = authority
        self.authority_said.say(f"Authority: {authority_words(authority, now)}")
        self.authority_box.show()
        self.changed.emit()

    def drop_authority(self) -> None:
        """Search without an authority."""
        if self.authority is not None:
            self.authority = None
            self.authority_box.hide()
            self.changed.emit()
