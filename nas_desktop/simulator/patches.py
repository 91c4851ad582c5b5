"""Plate patches: small pictures of the physical number plate as a camera crops it.

What is drawn is always the mark that the vehicle truly carries. Where the camera misread it, the
picture and the VRM differ, and that is the point of showing both. Sizes are those of NAS Technical
Specifications v3.1 §2: 120 x 60 pixels, at most 3 kB.
"""

from __future__ import annotations

import io
import math
import random
from datetime import UTC, datetime
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from nas_desktop.services.resources import load_spec, resource_path
from nas_desktop.simulator.marks import MarkStyle
from nas_desktop.simulator.network import SimulatedCamera
from nas_desktop.simulator.vehicles import Vehicle

PATCH_SIZE = (120, 60)
"""Pixels (NAS v3.1 §2)."""

PATCH_BYTES = 3_000
"""Largest patch written: kB read as 1,000 when writing (NAS v3.1 §2)."""

Colour = tuple[int, int, int]

# Millimetres of a British number plate: 520 x 111, characters 79 x 50, strokes 14, gaps 11 and 33.
_PLATE_MM = (520, 111)
_CHARACTER_MM = (50, 79)
_ONE_MM = 20
_GAP_MM = 11
_GROUP_MM = 33

_WHITE: Colour = (236, 236, 230)
_YELLOW: Colour = (244, 196, 28)
_INK: Colour = (20, 20, 22)
_DAWN, _DUSK = 7, 17


def is_dark(when: datetime) -> bool:
    """Tell whether a picture is taken by night: before 07:00 or from 17:00 GMT (winter days)."""
    return not _DAWN <= when.astimezone(UTC).hour < _DUSK


def draw_patch(
    vehicle: Vehicle, camera: SimulatedCamera, when: datetime, rng: random.Random
) -> bytes:
    """Return a JPEG of 120 x 60 pixels and at most 3,000 bytes of the mark the vehicle carries.

    Args:
        vehicle: gives the true mark, its style and its dirt.
        camera: front or rear, infra-red or colour.
        when: aware; decides day or night.
        rng: decides angle, distance, blur and noise.
    """
    shows_rear = camera.sees_rear or vehicle.shape == "bike"
    flat = plate_image(vehicle, shows_rear=shows_rear)
    if vehicle.is_dirty:
        flat = _soiled(flat, rng)
    dark = is_dark(when)
    width, height = PATCH_SIZE[0] * 2, PATCH_SIZE[1] * 2
    body = _bumper_colour(vehicle, dark=dark, is_infrared=camera.is_infrared)
    view = Image.new("RGB", (width, height), body)
    _shade(view, rng)
    corners = _corners(flat, width, height, rng)
    warped, mask = _warp(flat, corners, (width, height))
    view.paste(warped, (0, 0), mask)
    view = view.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.3)))
    view = view.resize(PATCH_SIZE, Image.Resampling.BOX)
    view = _expose(view, rng, dark=dark, is_infrared=camera.is_infrared)
    return to_jpeg(view, PATCH_BYTES, quality=82)


def to_jpeg(image: Image.Image, limit: int, *, quality: int) -> bytes:
    """Return a JPEG of at most ``limit`` bytes; quality falls as far as needed.

    Raises:
        ValueError: not even the lowest quality fits.
    """
    while quality >= 15:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= limit:
            return buffer.getvalue()
        quality -= 8
    raise ValueError(f"the image does not fit into {limit} bytes")


# ------------------------------------------------------------------ the flat plate


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(resource_path("simulator", "fonts", "OSP-DIN.ttf")), 160)


@lru_cache(maxsize=64)
def _glyph(character: str) -> Image.Image:
    """Return a character as an ``L`` mask, stretched to the prescribed millimetres."""
    width = _ONE_MM if character in "1I" else _CHARACTER_MM[0]
    # Letter O and zero, letter I and one share a shape on a British plate.
    font = _font()
    shape = {"0": "O", "1": "I"}.get(character, character)
    left, top, right, bottom = (round(v) for v in font.getbbox(shape))
    image = Image.new("L", (right - left, bottom - top), 0)
    ImageDraw.Draw(image).text((-left, -top), shape, font=font, fill=255)
    box = image.getbbox()
    if box is not None:
        image = image.crop(box)
    return image.resize((width, _CHARACTER_MM[1]), Image.Resampling.LANCZOS)


