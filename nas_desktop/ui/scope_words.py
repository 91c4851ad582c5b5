"""What a desk looks after, in words."""

from __future__ import annotations

from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.ui.text import several


def scope_words(scope: DeskScope) -> str:
    """Return what a desk looks after, in a line."""
    return f"This desk: {scope_parts(scope)}"


def scope_parts(scope: DeskScope) -> str:
    """Return what a scope holds: cameras, areas and lists, or everything."""
    parts = []
    if scope.cameras:
        parts.append(f"cameras {', '.join(scope.cameras[:4])}" + _more(len(scope.cameras) - 4))
    if scope.circles:
        parts.append(several(len(scope.circles), "area"))
    if scope.lists:
        parts.append(f"lists {', '.join(scope.lists[:2])}" + _more(len(scope.lists) - 2))
    return " · ".join(parts) or "everything"


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""
