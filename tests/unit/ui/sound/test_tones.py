"""Samples: the right pitches at the right times, all at one volume."""

from __future__ import annotations

import numpy as np
import pytest

from nas_desktop.services.sound_rules import Pattern, load_sound_rules
from nas_desktop.ui.sound.tones import LEVEL, RATE, pcm_of

PATTERNS = list(load_sound_rules().patterns.values())


def samples(pattern: Pattern, channels: int = 1) -> np.ndarray:
    notes = [(n.hz, n.on_ms, n.off_ms) for n in pattern.notes]
    return np.frombuffer(pcm_of(notes, channels), "<i2").astype(float) / 32_768


def strongest_hz(part: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 16))
    return float(np.argmax(spectrum)) * RATE / (1 << 16)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.name)
def test_that_every_tone_has_its_pitch_and_every_pause_is_silent(pattern: Pattern) -> None:
    wave, at = samples(pattern), 0
    for note in pattern.notes:
        on, off = RATE * note.on_ms // 1000, RATE * note.off_ms // 1000
        assert strongest_hz(wave[at : at + on]) == pytest.approx(note.hz, abs=12)
        assert not wave[at + on : at + on + off].any()
        at += on + off


def test_that_all_patterns_are_as_loud_as_each_other() -> None:
    peaks = [float(np.abs(samples(pattern)).max()) for pattern in PATTERNS]
    assert max(peaks) - min(peaks) < 0.02
    assert max(peaks) <= LEVEL


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.name)
def test_that_no_tone_begins_or_ends_with_a_click(pattern: Pattern) -> None:
    steps = np.abs(np.diff(samples(pattern)))
    assert steps.max() < 0.16
    assert abs(samples(pattern)[0]) < 0.01


def test_that_every_channel_carries_the_same() -> None:
    stereo = samples(PATTERNS[0], 2).reshape(-1, 2)
    assert (stereo[:, 0] == stereo[:, 1]).all()
    assert (stereo[:, 0] == samples(PATTERNS[0])).all()


def test_that_silence_is_silent() -> None:
    assert not np.frombuffer(pcm_of([(0, 60, 0)]), "<i2").any()
