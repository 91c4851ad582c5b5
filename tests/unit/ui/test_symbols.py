"""Hit symbols: told apart by shape and word, not by colour."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from nas_desktop.domain.voi import Action
from nas_desktop.ui.symbols import (
    ALL_SYMBOLS,
    ASSESS,
    NO_ALERT,
    NO_INSURANCE,
    STOP,
    HitSymbol,
    symbol_of,
    symbol_pixmap,
)
from tests.builders import a_hit


def test_that_no_two_symbols_share_a_shape_or_a_word() -> None:
    assert len({s.shape for s in ALL_SYMBOLS}) == len(ALL_SYMBOLS)
    assert len({s.word for s in ALL_SYMBOLS}) == len(ALL_SYMBOLS)


@pytest.mark.parametrize(
    ("changes", "symbol"),
    [
        ({"action": Action.STOP, "reason": "No Insurance"}, STOP),
        ({"action": Action.ASSESS, "reason": "Drugs"}, ASSESS),
        ({"action": Action.ASSESS, "reason": "No Insurance"}, NO_INSURANCE),
        ({"action": Action.ASSESS, "list_name": "TUTELAGE_x"}, NO_INSURANCE),
        ({"action": Action.NO_ALERT}, NO_ALERT),
    ],
)
def test_that_the_leading_reason_gives_the_symbol(
    changes: dict[str, object], symbol: HitSymbol
) -> None:
    assert symbol_of(a_hit(**changes)) is symbol  # type: ignore[arg-type]


@pytest.mark.parametrize("symbol", ALL_SYMBOLS)
def test_that_a_symbol_is_outlined_and_clear_outside_its_shape(
    qtbot: QtBot, symbol: HitSymbol
) -> None:
    image = symbol_pixmap(symbol, "CHESH", "#FFFFFF", 60).toImage()
    middle = [image.pixelColor(30, y) for y in range(60)]
    assert image.pixelColor(0, 0).alpha() == 0
    first = next(c for c in middle if c.alpha() == 255)
    assert min(first.red(), first.green(), first.blue()) > 180
