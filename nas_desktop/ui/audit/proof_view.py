"""Proof: is the audit whole, who else vouches for it, and the whole of it as a file."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from nas_desktop.domain.errors import Refused
from nas_desktop.services.audit import Verdict
from nas_desktop.services.audit_ports import AuditLink, ProofState
from nas_desktop.services.ports import Clock
from nas_desktop.ui.audit.audit_words import instant_words, signed_words, verdict_words
from nas_desktop.ui.audit.parts import ask_file
from nas_desktop.ui.bridge import Bridge
from nas_desktop.ui.live.fact_rows import Facts, label
from nas_desktop.ui.search.form_parts import Said
from nas_desktop.ui.theme import Look


class ProofView(QWidget):
    """Verifies only when asked: it reads every record there is.

    Signals:
        learned(): more is known of the chain than before.
    """

    learned = Signal()

    def __init__(self, bridge: Bridge, link: AuditLink, clock: Clock) -> None:
        super().__init__()
        self.setObjectName("auditProof")
        self._bridge, self._link, self._clock = bridge, link, clock
        self._generation = 0
        self._is_busy = False
        self.proof: ProofState | None = None
        self.verdict: Verdict | None = None
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.broken = QLabel()
        self.broken.setProperty("role", "title")
        self.broken.setProperty("tone", "red")
        self.words = label("", wraps=True, selectable=True)
        self.facts = Facts()
        self.problem = label("", wraps=True)
        self.problem.setProperty("tone", "amber")
        self.verify = QPushButton("&Verify now")
        self.verify.setToolTip("Have the node look through every record; that you did is on record")
        self.export = QPushButton("&Export with proof…")
        self.export.setToolTip(
            "All records with hashes and countersignatures; nas-desktop audit verify checks the"
            " file anywhere, without this node"
        )
        self.said = Said("proofSaid")
        self._card = QFrame()
        self._card.setObjectName("signInCard")
        self._inside = QVBoxLayout(self._card)
        self._row = QHBoxLayout()
        self._row.addWidget(self.verify)
        self._row.addWidget(self.export)
        self._row.addStretch(1)
        for part in (self.title, self.broken, self.words, self.facts, self.problem):
            self._inside.addWidget(part)
        self._inside.addLayout(self._row)
        self._inside.addWidget(self.said)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self._card)
        self._layout.addStretch(1)
        self.verify.clicked.connect(lambda _checked=False: self.verify_now())
        self.export.clicked.connect(lambda _checked=False: self._on_export())
        self.forget()

    def set_look(self, look: Look) -> None:
        """Take over a theme and a size."""
        margin = look.px(16)
        self._layout.setContentsMargins(margin, margin, margin, margin)
        self._inside.setContentsMargins(margin, margin, margin, margin)
        self._inside.setSpacing(look.px(10))
        self._card.setMaximumWidth(look.px(900))

    def opened(self) -> None:
        """It has come to the front."""
        self.learn()
        self.verify.setFocus()

    def forget(self) -> None:
        """Show nothing: somebody else may sit here now."""
        self._generation += 1
        self._is_busy = False
        self.proof = self.verdict = None
        self.said.say("")
        self._show()

    # ------------------------------------------------------------------ doing

    def learn(self) -> None:
        """Ask how far the chain is countersigned."""
        self._bridge.run(self._learn(self._generation), "audit-proof")

    async def _learn(self, generation: int) -> None:
        try:
            proof = await self._link.proof()
        except Refused as refusal:
            if generation == self._generation:
                self.said.say(f"{refusal.message} {refusal.remedy}".strip(), is_fault=True)
            return
        if generation == self._generation:
            self.proof = proof
            self._show()
            self.learned.emit()

    def verify_now(self) -> None:
        """Have the node look through the whole chain."""
        if self._is_busy:
            return
        self._begin("Looking through every record…")
        self._bridge.run(self._verified(self._generation), "audit-verify")

    async def _verified(self, generation: int) -> None:
        try:
            verdict = await self._link.verify()
        except Refused as refusal:
            self._failed(refusal, generation)
            return
        if generation != self._generation:
            return
        self._is_busy = False
        self.verdict = verdict
        self.said.say(f"Verified at {instant_words(self._clock.now())} GMT; on record.")
        self._show()
        self.learned.emit()
        self.learn()

    def _on_export(self) -> None:
        name = f"audit-{self._clock.now():%Y%m%d-%H%M}.jsonl"
        kinds = "Audit with its proof (*.jsonl)"
        ask_file(self, "Export the audit with its proof", name, kinds, "jsonl", self.export_to)

    def export_to(self, path: str) -> None:
        """Have the node write everything with its proof."""
        if self._is_busy:
            return
        self._begin("Writing…")
        self._bridge.run(self._exported(path, self._generation), "audit-export")

    async def _exported(self, path: str, generation: int) -> None:
        try:
            done = await self._link.export(path)
        except Refused as refusal:
            self._failed(refusal, generation)
            return
        if generation == self._generation:
            self._is_busy = False
            self.said.say(
                f"{done.records:,} records written to {done.path}\nSHA-256 {done.sha256}\n"
                "Keep a copy on another machine: nas-desktop audit verify FILE checks it there."
            )
            self._show()

    def _begin(self, words: str) -> None:
        self._is_busy = True
        self.said.say(words)
        self._show()

    def _failed(self, refusal: Refused, generation: int) -> None:
        if generation == self._generation:
            self._is_busy = False
            self.said.say(f"{refusal.message} {refusal.remedy}".strip(), is_fault=True)
            self._show()

    # ------------------------------------------------------------------ showing

    def _show(self) -> None:
        verdict, proof = self.verdict, self.proof
        if verdict is None:
            title, words = "○ Not verified yet", "Nobody has verified the chain in this window."
        else:
            title, words = verdict_words(verdict)
        is_bad = verdict is not None and not verdict.is_whole
        for one in (self.title, self.broken):
            one.setText(title)
        self.title.setVisible(not is_bad)
        self.broken.setVisible(is_bad)
        self.words.setText(words)
        self.facts.setVisible(proof is not None)
        if proof is not None:
            self.facts.show_facts(
                (
                    ("Node", f"{proof.node_name} · {proof.node_id}"),
                    ("Records", f"{proof.records:,}"),
                    ("Countersigned", signed_words(proof)),
                )
            )
        problem = proof.problem if proof is not None else ""
        self.problem.setText(f"▲ Records do not go up: {problem}")
        self.problem.setVisible(bool(problem))
