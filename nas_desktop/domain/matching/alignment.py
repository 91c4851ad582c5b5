"""The cheapest way to turn what is listed into what was read, character by character."""

from __future__ import annotations

from nas_desktop.domain.matching.confusions import AT_AN_END, INSIDE, Confusions

Step = tuple[str, str, int]
"""What was read, what is listed (either may be empty), and the cost in hundredths."""


def aligned(read: str, listed: str, confusions: Confusions) -> tuple[int, tuple[Step, ...]]:
    """Return the weighted edit distance in hundredths with its steps (domain facts 9.3).

    Of several ways of the same cost the one with the fewest steps is taken, then one that pairs
    characters rather than leaving them out; the same two marks always give the same steps.
    """
    n, m = len(read), len(listed)
    # Cost, steps and last step of the cheapest way to each pair of places.
    best: dict[tuple[int, int], tuple[int, int, Step]] = {(0, 0): (0, 0, ("", "", 0))}
    for i in range(n + 1):
        for j in range(m + 1):
            ways = []
            for step in _steps_to(read, listed, i, j, confusions):
                before = best[i - len(step[0]), j - len(step[1])]
                ways.append((before[0] + step[2], before[1] + 1, step))
            if ways:
                best[i, j] = min(ways, key=lambda way: way[:2])
    steps: list[Step] = []
    i, j = n, m
    while i or j:
        step = best[i, j][2]
        steps.append(step)
        i, j = i - len(step[0]), j - len(step[1])
    return best[n, m][0], tuple(reversed(steps))


def cost_of(read: str, listed: str, confusions: Confusions) -> int:
    """Return the weighted edit distance of two marks in hundredths."""
    return aligned(read, listed, confusions)[0]


def _steps_to(read: str, listed: str, i: int, j: int, confusions: Confusions) -> list[Step]:
    """Return the steps that may lead to a pair of places, the preferred ones first."""
    found: list[Step] = []
    if i and j:
        a, b = read[i - 1], listed[j - 1]
        found.append((a, b, confusions.substitution(a, b)))
    for (one, other), cost in confusions.sequences.items():
        if read[:i].endswith(one) and listed[:j].endswith(other):
            found.append((one, other, cost))
    if i:
        found.append((read[i - 1], "", AT_AN_END if j in (0, len(listed)) else INSIDE))
    if j:
        found.append(("", listed[j - 1], AT_AN_END if i in (0, len(read)) else INSIDE))
    return found
