"""Patterns as samples; made here when they are played, no recorded sound is shipped."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

RATE = 48_000
"""Samples a second."""

LEVEL = 0.5
"""Height of every tone, of full scale: patterns are told apart by rhythm, never by volume."""

_RAMP_MS = 6
_TAIL_MS = 40


def pcm_of(notes: Iterable[tuple[int, int, int]], channels: int = 1) -> bytes:
    """Return 16-bit samples at ``RATE``, each for every channel.

    Args:
        notes: hertz, milliseconds on, milliseconds off; 0 hertz is silence.
        channels: of the output, 1 or more.
    """
    parts: list[np.ndarray] = []
    for hz, on_ms, off_ms in notes:
        parts += [_tone(hz, on_ms), _silence(off_ms)]
    parts.append(_silence(_TAIL_MS))
    mono = (np.concatenate(parts) * LEVEL * 32_767).astype("<i2")
    return np.repeat(mono, channels).tobytes()


def _silence(ms: int) -> np.ndarray:
    return np.zeros(RATE * ms // 1000)


def _tone(hz: int, ms: int) -> np.ndarray:
    """A tone with a little of its octave, faded at both ends: a hard edge is a click."""
    count = RATE * ms // 1000
    if not hz:
        return np.zeros(count)
    phase = 2 * np.pi * hz * np.arange(count) / RATE
    wave = 0.8 * np.sin(phase) + 0.2 * np.sin(2 * phase)
    ramp = min(RATE * _RAMP_MS // 1000, count // 2)
    edge = np.sin(np.linspace(0, np.pi / 2, ramp)) ** 2
    wave[:ramp] *= edge
    wave[count - ramp :] *= edge[::-1]
    return wave
