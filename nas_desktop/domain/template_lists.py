"""Rules of a list as a whole: its name (V090) and VRMs that come twice (V080)."""

from __future__ import annotations

from nas_desktop.domain.findings import Finding, Severity
from nas_desktop.domain.spec import Spec
from nas_desktop.domain.voi import Action, ListSource, VoiEntry

_ORDER = {Action.STOP: 0, Action.ASSESS: 1, Action.NO_ALERT: 2}


def check_name(
    name: str, spec: Spec, *, is_upload: bool, source: ListSource = ListSource.LEA
) -> Finding | None:
    """Return what is wrong with a list's name (NAS v3.1 §5 and Annex A), None when nothing is.

    Args:
        name: without a folder and an ending.
        spec: has Annex A.
        is_upload: True where the list is to go live; then it is an error.
        source: national data has names of its own and is not judged.
    """
    if source is not ListSource.LEA or name.partition("_")[0] in spec.annex_a:
        return None
    return Finding(
        0,
        0,
        "V090",
        Severity.ERROR if is_upload else Severity.WARNING,
        "The file's name does not begin with a prefix of Annex A"
        + ("." if is_upload else "; as it stands it cannot be uploaded."),
        "Begin it with the agency's code and an underscore, as in 07_Cheshire VOI List.",
    )


def rank_of(
    entry: VoiEntry, spec: Spec, source: ListSource = ListSource.LEA, list_name: str = ""
) -> tuple[int, int]:
    """Return what decides between two entries of one VRM, lowest first: the action, then the tier.

    Stop before Assess before No Alert (inferred).
    """
    tier = spec.tier_of(entry.action, entry.reason, entry.warning_signals, source, list_name)
    return _ORDER[entry.action], tier.rank if tier else 0


def doubled(line: int, first_line: int, kept_line: int) -> Finding:
    """Return the finding about a VRM that stood on an earlier line already (V080)."""
    return Finding(
        line,
        1,
        "V080",
        Severity.WARNING,
        f"The VRM is on line {first_line} already; only the entry of line {kept_line} is kept,"
        " which has the higher priority or comes first.",
        "Keep one record for each VRM.",
    )
