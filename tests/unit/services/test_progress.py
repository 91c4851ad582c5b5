"""Progress held to a set of integers: what is held, what is missing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.services.progress import Progress, normal

OFFSET = st.integers(0, 40)
SPANS = st.lists(st.tuples(OFFSET, OFFSET), max_size=8)


def held(progress: Progress) -> set[int]:
    below = set(range(progress.next))
    for first, last in progress.holes:
        below -= set(range(first, last))
    return below


def covered(spans: object) -> set[int]:
    return {at for first, last in spans for at in range(first, last)}  # type: ignore[attr-defined]


def is_tidy(progress: Progress) -> bool:
    edges = [edge for hole in progress.holes for edge in hole]
    return edges == sorted(set(edges)) and (not edges or edges[-1] <= progress.next)


@given(SPANS)
def test_that_normal_spans_cover_the_same_and_do_not_touch(spans: list[tuple[int, int]]) -> None:
    joined = normal(spans)
    assert covered(joined) == covered(spans)
    edges = [edge for span in joined for edge in span]
    assert edges == sorted(set(edges))
    assert normal(joined) == joined


@given(SPANS)
def test_that_what_was_taken_is_held_and_nothing_else(spans: list[tuple[int, int]]) -> None:
    progress, model = Progress("e"), set()
    for first, last in spans:
        progress = progress.taken(first, last)
        model |= set(range(first, last))
        assert held(progress) == model
        assert progress.next == max(model, default=-1) + 1
        assert progress.missing == progress.next - len(model)
        assert is_tidy(progress)
    assert progress.epoch == "e"


@given(st.permutations([(0, 5), (3, 9), (12, 14), (14, 20), (9, 12)]))
def test_that_the_order_of_arrival_changes_nothing(spans: list[tuple[int, int]]) -> None:
    progress = Progress("e")
    for first, last in spans:
        progress = progress.taken(first, last)
    assert (progress.next, progress.holes) == (20, ())


@given(SPANS, OFFSET, SPANS)
def test_that_resuming_asks_for_exactly_what_is_missing(
    before: list[tuple[int, int]], gap: int, after: list[tuple[int, int]]
) -> None:
    progress = Progress("e")
    for first, last in before:
        progress = progress.taken(first, last)
    end = progress.next + gap
    resumed = progress.resumed_at("e", end)
    assert held(resumed) == held(progress)
    assert resumed.next == end
    assert covered(resumed.holes) == set(range(end)) - held(progress)
    assert is_tidy(resumed)
    for first, last in resumed.holes:
        resumed = resumed.taken(first, last)
    assert (resumed.holes, resumed.missing) == ((), 0)
    model = set(range(end))
    for first, last in after:
        resumed = resumed.taken(first, last)
        model |= set(range(first, last))
    assert held(resumed) == model


def test_that_another_epoch_starts_from_nothing() -> None:
    progress = Progress("old", 10, ((2, 4),))
    assert progress.resumed_at("new", 7) == Progress("new", 7, ((0, 7),))
    assert progress.resumed_at("new", 0) == Progress("new", 0, ())


def test_that_a_stream_shorter_than_what_is_held_starts_from_nothing() -> None:
    assert Progress("e", 10).resumed_at("e", 9) == Progress("e", 9, ((0, 9),))


def test_that_taking_nothing_changes_nothing() -> None:
    progress = Progress("e", 10, ((2, 4),))
    assert progress.taken(3, 3) is progress
    assert progress.taken(4, 2) is progress
