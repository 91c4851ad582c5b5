from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_desktop.services.map_tiles import (
    MOST_TILE_BYTES,
    MOST_UNPACKED_BYTES,
    WORLD,
    TileFormat,
    bounds_of,
    format_of,
    is_tile,
    layers_of,
    opened_tile,
    plain_text,
    tiles_refused,
    unpacked,
)
from tests.map_files import bomb, packed, png, vector

JPG = b"\xff\xd8\xff\xe0 and so on"
WEBP = b"RIFF\0\0\0\0WEBPVP8 "


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (png(), "png"), (JPG, "jpg"), (WEBP, "webp"), (vector(), "pbf"), (packed(), "pbf"),
        (b"", None), (b"<svg/>", None), (b"RIFF\0\0\0\0WAVE", None), (b"\x78\x9c", None),
    ],
)  # fmt: skip
def test_that_the_first_bytes_say_what_a_tile_is(content: bytes, form: TileFormat | None) -> None:
    assert format_of(content) == form


@pytest.mark.parametrize(("content", "form"), [(png(), "png"), (JPG, "jpg"), (WEBP, "webp")])
def test_that_a_picture_is_given_as_it_is(content: bytes, form: TileFormat) -> None:
    assert opened_tile(content, form) == content


@pytest.mark.parametrize("content", [vector(), packed()])
def test_that_a_vector_tile_is_unpacked(content: bytes) -> None:
    assert opened_tile(content, "pbf") == vector()


@pytest.mark.parametrize("content", [b"", gzip.compress(b"")])
def test_that_a_vector_tile_may_be_empty(content: bytes) -> None:
    assert opened_tile(content, "pbf") == b""


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (png(), "jpg"),
        (png(), "pbf"),
        (b"", "png"),
        (bomb(), "pbf"),
        (gzip.compress(png()), "pbf"),
        (packed()[:-3], "pbf"),
        (packed()[:4] + b"\xff" * 20, "pbf"),
        (png() + bytes(MOST_TILE_BYTES), "png"),
    ],
)
def test_that_what_is_no_such_tile_is_not_given(content: bytes, form: TileFormat) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        opened_tile(content, form)


def test_that_a_tile_may_be_as_large_as_the_limit_says() -> None:
    full = vector() + bytes(MOST_UNPACKED_BYTES - len(vector()))
    assert opened_tile(gzip.compress(full), "pbf") == full
    with pytest.raises(ValueError, match="larger"):
        unpacked(gzip.compress(full + b"\0"))


@pytest.mark.parametrize(
    ("tile", "there"),
    [
        ((0, 0, 0), True), ((24, (1 << 24) - 1, 0), True), ((25, 0, 0), False),
        ((-1, 0, 0), False), ((1, 2, 0), False), ((1, 0, 2), False), ((1, -1, 0), False),
        ((1, 0, -1), False),
    ],
)  # fmt: skip
def test_which_tiles_there_can_be(tile: tuple[int, int, int], there: bool) -> None:
    assert is_tile(*tile) is there


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Contains OS data © Crown copyright", "Contains OS data © Crown copyright"),
        ('<a href="https://x.example">&copy; OS</a>', "© OS"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("&amp;amp;amp;lt;b&amp;gt;deep", "deep"),
        ("&am<i>p;lt;b>cut", "cut"),
        ("a\u202eb\0c\r\n  d\x1be", "abc de"),
        ("1 < 2 > 0", "1 0"),
        ("5 < 6", "5 6"),
        ("roads & tracks", "roads & tracks"),
        ("x" * 5_000, "x" * 300),
        (None, ""),
        (7, ""),
    ],
)
def test_that_a_text_is_plain(text: object, plain: str) -> None:
    assert plain_text(text) == plain


@given(st.text("<>&;abglt#60x \0\n", max_size=60))
def test_that_no_markup_is_left_of_any_text(text: str) -> None:
    plain = plain_text(text)
    assert not set(plain) & set("<>\0\n")
    assert plain_text(plain) == plain


@pytest.mark.parametrize(
    ("numbers", "bounds"),
    [
        ((-8, 49.5, 2, 61), (-8.0, 49.5, 2.0, 61.0)),
        ((-500, -95, 500, 95), (-180.0, -90.0, 180.0, 90.0)),
        ((2, 49, -8, 61), WORLD),
        ((-8, 61, 2, 49), WORLD),
        ((1, 2, 3), WORLD),
        ((), WORLD),
        ((float("nan"), 49, 2, 61), WORLD),
        ((float("-inf"), 49, 2, 61), WORLD),
    ],
)
def test_that_bounds_lie_on_the_earth(
    numbers: tuple[float, ...], bounds: tuple[float, float, float, float]
) -> None:
    assert bounds_of(numbers) == bounds


@pytest.mark.parametrize(
    ("described", "layers"),
    [
        ({"vector_layers": [{"id": "roads"}, {"id": "<b>sea</b>"}]}, ("roads", "sea")),
        ({"vector_layers": [{"id": "a"}, {"id": "a"}, {"id": 7}, {}, "x", {"id": ""}]}, ("a",)),
        ({"vector_layers": {"id": "a"}}, ()),
        ({}, ()),
        ([], ()),
        (None, ()),
    ],
)
def test_that_the_layers_are_named(described: object, layers: tuple[str, ...]) -> None:
    assert layers_of(described) == layers


def test_that_at_most_100_layers_are_named() -> None:
    layers = layers_of({"vector_layers": [{"id": f"layer {n}"} for n in range(101)]})
    assert len(layers) == 100


def test_that_a_refusal_leads_to_the_document() -> None:
    assert "docs/map.md" in tiles_refused("It is none.").remedy
    assert tiles_refused("It is cut off.", "Copy it again.").remedy == "Copy it again."
