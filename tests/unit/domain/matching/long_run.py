"""The property tests of matching again and again, other cases each time, for some minutes.

    python -m tests.unit.domain.matching.long_run MINUTES

Says after each round how many cases have agreed; ends with status 1 at the first that does not.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = 1_500
CASES_A_ROUND = EXAMPLES * 3 + EXAMPLES // 3 * 4
"""Three properties, and four comparisons for each dense case."""


def main(minutes: float) -> int:
    """Run rounds until the minutes are over; returns 0 when all agreed."""
    until, rounds = time.monotonic() + minutes * 60, 0
    tests = [str(HERE / "test_against_naive.py"), str(HERE / "test_dense.py")]
    first_seed = time.time_ns() // 1_000_000_000
    while (left := until - time.monotonic()) > 0:
        environment = {
            **os.environ,
            "MATCH_EXAMPLES": str(EXAMPLES),
            "MATCH_SEED": str(first_seed + rounds * EXAMPLES),
        }
        command = [sys.executable, "-m", "pytest", "-q", "-x", "--timeout", "1200", *tests]
        try:
            status = subprocess.run(command, env=environment, check=False, timeout=left).returncode
        except subprocess.TimeoutExpired:
            break
        if status:
            return 1
        rounds += 1
        print(f"{rounds} rounds, {rounds * CASES_A_ROUND} cases agreed", flush=True)
    print(f"Over after {minutes:g} minutes; the last round was cut off.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
