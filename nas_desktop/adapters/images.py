"""Checks on the images of a capture record, and bringing larger ones within the limits.

An image is judged by its bytes before anything is decoded: whether it is a JPEG, whether it is
whole, how large it claims to be. Limits are those of NAS Technical Specifications v3.1 §2, kept in
``resources/spec/nas_v3_1.json``: kB is taken as 1,024 when reading, as 1,000 when writing.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from nas_desktop.domain.errors import Refused
from nas_desktop.services.events import ImageKind
from nas_desktop.services.resources import load_json, load_spec

MAX_SIDE = {ImageKind.PATCH: 640, ImageKind.OVERVIEW: 2_560}
"""Longest side accepted as it is, pixels: some cameras send patches larger than 120 x 60."""

MIN_SIDE = 8
"""Shortest side that can show anything, pixels."""

MAX_ORIGINAL_BYTES = 8 * 1024 * 1024
"""Largest original that is reduced: a still of a good camera has 1 to 4 MB."""

MAX_ORIGINAL_PIXELS = 16_000_000
"""Largest original that is decoded; about 48 MB in memory."""

PATCH_SIZE = (120, 60)
"""Pixels of a patch that we write (NAS v3.1 §2)."""

OVERVIEW_SIZE = (640, 480)
"""Largest overview that we write, pixels: 25 kB hold no more at a useful quality."""

MAX_RATIO = 16
"""A strip longer than this many times its breadth is damage: reduced, nothing of it is left."""

_START = b"\xff\xd8"
_END = b"\xff\xd9"
# Baseline, extended and progressive; what lossless and arithmetic coding would need, the viewers
# of the workstation lack.
_FRAMES = frozenset((0xC0, 0xC1, 0xC2))
_OTHER_FRAMES = frozenset((0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF))
_SCAN = 0xDA
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
_ASK = "Check the camera system that supplied it."


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an accepted image is: pixels and bytes."""

    width: int
    height: int
    size: int


def inspect_image(data: bytes, kind: ImageKind | str) -> ImageFacts:
    """Return the facts of an image that may be kept as it is.

    Nothing is decoded, so that no sender's picture reaches a decoder in a node: the segments up to
    the picture are walked and the end is looked at (about 4 µs a patch).

    Args:
        data: the bytes as they came.
        kind: which limits hold; ``patch`` up to 3,072 bytes, ``overview`` up to 25,600.

    Raises:
        Refused: ``image_empty``, ``image_too_large`` (bytes), ``image_not_jpeg``,
            ``image_torn``, ``image_dimensions`` (a side outside 8 pixels to ``MAX_SIDE``).
        ValueError: ``kind`` is neither of the two.
    """
    kind = ImageKind(kind)
    limit = load_spec().image_limits[kind.value]
    if not data:
        raise Refused("image_empty", "The image is empty.", _ASK)
    if len(data) > limit:
        raise Refused(
            "image_too_large",
            f"The image has {len(data)} bytes; at most {limit} are allowed.",
            "Reduce it before sending (NAS Technical Specifications v3.1, section 2).",
        )
    width, height = _jpeg_size(data)
    longest = MAX_SIDE[kind]
    if (
        not (MIN_SIDE <= width <= longest and MIN_SIDE <= height <= longest)
        or width * height > load_spec().refused_image_pixels
    ):
        raise Refused(
            "image_dimensions",
            f"The image claims {width} x {height} pixels; {MIN_SIDE} to {longest} are allowed.",
            _ASK,
        )
    return ImageFacts(width, height, len(data))


def reduce_patch(data: bytes) -> bytes:
    """Return a patch of 120 x 60 pixels and at most 3,000 bytes made from a larger original.

    The proportions are kept; what is left over at the sides is black.

    Raises:
        Refused: as ``reduce_overview``.
    """
    image = ImageOps.pad(_decode(data, PATCH_SIZE), PATCH_SIZE, Image.Resampling.LANCZOS)
    return _written(image, ImageKind.PATCH)


