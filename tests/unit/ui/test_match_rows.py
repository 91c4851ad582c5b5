"""Why a read matched, beside the picture: rows where they differ, one line where they do not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from nas_desktop.domain.hit import HitReason, MatchClass
from nas_desktop.domain.matching.explain import ColumnKind
from nas_desktop.domain.vrm import Vrm
from nas_desktop.ui.live.match_rows_view import ReadOverListed, explanation_of
from nas_desktop.ui.theme import Look, ThemeName
from tests.builders import a_hit, a_read


def a_reason(listed: str, match_class: MatchClass, **changes: object) -> HitReason:
    leading = a_hit().leading
    entry = replace(leading.entry, vrm=Vrm(listed))
    return replace(leading, match_class=match_class, entry=entry, **changes)  # type: ignore[arg-type]


@pytest.fixture
def part(qtbot: QtBot) -> ReadOverListed:
    made = ReadOverListed(Look())
    qtbot.addWidget(made)
    made.resize(560, 120)
    return made


def test_that_an_exact_match_is_one_quiet_line(part: ReadOverListed) -> None:
    part.show_match(a_read(), a_reason("AB51ABC", MatchClass.EXACT))
    assert part.rows.isHidden()
    assert part.words.text() == "read = listed, exact match, confidence 97 %"


def test_that_a_misread_says_where_it_differs_and_how_sure_it_is(part: ReadOverListed) -> None:
    reason = a_reason("A851ABC", MatchClass.MISREAD, distance=0.25, confidence=71)
    part.show_match(a_read("AB51ABC"), reason)
    assert not part.rows.isHidden()
    kinds = [column.kind for column in part.rows._columns]
    assert kinds[1] is ColumnKind.CONFUSED
    assert kinds.count(ColumnKind.SAME) == 6
    assert part.words.text() == (
        "Possible misread, match confidence 71 %, distance 0.25 · camera confidence 97 %. "
        "Read B where the list has 8: often confused (cost 0.25)."
    )
    assert "A851ABC" in part.accessibleName()


def test_that_a_wildcard_names_what_stands_for_what(part: ReadOverListed) -> None:
    part.show_match(a_read("AB51ABC"), a_reason("AB5?A*", MatchClass.WILDCARD))
    assert [c.kind for c in part.rows._columns].count(ColumnKind.WILDCARD) == 2
    assert "? stands for 1" in part.words.text()
    assert "* stands for BC" in part.words.text()


def test_that_a_glyph_is_a_class_of_its_own(part: ReadOverListed) -> None:
    part.show_match(a_read("AB5IABC"), a_reason("AB51ABC", MatchClass.GLYPH))
    assert part.rows._columns[3].kind is ColumnKind.GLYPH


def test_that_a_pattern_that_was_changed_under_its_hit_is_shown_as_it_is() -> None:
    found = explanation_of(a_read("AB51ABC"), a_reason("XY?", MatchClass.WILDCARD))
    assert found.columns


@pytest.mark.parametrize("scale", [0.8, 2.0])
@pytest.mark.parametrize("theme", ThemeName)
def test_that_the_longest_marks_stay_within_the_width(
    part: ReadOverListed, theme: ThemeName, scale: float
) -> None:
    part.set_look(Look(theme, scale))
    part.resize(300, 200)
    part.show_match(a_read("ABCDEFGH12345678"), a_reason("ABCDEFGH12345670", MatchClass.MISREAD))
    assert not part.grab().isNull()
