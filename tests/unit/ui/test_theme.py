"""Colours: every text is readable on every ground it stands on, in every theme and size."""

from __future__ import annotations

import pytest

from nas_desktop.ui.symbols import ALL_SYMBOLS
from nas_desktop.ui.theme import (
    AMBER,
    MAX_SCALE,
    MIN_SCALE,
    ON_AMBER,
    ON_RED,
    ON_VRM_GROUND,
    ON_WARNING,
    RED,
    TEXT_PAIRS,
    TOKENS,
    VRM_GROUND,
    WARNING,
    Look,
    ThemeName,
    contrast,
)


@pytest.mark.parametrize("theme", ThemeName)
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_that_every_text_reaches_four_and_a_half_to_one(
    theme: ThemeName, text: str, ground: str
) -> None:
    tokens = TOKENS[theme]
    assert contrast(getattr(tokens, text), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize(
    ("ink", "ground"),
    [(ON_RED, RED), (ON_AMBER, AMBER), (ON_WARNING, WARNING), (ON_VRM_GROUND, VRM_GROUND)]
    + [(symbol.text, symbol.ground) for symbol in ALL_SYMBOLS],
)
def test_that_words_on_hit_and_fault_colours_are_readable(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize("theme", [ThemeName.DARK, ThemeName.LIGHT])
def test_that_words_on_the_ledgers_legs_are_readable(theme: ThemeName) -> None:
    assert contrast(TOKENS[theme].text, TOKENS[theme].line) >= 4.5


@pytest.mark.parametrize("theme", ThemeName)
def test_that_a_symbols_outline_stands_out_from_card_and_selection(theme: ThemeName) -> None:
    tokens = TOKENS[theme]
    for ground in (tokens.raised, tokens.panel, tokens.selection):
        assert contrast(tokens.outline, ground) >= 3


def test_that_the_known_ratios_come_out() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#B00020", "#FFFFFF") == pytest.approx(7.3, abs=0.05)


@pytest.mark.parametrize("theme", ThemeName)
@pytest.mark.parametrize("scale", [MIN_SCALE, 1.0, MAX_SCALE])
def test_that_the_style_sheet_names_no_unknown_token(theme: ThemeName, scale: float) -> None:
    assert "$" not in Look(theme, scale).style_sheet()


def test_that_a_size_beyond_the_range_is_brought_back_into_it() -> None:
    assert Look(scale=9).scale == MAX_SCALE
    assert Look(scale=0).scale == MIN_SCALE
