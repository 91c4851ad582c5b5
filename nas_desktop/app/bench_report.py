"""What benchmarks print: figures, ratios, and the machine in words."""

from __future__ import annotations

import json
import math
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

Row = Mapping[str, object]


def machine() -> str:
    """Return the machine in words, without anything that names it."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores of {model}, {platform.system()}, Python {platform.python_version()}"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` (0 to 1) of the values do not exceed; nan without any."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def spread(
    name: str, values_s: Sequence[float], target_ms: float | None = None
) -> dict[str, object]:
    """Return a row of percentiles in milliseconds; ``ratio`` is target over p99, above 1 is met."""
    if not values_s:
        return {"name": name, "ms": None, "samples": 0}
    row: dict[str, object] = {
        "name": name,
        "ms": round(percentile(values_s, 0.5) * 1000, 1),
        "p99_ms": round(percentile(values_s, 0.99) * 1000, 1),
        "max_ms": round(max(values_s) * 1000, 1),
        "samples": len(values_s),
    }
    if target_ms is not None:
        row["target_p99_ms"] = target_ms
        row["ratio"] = round(target_ms / max(0.001, percentile(values_s, 0.99) * 1000), 2)
    return row


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process in bytes; 0 where that cannot be told."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def print_report(results: Sequence[Row], *, is_json: bool) -> None:
    """Print the results as the command line promises."""
    if is_json:
        print(json.dumps({"machine": machine(), "results": list(results)}))
        return
    print(machine())
    for row in results:
        rest = "  ".join(f"{key} {value}" for key, value in row.items() if key != "name")
        print(f"{row['name']}: {rest}")
    sys.stdout.flush()
