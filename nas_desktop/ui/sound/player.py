"""Plays through a process of its own, and notices when nothing comes out any more.

Whether sound comes out is judged by what is confirmed, never by a device that is listed: every
pattern is confirmed by the process, and a silent one is sent where nothing else was. A process that
ends or does not answer is started again; so is one without a device, since it does not find a
sound server that comes after it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, QTimer

from nas_desktop.services.sound_rules import Pattern
from nas_desktop.ui.sound.port import NO_DEVICE, NO_MULTIMEDIA

log = logging.getLogger(__name__)

NO_DEVICE_WORDS = "no output device"
NO_MULTIMEDIA_WORDS = "Qt Multimedia cannot be loaded"
NO_ANSWER_WORDS = "the output does not answer"
ENDED_WORDS = "the output has failed"

PROBE_MS = 10_000
"""How often silence is played where nothing else was."""

PATIENCE_MS = 4_000
"""Longest that a confirmation may take beyond the length of what is played, and a start."""

RESTART_MS = (1_000, 2_000, 5_000, 15_000, 30_000, 60_000)
"""Waits before the process is started again; the last one goes on."""

_SILENCE = ((0, 60, 0),)


class SoundPlayer(QObject):
    """A ``SoundPort`` over a process.

    Args:
        command: how to start the process, with its arguments.
        patience_ms: how long a confirmation may take; tests are less patient.
        restart_ms: waits before each new start.
        probe_ms: how often silence is played.
    """

    def __init__(
        self,
        command: Sequence[str],
        parent: QObject | None = None,
        *,
        patience_ms: int = PATIENCE_MS,
        restart_ms: Sequence[int] = RESTART_MS,
        probe_ms: int = PROBE_MS,
    ) -> None:
        super().__init__(parent)
        self.fault = ""
        self.device = ""
        self.can_speak = False
        self.starts = 0
        self._changed: Callable[[], None] = lambda: None
        self._restart_ms = tuple(restart_ms)
        self._patience_ms = patience_ms
        self._failures = 0
        self._number = 0
        self._is_stopping = False
        self._told: tuple[str, str, bool] = ("", "", False)
        self._process = QProcess(self)
        self._process.setProgram(command[0])
        self._process.setArguments(list(command[1:]))
        # What Qt's back ends write there is for nobody.
        self._process.setStandardErrorFile(QProcess.nullDevice())
        self._process.readyReadStandardOutput.connect(self._on_lines)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        self._answer = QTimer(self, singleShot=True)
        self._answer.timeout.connect(self._on_no_answer)
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._restart)
        self._probe = QTimer(self, interval=probe_ms)
        self._probe.timeout.connect(self._play_silence)

    def listen(self, changed: Callable[[], None]) -> None:
        """Tell of every change of ``fault``, ``device`` and ``can_speak``."""
        self._changed = changed

    def start(self) -> None:
        """Start the process; returns at once."""
        if self._process.state() is QProcess.ProcessState.NotRunning and not self._is_stopping:
            self.starts += 1
            self._process.start()
            self._answer.start(self._patience_ms)

    def _restart(self) -> None:
        """Start anew; a process that still runs is ended first, and its end starts the next."""
        if self._process.state() is QProcess.ProcessState.NotRunning:
            self.start()
        else:
            self._process.kill()

    def play(self, pattern: Pattern) -> None:
        """Play now, where there is a device; what plays is cut short."""
        notes = [(note.hz, note.on_ms, note.off_ms) for note in pattern.notes]
        self._play(notes, round(pattern.seconds * 1000))

    def say(self, text: str, after_s: float) -> None:
        """Speak after so many seconds."""
        if self.can_speak:
            self._tell({"say": text, "after_ms": round(after_s * 1000)})

    def hush(self) -> None:
        """Stop playing and speaking."""
        self._answer.stop()
        self._tell({"hush": True})

    def stop(self) -> None:
        """End the process for good."""
        self._is_stopping = True
        for timer in (self._answer, self._again, self._probe):
            timer.stop()
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(500)  # killed: it takes milliseconds

    # ------------------------------------------------------------------ to the process

    def _play(self, notes: Sequence[tuple[int, int, int]], length_ms: int) -> None:
        if not self.device:
            return
        self._number += 1
        self._tell({"play": self._number, "notes": notes})
        self._answer.start(length_ms + self._patience_ms)
        self._probe.start()

    def _play_silence(self) -> None:
        if not self._answer.isActive():
            self._play(_SILENCE, 60)

    def _tell(self, message: Mapping[str, Any]) -> None:  # Any: of a line, by its kind
        if self._process.state() is QProcess.ProcessState.Running:
            self._process.write(json.dumps(message).encode() + b"\n")

    # ------------------------------------------------------------------ from the process

    def _on_lines(self) -> None:
        while self._process.canReadLine():
            line = bytes(self._process.readLine().data())
            try:
                self._take(json.loads(line))
            except (ValueError, TypeError, AttributeError):
                log.warning("the process for sound wrote a line that is none")

    def _take(self, message: Mapping[str, Any]) -> None:  # Any: of a line, by its kind
        if "speech" in message:
            self.can_speak = bool(message["speech"])
        elif "device" in message:
            self._answer.stop()
            self._on_device(str(message["device"]), str(message.get("why", "")))
        elif message.get("played") == self._number:
            self._answer.stop()
            self._failures = 0
            self._say_fault("")
        elif message.get("failed") == self._number:
            self._fail(ENDED_WORDS)

    def _on_device(self, device: str, why: str) -> None:
        self.device = device
        if device:
            self._again.stop()
            self._probe.start()
            # Listed is not heard: only what is confirmed clears a fault that was said.
            self._play_silence()
            self._say_fault(self.fault if self.fault in (ENDED_WORDS, NO_ANSWER_WORDS) else "")
            return
        self._probe.stop()
        self._say_fault(NO_MULTIMEDIA_WORDS if why == NO_MULTIMEDIA else NO_DEVICE_WORDS)
        if why == NO_DEVICE:
            self._wait_and_restart()

    def _on_no_answer(self) -> None:
        self._fail(NO_ANSWER_WORDS)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._fail(ENDED_WORDS)

    def _on_finished(self) -> None:
        if self._is_stopping or self._again.isActive():
            return
        if self.fault:
            self.start()  # it was ended here, for a new start
        else:
            self._fail(ENDED_WORDS)

    def _fail(self, words: str) -> None:
        """Say it, and have the process out of the way before the next start."""
        if self._is_stopping:
            return
        self.device = ""
        self._say_fault(words)
        self._wait_and_restart()
        self._process.kill()

    def _wait_and_restart(self) -> None:
        self._answer.stop()
        self._probe.stop()
        self._again.start(self._restart_ms[min(self._failures, len(self._restart_ms) - 1)])
        self._failures += 1

    def _say_fault(self, fault: str) -> None:
        self.fault = fault
        told = (self.fault, self.device, self.can_speak)
        if told != self._told:
            self._told = told
            if fault:
                log.warning("no sound: %s", fault)
            self._changed()
