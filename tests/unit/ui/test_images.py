"""Images: bounded, and never under another read."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pytestqt.qtbot import QtBot

from nas_desktop.domain.read import ReadId
from nas_desktop.services.events import ImageKind
from nas_desktop.ui.images import ImageCache, ImageWants
from tests.builders import a_read

PATCH, OVERVIEW = ImageKind.PATCH, ImageKind.OVERVIEW


def a_picture(shade: int = 0, size: tuple[int, int] = (12, 6)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(out, "PNG")
    return out.getvalue()


def an_id(number: int) -> ReadId:
    return ReadId(number.to_bytes(16, "big"))


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(ImageKind), st.booleans()), max_size=40)
)
def test_that_an_image_is_only_ever_found_under_its_own_read(
    qapp: object,
    steps: list[tuple[int, ImageKind, bool]],
) -> None:
    cache = ImageCache(max_images=5, max_overviews=2)
    for number, kind, is_there in steps:
        if is_there:
            cache.put(an_id(number), kind, a_picture(number * 20))
        else:
            cache.put_missing(an_id(number), kind, "not supplied")
    for number in range(10):
        for kind in ImageKind:
            found = cache.pixmap(an_id(number), kind)
            if found is not None:
                assert found.toImage().pixelColor(3, 3).red() == number * 20
                assert (number, kind, True) in steps


def test_that_the_cache_is_bounded_and_keeps_what_was_used_last(qapp: object) -> None:
    cache = ImageCache(max_images=3, max_overviews=1)
    for number in range(4):
        cache.put(an_id(number), PATCH, a_picture())
        cache.pixmap(an_id(0), PATCH)
    assert len(cache) == 3
    assert cache.pixmap(an_id(0), PATCH) is not None
    assert cache.pixmap(an_id(1), PATCH) is None
    cache.put(an_id(8), OVERVIEW, a_picture())
    cache.put(an_id(9), OVERVIEW, a_picture())
    assert cache.pixmap(an_id(8), OVERVIEW) is None


def test_that_bytes_that_are_no_picture_count_as_missing(qapp: object) -> None:
    cache = ImageCache()
    cache.put(an_id(1), PATCH, b"no picture")
    assert cache.pixmap(an_id(1), PATCH) is None
    assert cache.why_missing(an_id(1), PATCH) == "the image is damaged"


def test_that_a_scaled_image_is_made_once_and_anew_for_a_new_image(qtbot: QtBot) -> None:
    cache = ImageCache()
    cache.put(an_id(1), PATCH, a_picture(10))
    first = cache.scaled(an_id(1), PATCH, 104, 52, 1.0)
    assert first is not None
    assert cache.scaled(an_id(1), PATCH, 104, 52, 1.0) is first
    cache.put(an_id(1), PATCH, a_picture(200))
    again = cache.scaled(an_id(1), PATCH, 104, 52, 1.0)
    assert again is not None
    assert again.toImage().pixelColor(50, 20).red() == 200


def test_that_an_image_is_asked_for_once_until_asking_failed(qapp: object) -> None:
    cache = ImageCache()
    wants = ImageWants(cache)
    read = a_read(patch="a" * 64)
    assert wants.add([read], [PATCH])
    assert wants.take() == {PATCH: [read.read_id]}
    assert not wants.add([read], [PATCH])
    wants.forget([read.read_id], PATCH)
    assert wants.add([read], [PATCH])


def test_that_an_image_nobody_announced_is_not_asked_for(qapp: object) -> None:
    cache = ImageCache()
    wants = ImageWants(cache)
    read = a_read(patch=None)
    assert not wants.add([read], [PATCH])
    assert cache.why_missing(read.read_id, PATCH) == "not supplied"