def plate_image(vehicle: Vehicle, *, shows_rear: bool) -> Image.Image:
    """Return the number plate flat and clean, one pixel a millimetre.

    White in front and yellow behind; always white for Irish and foreign ones, red characters on
    white for trade marks, silver on black for marks of the years of suffixes and before. A
    motorcycle's has two rows.
    """
    ground, ink = _colours(vehicle.style, shows_rear=shows_rear)
    text = load_spec().grammar.display(vehicle.vrm)
    rows = _rows(vehicle, text)
    widths = [_row_width(row) for row in rows]
    two = len(rows) > 1
    band = 42 if vehicle.style in (MarkStyle.FOREIGN, MarkStyle.IRISH) else 0
    needed = max(widths) + 44 + band
    size = (max(250, needed), 205) if two else (max(_PLATE_MM[0], needed), _PLATE_MM[1])
    image = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle(
        (2, 2, size[0] - 3, size[1] - 3), radius=10, outline=mixed(ground, ink, 0.25), width=3
    )
    if band:
        draw.rectangle((5, 5, band, size[1] - 6), fill=(22, 52, 140))
    for number, row in enumerate(rows):
        top = 16 + number * 94 if two else (size[1] - _CHARACTER_MM[1]) // 2
        _write(image, row, band + (size[0] - band - widths[number]) // 2, top, ink)
    return image


def _colours(style: MarkStyle, *, shows_rear: bool) -> tuple[Colour, Colour]:
    if style is MarkStyle.TRADE:
        return _WHITE, (176, 24, 30)
    if style is MarkStyle.SUFFIX:
        return (24, 24, 26), (205, 207, 210)
    if style in (MarkStyle.FOREIGN, MarkStyle.IRISH):
        return _WHITE, _INK
    return (_YELLOW if shows_rear else _WHITE), _INK


def _rows(vehicle: Vehicle, text: str) -> list[str]:
    if vehicle.shape != "bike":
        return [text]
    if " " in text:
        first, _space, rest = text.partition(" ")
        return [first, rest.replace(" ", "")]
    return [text[: len(text) // 2], text[len(text) // 2 :]]


def _row_width(row: str) -> int:
    width = 0
    for character in row:
        if character == " ":
            width += _GROUP_MM - _GAP_MM
        else:
            width += (_ONE_MM if character in "1I" else _CHARACTER_MM[0]) + _GAP_MM
    return width - _GAP_MM


def _write(image: Image.Image, row: str, left: int, top: int, ink: Colour) -> None:
    for character in row:
        if character == " ":
            left += _GROUP_MM - _GAP_MM
            continue
        glyph = _glyph(character)
        image.paste(ink, (left, top), glyph)
        left += glyph.width + _GAP_MM


def _soiled(image: Image.Image, rng: random.Random) -> Image.Image:
    """Return the plate with mud: a film that thickens downwards, splashes, and screw caps."""
    width, height = image.size
    film = Image.linear_gradient("L").resize((width, height)).point(lambda v: v * 2 // 5)
    draw = ImageDraw.Draw(film)
    for _splash in range(rng.randint(5, 12)):
        x, y = rng.uniform(0, width), rng.uniform(height * 0.2, height)
        radius = rng.uniform(3, 13)
        draw.ellipse((x - radius, y - radius * 0.8, x + radius, y + radius * 0.8), fill=150)
    film = film.filter(ImageFilter.GaussianBlur(3))
    mud = Image.new("RGB", image.size, (92, 80, 64))
    return Image.composite(mud, image, film)


# ------------------------------------------------------------------ how the camera sees it


def _corners(
    flat: Image.Image, width: int, height: int, rng: random.Random
) -> list[tuple[float, float]]:
    aspect = flat.width / flat.height
    # A camera above the road sees the plate foreshortened in width, hence the stretch in height.
    plate_w = width * rng.uniform(0.86, 0.94)
    plate_h = min(height * 0.86, plate_w / aspect * rng.uniform(1.12, 1.35))
    if aspect < 2:
        plate_h = height * rng.uniform(0.8, 0.88)
        plate_w = plate_h * aspect * 1.05
    left = (width - plate_w) / 2 + rng.uniform(-4, 4)
    top = (height - plate_h) / 2 + rng.uniform(-8, 8)
    slope = math.tan(math.radians(rng.uniform(-4.0, 4.0))) * plate_w
    keystone = rng.uniform(-0.07, 0.07) * plate_h
    lean = rng.uniform(-0.08, 0.08) * plate_h
    return [
        (left + lean, top + keystone - slope / 2),
        (left + lean + plate_w, top - keystone + slope / 2),
        (left + plate_w, top + plate_h + keystone + slope / 2),
        (left, top + plate_h - keystone - slope / 2),
    ]


def _warp(
    flat: Image.Image, corners: list[tuple[float, float]], size: tuple[int, int]
) -> tuple[Image.Image, Image.Image]:
    """Return the plate drawn into four corners (clockwise from top left), and where it lies."""
    coefficients = _perspective(corners, flat.size)
    warped = flat.transform(
        size,
        Image.Transform.PERSPECTIVE,
        coefficients,
        Image.Resampling.BICUBIC,
        fillcolor=flat.getpixel((flat.width // 2, 8)),
    )
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    return warped, mask


def _perspective(corners: list[tuple[float, float]], size: tuple[int, int]) -> tuple[float, ...]:
    """Return the eight numbers that lead from a point of the view back to the flat plate."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    # Heckbert 1989, §2.2.3: unit square to quadrilateral, inverted by the adjugate.
    dx1, dx2, sx = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, sy = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    det = dx1 * dy2 - dx2 * dy1
    g, h = (sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det
    a, b, c = x1 - x0 + g * x1, x3 - x0 + h * x3, x0
    d, e, f = y1 - y0 + g * y1, y3 - y0 + h * y3, y0
    inverse = (
        e - f * h,
        c * h - b,
        b * f - c * e,
        f * g - d,
        a - c * g,
        c * d - a * f,
        d * h - e * g,
        b * g - a * h,
        a * e - b * d,
    )
    w, hgt = size
    scaled = [v * w for v in inverse[:3]] + [v * hgt for v in inverse[3:6]] + list(inverse[6:])
    return tuple(v / scaled[8] for v in scaled[:8])


_BODIES: dict[str, Colour] = {
    "BLACK": (26, 27, 30),
    "GREY": (92, 95, 100),
    "SILVER": (168, 171, 175),
    "BLUE": (32, 58, 120),
    "WHITE": (222, 224, 226),
    "RED": (150, 26, 30),
    "GREEN": (28, 84, 54),
    "BEIGE": (186, 172, 142),
    "ORANGE": (206, 102, 28),
    "YELLOW": (220, 184, 40),
    "BROWN": (92, 62, 40),
}


def body_colour(vehicle: Vehicle) -> Colour:
    """Return the paint of a vehicle by daylight."""
    return _BODIES.get(vehicle.colour, (110, 112, 116))


def _bumper_colour(vehicle: Vehicle, *, dark: bool, is_infrared: bool) -> Colour:
    paint = mixed(body_colour(vehicle), (50, 50, 54), 0.35)
    # Infra-red light shows the reflecting plate and little else.
    dim = 0.25 if is_infrared else (0.4 if dark else 1.0)
    return mixed((8, 8, 10), paint, dim)


def _shade(image: Image.Image, rng: random.Random) -> None:
    """Draw the edges of a bumper above and below, so that the ground is not one flat tone."""
    draw = ImageDraw.Draw(image)
    width, height = image.size
    base = image.getpixel((0, 0))
    assert isinstance(base, tuple)
    tone = (base[0], base[1], base[2])
    upper = height * rng.uniform(0.02, 0.14)
    lower = height * rng.uniform(0.86, 0.98)
    draw.rectangle((0, 0, width, upper), fill=mixed(tone, (0, 0, 0), 0.35))
    draw.rectangle((0, lower, width, height), fill=mixed(tone, (0, 0, 0), 0.5))


def _expose(
    image: Image.Image, rng: random.Random, *, dark: bool, is_infrared: bool
) -> Image.Image:
    if is_infrared:
        grey = image.convert("L")
        low = rng.randint(4, 16)
        grey = grey.point(lambda v: min(255, low + int(v * 1.04)))
        image = Image.merge("RGB", (grey, grey, grey))
    elif dark:
        # Sodium and LED street light, with the plate lit by the lamps behind the camera.
        gain = rng.uniform(0.62, 0.8)
        red, green, blue = image.split()
        image = Image.merge(
            "RGB",
            (
                red.point(lambda v: int(v * gain)),
                green.point(lambda v: int(v * gain * 0.94)),
                blue.point(lambda v: int(v * gain * 0.8)),
            ),
        )
    else:
        gain = rng.uniform(0.86, 1.04)
        image = image.point(lambda v: min(255, int(v * gain)))
    return add_grain(image, rng, 7 if dark and not is_infrared else 4)


@lru_cache(maxsize=1)
def _grain_field() -> Image.Image:
    source = random.Random("grain")
    size = 512
    return Image.frombytes("L", (size, size), bytes(source.randrange(256) for _ in range(size**2)))


def add_grain(image: Image.Image, rng: random.Random, strength: int) -> Image.Image:
    """Return the picture with sensor noise of up to ``strength`` levels either way."""
    field = _grain_field()
    left, top = rng.randrange(512 - image.width % 512), rng.randrange(512 - image.height % 512)
    tile = Image.new("L", image.size)
    for x in range(-left, image.width, 512):
        for y in range(-top, image.height, 512):
            tile.paste(field, (x, y))
    noise = tile.point(lambda v: v * 2 * strength // 255)
    return ImageChops.add(image, Image.merge("RGB", (noise,) * 3), offset=-strength)


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """Return a colour between two; ``share`` 0 is the first, 1 the second."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )
