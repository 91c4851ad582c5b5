"""The process that plays: the only place that touches Qt Multimedia and Qt TextToSpeech.

It is a process of its own because of what the libraries under it do when a sound server goes away:
some abort the program they are in, and none finds a server that starts after it (decision 0016).
It reads one JSON object a line from its standard input and writes one a line to its standard
output; it ends with its input, so that it never outlives its window.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QTimer, Signal

from nas_desktop.ui.sound.port import NO_DEVICE, NO_MULTIMEDIA
from nas_desktop.ui.sound.tones import RATE, pcm_of

try:
    from PySide6.QtMultimedia import QAudio, QAudioFormat, QAudioSink, QMediaDevices
except ImportError:  # the wheel is not there, or a library of the system that it needs
    HAS_MULTIMEDIA = False
else:
    HAS_MULTIMEDIA = True

try:
    from PySide6.QtCore import QLocale
    from PySide6.QtTextToSpeech import QTextToSpeech
except ImportError:
    HAS_SPEECH = False
else:
    HAS_SPEECH = True

Message = dict[str, Any]
"""One line of the conversation; its shape is checked where it is read."""


def tell(message: Message) -> None:
    """Write one line to the window."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Output(QObject):
    """Plays one pattern at a time on the system's usual device."""

    def __init__(self) -> None:
        super().__init__()
        self._devices = QMediaDevices(self)
        self._devices.audioOutputsChanged.connect(self.report)
        self._sink: QAudioSink | None = None
        self._on = b""
        self._channels = 1
        self._number = 0
        self._told: Message = {}
        self._buffer = QBuffer(self)

    def report(self) -> None:
        """Say which device there is, where that is news."""
        device = QMediaDevices.defaultAudioOutput()
        found = {"device": device.description()} if not device.isNull() else {"device": ""}
        if not found["device"]:
            found["why"] = NO_DEVICE
        if found != self._told:
            self._told = found
            tell(found)

    def play(self, number: int, notes: list[tuple[int, int, int]]) -> None:
        """Play now; what plays is cut short. Says ``played`` with the number once it is out."""
        self.hush()
        sink = self._usual_sink()
        if sink is None:
            tell({"failed": number})
            return
        self._number = number
        self._buffer.setData(QByteArray(pcm_of(notes, self._channels)))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        sink.start(self._buffer)

    def hush(self) -> None:
        """Stop what plays."""
        self._number = 0
        if self._sink is not None:
            self._sink.reset()
        self._buffer.close()

    def _usual_sink(self) -> QAudioSink | None:
        """Return the sink of the usual device, made anew when that is another one than before."""
        device = QMediaDevices.defaultAudioOutput()
        if device.isNull():
            return None
        on = bytes(device.id().data())
        if self._sink is None or on != self._on:
            wanted = QAudioFormat()
            wanted.setSampleRate(RATE)
            wanted.setSampleFormat(QAudioFormat.SampleFormat.Int16)
            wanted.setChannelCount(1)
            if not device.isFormatSupported(wanted):
                wanted.setChannelCount(max(2, device.preferredFormat().channelCount()))
            self._channels, self._on = wanted.channelCount(), on
            if self._sink is not None:
                self._sink.deleteLater()
            self._sink = QAudioSink(device, wanted, self)
            self._sink.stateChanged.connect(self._on_state)
        return self._sink

    def _on_state(self, state: QAudio.State) -> None:
        # WORKAROUND PySide6 6.11: without the import of QAudio the state cannot be handed over, and
        # the members of QAudio and QtAudio of one name are not equal; so it is judged by name.
        if not self._number or self._sink is None:
            return
        is_idle = state.name == "IdleState"
        if is_idle or (state.name == "StoppedState" and self._sink.error().name != "NoError"):
            number, self._number = self._number, 0
            tell({"played" if is_idle else "failed": number})


class Voice(QObject):
    """Speaks one sentence at a time; a later one takes its place."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._engine: QTextToSpeech | None = None
        engines = [name for name in QTextToSpeech.availableEngines() if name != "mock"]
        if engines:
            engine = QTextToSpeech(engines[0], self)
            if engine.state() is not QTextToSpeech.State.Error:
                engine.setLocale(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
                self._engine = engine
        self._wait = QTimer(self, singleShot=True)
        self._wait.timeout.connect(self._say)

    @property
    def is_there(self) -> bool:
        """True where something can speak."""
        return self._engine is not None

    def say(self, text: str, after_ms: int) -> None:
        """Speak after the pattern that is being played."""
        self._text = text
        self._wait.start(after_ms)

    def hush(self) -> None:
        """Stop speaking."""
        self._wait.stop()
        if self._engine is not None:
            self._engine.stop()

    def _say(self) -> None:
        if self._engine is not None:
            self._engine.stop()
            self._engine.say(self._text)


class Lines(QObject):
    """Reads standard input in a thread, the only way that is the same on every system.

    Signals:
        came(str): a line.
        ended: the window has gone.
    """

    came = Signal(str)
    ended = Signal()

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._read, name="lines", daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self.came.emit(line)
        self.ended.emit()


class SoundProcess(QObject):
    """Does what the lines say."""

    def __init__(self) -> None:
        super().__init__()
        self._output = Output() if HAS_MULTIMEDIA else None
        self._voice = Voice() if HAS_SPEECH else None

    def begin(self) -> None:
        """Say what is there."""
        tell({"speech": self._voice is not None and self._voice.is_there})
        if self._output is None:
            tell({"device": "", "why": NO_MULTIMEDIA})
        else:
            self._output.report()

    def obey(self, line: str) -> None:
        """Carry out one line; what is none is passed over."""
        try:
            message = json.loads(line)
            if "play" in message:
                number = int(message["play"])
                notes = [(int(hz), int(on), int(off)) for hz, on, off in message["notes"]]
                if self._output is None:
                    tell({"failed": number})
                else:
                    self._output.play(number, notes)
            elif "say" in message and self._voice is not None:
                self._voice.say(str(message["say"]), int(message["after_ms"]))
            elif "hush" in message:
                for part in (self._output, self._voice):
                    if part is not None:
                        part.hush()
        except (ValueError, KeyError, TypeError):
            tell({"passed_over": True})


async def serve() -> int:
    """Play for a window until it goes; needs Qt and asyncio on one loop."""
    gone = asyncio.Event()
    process, lines = SoundProcess(), Lines()
    lines.came.connect(process.obey)
    lines.ended.connect(gone.set)
    process.begin()
    lines.start()
    await gone.wait()
    return 0
