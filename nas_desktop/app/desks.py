"""``desks`` and ``desks scope``, at the node of a profile."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any

from nas_desktop.adapters.link.node_link import WindowLink
from nas_desktop.app.at_node import Place, at_node
from nas_desktop.domain.desk_scope import DeskScope
from nas_desktop.domain.errors import Refused
from nas_desktop.services.desks import DeskState
from nas_desktop.services.events import Event, NodeState, StateReported
from nas_desktop.ui.scope_words import scope_parts
from nas_desktop.ui.supervisor.supervisor_words import balance_words, covered_words, desk_line

DONE, NOT_COVERED = 0, 1
"""Exit status: all is covered and balances; it does not. 2 is for what was refused."""

STATE_WITHIN_S = 10.0


def show_desks(place: Place, *, is_json: bool) -> int:
    """Print the desks, what nobody covers, and how hits and receipts balance."""
    state = asyncio.run(at_node(place, _state))
    figures = state.receipts
    balances = figures.hits == figures.receipts + figures.waiting + figures.without
    if is_json:
        print(json.dumps(_form(state, balances=balances), ensure_ascii=False))
    else:
        for desk in state.desks:
            print(_line(desk, state.at))
        print(covered_words(state.uncovered, state.desks))
        print(balance_words(figures, state.at)[0])
        print(f"Targets missed since the server started: {figures.missed:,}")
    return DONE if balances and not state.uncovered.is_any else NOT_COVERED


def set_scope(place: Place, desk: str, scope: DeskScope) -> int:
    """Say what a desk looks after.

    Raises:
        Refused: nobody can be asked, the account may not, or the scope cannot be.
    """

    async def work(link: WindowLink) -> None:
        await link.desks.set_scope(desk, scope)

    asyncio.run(at_node(place, work))
    print(f"{desk} looks after {scope_parts(scope)} from now on.")
    return DONE


async def _state(link: WindowLink) -> NodeState:
    """Return the node's next account of itself: the one before was not for who is signed in."""
    told: asyncio.Future[NodeState] = asyncio.get_running_loop().create_future()

    def receive(event: Event) -> None:
        if isinstance(event, StateReported) and not told.done():
            told.set_result(event.state)

    link.listen(receive)
    try:
        async with asyncio.timeout(STATE_WITHIN_S):
            return await told
    except TimeoutError:
        raise Refused(
            "no_node", "The node does not report.", "Stop it and start it again."
        ) from None


# ------------------------------------------------------------------ forms


def _line(desk: DeskState, now: datetime) -> str:
    name, attended, operator, looks_after, waiting, oldest, muted, filtered, flood, heard = (
        cell.text for cell in desk_line(desk, now).cells
    )
    parts = {
        "": f"{name}  {attended}",
        "operator": operator,
        "looks after": looks_after,
        "nobody has": waiting,
        "oldest": oldest,
        "muted": muted,
        "filter": filtered,
        "flood": flood,
        "heard": heard,
    }
    return "  ".join(f"{key} {text}".strip() for key, text in parts.items() if text != "–")


def _form(state: NodeState, *, balances: bool) -> dict[str, Any]:
    figures, uncovered = state.receipts, state.uncovered
    return {
        "desks": [_desk_form(desk) for desk in state.desks],
        "uncovered": {
            "cameras": uncovered.cameras,
            "some": list(uncovered.some),
            "desks": list(uncovered.desks),
        },
        "receipts": {
            "hits": figures.hits,
            "receipts": figures.receipts,
            "waiting": figures.waiting,
            "without": figures.without,
            "oldest_at": _instant(figures.oldest_at),
            "missed": figures.missed,
            "balances": balances,
        },
    }


def _desk_form(desk: DeskState) -> dict[str, Any]:
    report, scope = desk.report, desk.scope
    return {
        "desk": desk.name,
        "attended": desk.is_attended,
        "since": _instant(report.since),
        "operator": report.operator,
        "supervisor": report.is_supervisor,
        "cameras": list(scope.cameras),
        "areas": [
            {
                "latitude": circle.centre.latitude,
                "longitude": circle.centre.longitude,
                "km": circle.radius_m / 1000,
            }
            for circle in scope.circles
        ],
        "lists": list(scope.lists),
        "waiting": dict(report.waiting),
        "oldest_at": _instant(report.oldest_at),
        "muted_until": _instant(report.muted_until),
        "muted_by": report.muted_by,
        "filter": report.filter,
        "hides_p2": report.hides_urgent,
        "flood": report.is_flooded,
        "heard_at": _instant(desk.heard_at),
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
