"""How cameras stand, fetched page by page; what a node sends is looked at before it is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nas_desktop.adapters.link import messages as m
from nas_desktop.domain.camera import CameraId
from nas_desktop.domain.errors import Refused
from nas_desktop.services.map_link import MOST_CAMERAS, CameraAnswer, CameraState, cleaned

CAMERAS_AT_ONCE = 1_000
"""Cameras in one frame: with the longest texts in them half of what the bulk socket takes."""

MOST_PROBLEM = 300

Ask = Callable[[int], Awaitable[m.CameraStates]]
"""Returns the answer for cameras from a place on."""


async def all_states(ask: Ask) -> CameraAnswer:
    """Return every camera of an answer, at most ``MOST_CAMERAS``, fit to be shown.

    Raises:
        Refused: ``cameras_damaged`` for an answer that cannot be; and whatever ``ask`` raises.
    """
    states: dict[CameraId, CameraState] = {}
    done, total, problem = 0, -1, ""
    while total < 0 or done < total:
        answer = await ask(done)
        count = len(answer.states)
        if (
            answer.first != done
            or answer.total != (total if total >= 0 else answer.total)
            or not 0 <= answer.total <= MOST_CAMERAS
            or not min(1, answer.total) <= count <= min(CAMERAS_AT_ONCE, answer.total - done)
        ):
            raise _damaged()
        if total < 0:
            problem = "".join(c for c in answer.problem[:MOST_PROBLEM] if c.isprintable())
        total = answer.total
        for told in answer.states:
            state = cleaned(told)
            if state is None or state.camera_id in states:
                raise _damaged()
            states[state.camera_id] = state
        done += count
    return CameraAnswer(tuple(states.values()), problem)


def _damaged() -> Refused:
    return Refused(
        "cameras_damaged",
        "The node sent cameras that cannot be.",
        "Try again; if it happens again, tell the administrator.",
    )
