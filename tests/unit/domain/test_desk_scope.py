"""The scope of a desk: what it covers, and scopes that cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nas_desktop.domain.desk_scope import MOST_PARTS, Circle, DeskScope
from nas_desktop.domain.errors import Refused
from nas_desktop.domain.geo import Position
from tests.builders import a_hit

HIT = a_hit()
CAMERA = HIT.read.camera
HERE = HIT.read.position
assert HERE is not None
FAR = Position(HERE.latitude + 1, HERE.longitude)


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        (DeskScope(), True),
        (DeskScope(cameras=(CAMERA.feed_id,)), True),
        (DeskScope(cameras=(f"{CAMERA.feed_id}/{CAMERA.source_id}",)), True),
        (DeskScope(cameras=(str(CAMERA),)), True),
        (DeskScope(cameras=("99",)), False),
        (DeskScope(cameras=(CAMERA.feed_id[:1],)), False),
        (DeskScope(circles=(Circle(HERE, 100),)), True),
        (DeskScope(circles=(Circle(FAR, 100),)), False),
        (DeskScope(cameras=("99",), circles=(Circle(HERE, 100),)), True),
        (DeskScope(lists=(HIT.leading.list_name,)), True),
        (DeskScope(lists=("99_Other",)), False),
        (DeskScope(cameras=(CAMERA.feed_id,), lists=("99_Other",)), False),
    ],
)
def test_that_a_scope_covers_what_it_names(scope: DeskScope, covers: bool) -> None:
    assert scope.covers(HIT) is covers
    assert scope.is_everything is (scope == DeskScope())
    assert scope.checked() is scope


def test_that_a_read_without_a_position_may_have_been_made_anywhere() -> None:
    lost = replace(HIT, read=replace(HIT.read, position=None))
    assert DeskScope(circles=(Circle(FAR, 1),)).covers(lost)
    assert not DeskScope(cameras=("99",)).covers(lost)


@pytest.mark.parametrize(
    "scope",
    [
        DeskScope(cameras=("",)),
        DeskScope(cameras=("07/12/3/4",)),
        DeskScope(cameras=("M6",)),
        DeskScope(cameras=("07/\N{SUPERSCRIPT TWO}",)),
        DeskScope(circles=(Circle(HERE, 0),)),
        DeskScope(circles=(Circle(HERE, 500_001),)),
        DeskScope(circles=(Circle(HERE, float("nan")),)),
        DeskScope(lists=("x",) * (MOST_PARTS + 1)),
        DeskScope(circles=(Circle(Position(float("nan"), 0), 10),)),
        DeskScope(circles=(Circle(Position(0, 181), 10),)),
    ],
)
def test_that_an_impossible_scope_is_refused(scope: DeskScope) -> None:
    with pytest.raises(Refused) as refusal:
        scope.checked()
    assert refusal.value.code == "scope_unusable"
