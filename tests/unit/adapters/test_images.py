import contextlib
import io
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from nas_desktop.adapters.images import (
    MAX_ORIGINAL_BYTES,
    ImageFacts,
    inspect_image,
    reduce_overview,
    reduce_patch,
)
from nas_desktop.domain.errors import Refused
from nas_desktop.services.events import ImageKind


def a_jpeg(width: int = 120, height: int = 60, quality: int = 70, form: str = "JPEG") -> bytes:
    image = Image.new("RGB", (width, height), (200, 180, 20))
    ImageDraw.Draw(image).rectangle((width // 4, height // 4, width // 2, height // 2), fill=0)
    buffer = io.BytesIO()
    image.save(buffer, form, quality=quality)
    return buffer.getvalue()


def noise(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def claiming(width: int, height: int) -> bytes:
    """Return a small JPEG whose header claims other dimensions."""
    data = bytearray(a_jpeg())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def code_of(data: bytes, kind: ImageKind | str = ImageKind.PATCH) -> str:
    with pytest.raises(Refused) as caught:
        inspect_image(data, kind)
    return caught.value.code


def test_that_a_patch_gives_its_facts() -> None:
    data = a_jpeg()
    assert inspect_image(data, ImageKind.PATCH) == ImageFacts(120, 60, len(data))


def test_that_the_kind_may_be_given_as_a_word() -> None:
    assert inspect_image(a_jpeg(480, 320, 40), "overview").width == 480


def test_that_an_unknown_kind_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="portrait"):
        inspect_image(a_jpeg(), "portrait")


def test_that_a_progressive_jpeg_is_accepted() -> None:
    buffer = io.BytesIO()
    Image.new("L", (120, 60), 90).save(buffer, "JPEG", progressive=True)
    assert inspect_image(buffer.getvalue(), "patch").height == 60


def test_that_zero_bytes_after_the_end_are_no_damage() -> None:
    assert inspect_image(a_jpeg() + b"\0\0\0", "patch").width == 120


@pytest.mark.parametrize("data", [b"GIF89a" + b"0" * 50, b"\x89PNG\r\n\x1a\n", b"\xff\xd8\x00\x01"])
def test_that_what_is_no_jpeg_is_refused(data: bytes) -> None:
    assert code_of(data) == "image_not_jpeg"


def test_that_nothing_is_refused_as_empty() -> None:
    assert code_of(b"") == "image_empty"


def test_that_every_truncation_is_refused() -> None:
    data = a_jpeg()
    codes = {code_of(data[:length]) for length in range(1, len(data))}
    assert codes <= {"image_torn", "image_not_jpeg"}
    assert code_of(data[: len(data) // 2]) == "image_torn"


@pytest.mark.parametrize(("kind", "limit"), [("patch", 3_072), ("overview", 25_600)])
def test_that_the_limit_in_bytes_is_kept_to_the_byte(kind: str, limit: int) -> None:
    data = a_jpeg()
    # Padding in front of the end, as a comment segment would make it.
    filler = limit - len(data)
    padded = data[:2] + b"\xff\xfe" + struct.pack(">H", filler - 2) + b"x" * (filler - 4) + data[2:]
    assert inspect_image(padded, kind).size == limit
    assert code_of(padded + b"\0", kind) == "image_too_large"


@pytest.mark.parametrize(("width", "height"), [(65_000, 65_000), (641, 60), (120, 0), (4, 60)])
def test_that_impossible_dimensions_are_refused_from_the_header(width: int, height: int) -> None:
    assert code_of(claiming(width, height)) == "image_dimensions"


def test_that_an_overview_of_too_many_pixels_is_refused() -> None:
    assert code_of(claiming(2_500, 2_500), "overview") == "image_dimensions"


@given(st.binary(max_size=400))
def test_that_any_bytes_give_facts_or_a_refusal(data: bytes) -> None:
    for candidate in (data, b"\xff\xd8" + data + b"\xff\xd9"):
        with contextlib.suppress(Refused):
            inspect_image(candidate, "patch")


@given(st.data())
def test_that_a_damaged_jpeg_never_escapes_as_another_error(data: st.DataObject) -> None:
    content = bytearray(a_jpeg())
    for _place in range(4):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    for check in (lambda b: inspect_image(b, "patch"), reduce_patch, reduce_overview):
        with contextlib.suppress(Refused):
            check(bytes(content))


def test_that_a_check_costs_less_than_a_tenth_of_a_millisecond() -> None:
    data = a_jpeg()
    began = time.perf_counter()
    for _turn in range(500):
        inspect_image(data, ImageKind.PATCH)
    assert (time.perf_counter() - began) / 500 < 100e-6


@pytest.mark.parametrize("size", [(1_920, 1_080), (640, 480), (300, 900)])
def test_that_originals_are_reduced_within_the_limits(size: tuple[int, int]) -> None:
    original = noise(*size)
    patch, overview = reduce_patch(original), reduce_overview(original)
    assert inspect_image(patch, "patch") == ImageFacts(120, 60, len(patch))
    assert len(patch) <= 3_000
    facts = inspect_image(overview, "overview")
    assert facts.size <= 25_000
    assert facts.width <= 640
    assert facts.height <= 480


def test_that_a_png_original_is_reduced() -> None:
    assert inspect_image(reduce_overview(a_jpeg(800, 600, form="PNG")), "overview").width == 640


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "image_empty"),
        (b"nothing like a picture", "image_not_jpeg"),
        (claiming(60_000, 60_000), "image_dimensions"),
        (claiming(8_000, 8), "image_dimensions"),
        (b"\0" * (MAX_ORIGINAL_BYTES + 1), "image_too_large"),
        (a_jpeg(800, 600)[:3_000], "image_torn"),
    ],
    ids=["empty", "text", "bomb", "strip", "huge", "torn"],
)
def test_that_what_cannot_be_reduced_is_refused(data: bytes, code: str) -> None:
    for reduce in (reduce_patch, reduce_overview):
        with pytest.raises(Refused) as caught:
            reduce(data)
        assert caught.value.code == code
        assert caught.value.remedy