def reduce_overview(data: bytes) -> bytes:
    """Return an overview of at most 640 x 480 pixels and 25,000 bytes made from a larger original.

    Exif data, which may hold a position or a camera's serial number, is not carried over.

    Args:
        data: JPEG, PNG or BMP of up to 8 MiB and 16 million pixels.

    Raises:
        Refused: ``image_empty``, ``image_too_large``, ``image_dimensions``, ``image_not_jpeg``
            (no known format), ``image_torn`` (cannot be decoded).
    """
    image = _decode(data, OVERVIEW_SIZE)
    image.thumbnail(OVERVIEW_SIZE, Image.Resampling.LANCZOS)
    return _written(image, ImageKind.OVERVIEW)


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Return width and height from the frame header, having seen that a scan and an end follow."""
    if data[:2] != _START:
        raise Refused("image_not_jpeg", "The image is not a JPEG.", _ASK)
    size: tuple[int, int] | None = None
    at, length = 2, len(data)
    while True:
        # Any number of fill bytes may precede a marker (ITU-T T.81, B.1.1.2).
        start = at
        while at < length and data[at] == 0xFF:
            at += 1
        if at >= length:
            raise _torn()
        if at == start:
            raise Refused("image_not_jpeg", "The image is not a well-formed JPEG.", _ASK)
        marker = data[at]
        at += 1
        if marker in _ALONE:
            continue
        if at + 2 > length:
            raise _torn()
        (segment,) = struct.unpack_from(">H", data, at)
        if segment < 2 or marker in _OTHER_FRAMES or marker in (0x00, 0xD8, 0xD9):
            raise Refused("image_not_jpeg", "The image is not a JPEG of a usual kind.", _ASK)
        if at + segment > length:
            raise _torn()
        if marker in _FRAMES:
            if size is not None or segment < 8:
                raise Refused("image_not_jpeg", "The image is not a well-formed JPEG.", _ASK)
            precision, height, width, parts = struct.unpack_from(">BHHB", data, at + 2)
            if precision != 8 or parts not in (1, 3):
                raise Refused("image_not_jpeg", "The image is not a JPEG of a usual kind.", _ASK)
            size = (width, height)
        at += segment
        if marker == _SCAN:
            break
    if size is None:
        raise Refused("image_not_jpeg", "The image has no frame header.", _ASK)
    # Some systems fill the last block with zero bytes; that is no damage.
    if not data.endswith(_END) and not data.rstrip(b"\0").endswith(_END):
        raise _torn()
    if data.rfind(_END) <= at:
        raise _torn()
    return size


def _torn() -> Refused:
    return Refused("image_torn", "The image is incomplete.", "Have it sent again.")


def _wrong_dimensions() -> Refused:
    return Refused(
        "image_dimensions",
        f"The image is too small, a narrow strip, or above {MAX_ORIGINAL_PIXELS} pixels.",
        "Reduce it with another program first.",
    )


def _decode(data: bytes, wanted: tuple[int, int]) -> Image.Image:
    if not data:
        raise Refused("image_empty", "The image is empty.", _ASK)
    if len(data) > MAX_ORIGINAL_BYTES:
        raise Refused(
            "image_too_large",
            f"The image has {len(data)} bytes; at most {MAX_ORIGINAL_BYTES} can be reduced.",
            "Reduce it with another program first.",
        )
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "BMP")) as image:
            width, height = image.size
            # Judged from the header: a small file can claim a picture of gigabytes.
            shorter, longer = sorted((width, height))
            if (
                width * height > MAX_ORIGINAL_PIXELS
                or shorter < MIN_SIDE
                or longer > MAX_RATIO * shorter
            ):
                raise _wrong_dimensions()
            image.draft("RGB", (wanted[0] * 2, wanted[1] * 2))
            return image.convert("RGB")
    except Refused:
        raise
    except UnidentifiedImageError:
        raise Refused("image_not_jpeg", "The image has no known format.", _ASK) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        # Pillow's own limit, far above ours, is judged even earlier.
        raise _wrong_dimensions() from None
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        struct.error,
        zlib.error,
    ):
        # Pillow reports damage by any of these.
        raise _torn() from None


def _written(image: Image.Image, kind: ImageKind) -> bytes:
    limit: int = load_json("spec", "nas_v3_1.json")["images"]["written_bytes"][kind.value]
    while True:
        for quality in (82, 74, 66, 58, 50, 42, 34, 26, 18, 10):
            buffer = io.BytesIO()
            image.save(buffer, "JPEG", quality=quality, optimize=True)
            if buffer.tell() <= limit:
                return buffer.getvalue()
        if kind is ImageKind.PATCH:
            # 120 x 60 pixels of pure noise stay below 3,000 bytes at quality 10 (measured).
            raise Refused("image_too_large", "The patch cannot be made small enough.", _ASK)
        image = image.resize((max(MIN_SIDE, image.width // 2), max(MIN_SIDE, image.height // 2)))
