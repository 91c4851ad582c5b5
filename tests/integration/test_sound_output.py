"""Sound that comes out: a private sound server with a null device, recorded while it plays."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from nas_desktop.app.sound_commands import Sounding, sound_command, what_sounds
from nas_desktop.services.sound_rules import load_sound_rules
from nas_desktop.ui.sound.player import NO_DEVICE_WORDS, SoundPlayer
from nas_desktop.ui.sound.tones import RATE

WAIT_MS = 40_000

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

needs_server = pytest.mark.skipif(
    not (sys.platform.startswith("linux") and shutil.which("pulseaudio") and shutil.which("parec")),
    reason="needs pulseaudio and pulseaudio-utils, of packages.txt",
)


class Server:
    """A sound server of its own, with a null device and nothing of this machine's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_up(self) -> bool:
        asked = subprocess.run(["pactl", "info"], capture_output=True, check=False)
        return asked.returncode == 0

    def start(self) -> None:
        """Start it; it is up when ``is_up`` says so."""
        shutil.rmtree(self._folder / "pulse", ignore_errors=True)
        self._process = subprocess.Popen(
            [
                "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes",
                "-L", "module-native-protocol-unix",
                "-L", "module-null-sink sink_name=nowhere",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
            self._process = None


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing here reaches a sound server of the machine, and none is started by itself."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    for name, value in {
        "XDG_RUNTIME_DIR": str(folder),
        "PULSE_RUNTIME_PATH": str(folder / "pulse"),
        "HOME": str(tmp_path),
        "PULSE_SERVER": f"unix:{folder}/pulse/native",
        "PIPEWIRE_RUNTIME_DIR": str(folder),
        "QT_AUDIO_BACKEND": "pulseaudio",
    }.items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture
def server(qtbot: QtBot, private: Path) -> Iterator[Server]:
    made = Server(private)
    made.start()
    qtbot.waitUntil(lambda: made.is_up, timeout=WAIT_MS)
    yield made
    made.kill()


@pytest.fixture
def player() -> Iterator[SoundPlayer]:
    made = SoundPlayer(sound_command(), probe_ms=1_000, restart_ms=(200, 500))
    yield made
    made.stop()


def test_that_without_a_server_no_device_is_said_and_nothing_crashes(
    qtbot: QtBot, private: Path, player: SoundPlayer
) -> None:
    player.start()
    qtbot.waitUntil(lambda: player.fault == NO_DEVICE_WORDS, timeout=WAIT_MS)
    assert player.device == ""
    assert what_sounds() == Sounding()


def test_that_the_process_ends_with_its_window(private: Path) -> None:
    lines = (
        'garbage\n{"play": 1}\n{"play": 2, "notes": [[500, 9, 0]]}\n'
        '{"say": "x", "after_ms": 0}\n{"hush": true}\n'
    )
    done = subprocess.run(
        sound_command(), input=lines, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert '"speech"' in done.stdout
    assert done.stdout.count("passed_over") == 2
    assert '{"failed": 2}' in done.stdout


def test_that_without_the_libraries_it_says_so_and_runs(private: Path) -> None:
    code = (
        "import sys\n"
        "for name in ('QtMultimedia', 'QtTextToSpeech'): sys.modules[f'PySide6.{name}'] = None\n"
        "from nas_desktop.app.command_line import main\n"
        "sys.exit(main(['sound']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input='{"play": 1, "notes": [[500, 9, 0]]}\n{"hush": true}\n',
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"speech": False},
        {"device": "", "why": "no_multimedia"},
        {"failed": 1},
    ]


def tones_of(wave: np.ndarray) -> list[tuple[float, float]]:
    """Return pitch and length, in seconds, of every tone in a recording."""
    step = RATE // 200
    loud = np.abs(wave[: len(wave) // step * step]).reshape(-1, step).max(axis=1) > 0.05
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(int), [0]))))
    found = []
    for begin, end in edges.reshape(-1, 2):
        part = wave[begin * step : end * step]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 16))
        found.append((float(np.argmax(spectrum)) * RATE / (1 << 16), len(part) / RATE))
    return found


@needs_server
def test_that_p1_comes_out_with_its_frequencies_and_its_rhythm(
    qtbot: QtBot, server: Server, player: SoundPlayer, tmp_path: Path
) -> None:
    pattern = load_sound_rules().patterns["p1"]
    taken = tmp_path / "taken.raw"
    with taken.open("wb") as file:
        recorder = subprocess.Popen(
            [
                "parec", "-d", "nowhere.monitor", "--raw", "--format=s16le", "--channels=1",
                f"--rate={RATE}", "--latency-msec=20",
            ],
            stdout=file,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            qtbot.waitUntil(lambda: taken.stat().st_size > 0, timeout=WAIT_MS)
            player.start()
            qtbot.waitUntil(lambda: bool(player.device), timeout=WAIT_MS)
            qtbot.waitUntil(lambda: not player._answer.isActive(), timeout=WAIT_MS)
            player.play(pattern)
            qtbot.waitUntil(lambda: not player._answer.isActive(), timeout=WAIT_MS)
            enough = taken.stat().st_size + 2 * RATE * 2
            qtbot.waitUntil(lambda: taken.stat().st_size > enough, timeout=WAIT_MS)
        finally:
            recorder.terminate()
            recorder.wait(10)
    assert player.fault == ""
    raw = taken.read_bytes()
    found = tones_of(np.frombuffer(raw[: len(raw) // 2 * 2], "<i2") / 32_768)
    assert len(found) == len(pattern.notes)
    for (hz, seconds), note in zip(found, pattern.notes, strict=True):
        assert hz == pytest.approx(note.hz, abs=12)
        assert seconds == pytest.approx(note.on_ms / 1000, abs=0.02)


@needs_server
def test_that_a_server_that_dies_is_noticed_and_one_that_comes_back_is_found(
    qtbot: QtBot, server: Server, player: SoundPlayer
) -> None:
    player.start()
    qtbot.waitUntil(lambda: bool(player.device), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not player._answer.isActive(), timeout=WAIT_MS)
    assert player.fault == ""
    server.kill()
    qtbot.waitUntil(lambda: player.fault != "", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: player.fault == NO_DEVICE_WORDS, timeout=WAIT_MS)
    server.start()
    qtbot.waitUntil(lambda: player.fault == "" and bool(player.device), timeout=WAIT_MS)
