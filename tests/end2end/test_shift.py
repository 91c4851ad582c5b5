"""The scripted shift, as ``make shift`` plays it: no fault in eight hours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]


def test_that_a_shift_of_eight_hours_proves_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.end2end.shift", "--seed", "3", "--log"],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-4_000:]
    assert "\n0 faults in a shift of 8 hours" in done.stdout
