"""Where the shipped data files are, and the specification read from them."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from nas_desktop.domain.clone import CloneRules
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.latency import LatencyRules
from nas_desktop.domain.matching import Confusions, MatchRules
from nas_desktop.domain.search_access import AccessPolicy
from nas_desktop.domain.spec import Spec
from nas_desktop.domain.template_rules import TemplateRules


def resource_path(*parts: str) -> Path:
    """Return the path of a shipped file, in a checkout and in a frozen program alike."""
    frozen = getattr(sys, "_MEIPASS", None)
    root = Path(frozen) if frozen else Path(__file__).resolve().parents[2]
    return root.joinpath("resources", *parts)


def load_json(
    *parts: str,
) -> Any:  # Any: the shape of a data file is known to its reader only
    """Return the content of a shipped JSON file."""
    return json.loads(resource_path(*parts).read_text(encoding="utf-8"))


@cache
def load_spec() -> Spec:
    """Return the tables of NAS Technical Specifications v3.1."""
    return Spec.from_data(
        load_json("spec", "nas_v3_1.json"),
        load_json("spec", "vrm_formats.json"),
        load_json("spec", "hit_desk.json"),
    )


@cache
def load_access_policy() -> AccessPolicy:
    """Return the rules of who may look at reads of which age (domain facts 6.4).

    Raises:
        ValueError, KeyError: the file has been changed into something that is no policy.
    """
    return AccessPolicy.from_data(load_json("access", "policy.json"))


def access_policy_of(path: Path) -> AccessPolicy:
    """Return the rules of access of a force: its own file laid over the shipped one.

    Args:
        path: a JSON file with those of the settings that are to be others; need not exist.

    Raises:
        Refused: ``policy_unusable``; it cannot be read, or is no policy.
    """
    if not path.exists():
        return load_access_policy()
    try:
        own = json.loads(path.read_text(encoding="utf-8"))
        shipped = load_json("access", "policy.json")
        unknown = sorted(set(own) - set(shipped))
        if unknown:
            raise ValueError(unknown[0])
        return AccessPolicy.from_data({**shipped, **own})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Refused(
            "policy_unusable",
            f"The rules of access in {path.name} cannot be used ({type(fault).__name__}).",
            "Mend the file, or remove it; without it the shipped rules count.",
        ) from None


@cache
def load_template_rules() -> TemplateRules:
    """Return the rules of the VOI template of NAS Technical Specifications v3.1 §5."""
    return TemplateRules.from_data(load_json("spec", "voi_template.json"), load_spec())


@cache
def load_clone_rules() -> CloneRules:
    """Return what one vehicle can do, and how wrong cameras may be."""
    return CloneRules.from_data(load_json("spec", "clone.json"))


@cache
def load_latency_rules() -> LatencyRules:
    """Return when latency is judged."""
    return LatencyRules.from_data(load_json("spec", "latency.json"))


def load_match_rules(*, has_glyph: bool = False) -> MatchRules:
    """Return what counts as a match; the confusions and the formats are data."""
    return MatchRules(
        glyph=has_glyph,
        confusions=Confusions.from_data(load_json("spec", "confusions.json")),
        grammar=load_spec().grammar,
    )
