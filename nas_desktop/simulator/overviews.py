"""Overviews: the whole vehicle in the read zone, as simple as a drawing can be and be believed.

A vehicle in its own shape and paint stands on a lane by day, by night or under infra-red light,
with its true mark where it belongs. At most 25 kB (NAS Technical Specifications v3.1 §2).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageDraw, ImageFilter

from nas_desktop.simulator.network import SimulatedCamera
from nas_desktop.simulator.patches import (
    Colour,
    add_grain,
    body_colour,
    is_dark,
    mixed,
    plate_image,
    to_jpeg,
)
from nas_desktop.simulator.vehicles import Vehicle

OVERVIEW_SIZE = (480, 320)
"""Pixels; the specification limits bytes only."""

OVERVIEW_BYTES = 25_000
"""Largest overview written: kB read as 1,000 when writing (NAS v3.1 §2)."""

_SCALE = 2
_BLACK: Colour = (8, 8, 10)

_At = Callable[[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class _Form:
    """Proportions of a shape, as shares of its width; heights count up from the road.

    ``roof`` is the width of the roof, ``waist`` the height where glass begins, ``top`` the height.
    ``plate`` is the height of the number plate's middle.
    """

    width: float
    top: float
    waist: float
    roof: float
    bonnet: float
    plate: float


_FORMS = {
    "hatch": _Form(0.47, 0.80, 0.47, 0.70, 0.36, 0.21),
    "saloon": _Form(0.49, 0.76, 0.46, 0.66, 0.36, 0.21),
    "estate": _Form(0.49, 0.80, 0.46, 0.72, 0.36, 0.21),
    "suv": _Form(0.51, 0.90, 0.53, 0.74, 0.42, 0.26),
    "van": _Form(0.49, 1.10, 0.56, 0.86, 0.40, 0.22),
    "lorry": _Form(0.48, 1.20, 0.66, 0.97, 0.34, 0.18),
    "bus": _Form(0.48, 1.20, 0.52, 0.97, 0.30, 0.17),
    "bike": _Form(0.20, 1.70, 0.90, 0.40, 0.50, 0.52),
}


@dataclass(frozen=True, slots=True)
class _Light:
    """What the light does to a scene."""

    dark: bool
    is_infrared: bool
    sky: Colour
    road: Colour
    verge: Colour
    dim: float


def draw_overview(
    vehicle: Vehicle, camera: SimulatedCamera, when: datetime, rng: random.Random
) -> bytes:
    """Return a JPEG of 480 x 320 pixels and at most 25,000 bytes of the vehicle on its lane.

    Args:
        vehicle: gives shape, paint and the true mark.
        camera: front or rear, infra-red or colour, lanes.
        when: aware; decides day or night.
        rng: decides place, weather and noise.
    """
    shows_rear = camera.sees_rear or vehicle.shape == "bike"
    light = _light(when, camera, rng)
    size = (OVERVIEW_SIZE[0] * _SCALE, OVERVIEW_SIZE[1] * _SCALE)
    image = Image.new("RGB", size, light.sky)
    _draw_scene(image, light, camera, rng)
    _draw_vehicle(image, vehicle, light, rng, shows_rear=shows_rear)
    image = image.resize(OVERVIEW_SIZE, Image.Resampling.BOX)
    image = image.filter(ImageFilter.GaussianBlur(0.5))
    if light.is_infrared:
        grey = image.convert("L")
        image = Image.merge("RGB", (grey, grey, grey))
    image = add_grain(image, rng, 9 if light.dark else 5)
    return to_jpeg(image, OVERVIEW_BYTES, quality=78)


def _light(when: datetime, camera: SimulatedCamera, rng: random.Random) -> _Light:
    if is_dark(when):
        dim = 0.32 if camera.is_infrared else 0.42
        return _Light(True, camera.is_infrared, (14, 16, 24), (38, 38, 42), (16, 22, 18), dim)
    sky = rng.choice(((176, 190, 206), (196, 200, 204), (150, 182, 216)))
    return _Light(False, camera.is_infrared, sky, (112, 113, 116), (86, 108, 66), 1.0)


def _draw_scene(
    image: Image.Image, light: _Light, camera: SimulatedCamera, rng: random.Random
) -> None:
    width, height = image.size
    horizon = round(height * rng.uniform(0.17, 0.24))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, horizon, width, height), fill=light.verge)
    hedge = mixed(light.verge, _BLACK, 0.35)
    for x in range(-40, width + 40, 46):
        bump = rng.randint(12, 44)
        draw.ellipse((x - 44, horizon - bump, x + 60, horizon + 40), fill=hedge)
    vanish = width * rng.uniform(0.46, 0.54)
    draw.polygon(
        [
            (vanish - width * 0.11, horizon),
            (vanish + width * 0.11, horizon),
            (width * 1.18, height),
            (-width * 0.18, height),
        ],
        fill=light.road,
    )
    paint = mixed(light.road, (235, 235, 230), 0.75 if not light.dark else 0.35)
    edges = (-0.075, 0.075) if camera.lanes == 1 else (-0.085, 0.065)
    for place in edges:
        _draw_dashes(draw, vanish, horizon, (width, height), place, paint)
    if light.dark and not light.is_infrared:
        for share in (0.13, 0.3, 0.72, 0.9):
            cx, cy = width * share, horizon - 24 - 20 * abs(share - 0.5)
            draw.ellipse((cx - 5, cy - 5, cx + 5, cy + 5), fill=(250, 214, 150))


def _draw_dashes(
    draw: ImageDraw.ImageDraw,
    vanish: float,
    horizon: int,
    size: tuple[int, int],
    place: float,
    paint: Colour,
) -> None:
    width, height = size
    for step in range(9):
        near, far = 0.05 + (step / 9) ** 1.6, 0.05 + ((step + 0.5) / 9) ** 1.6

        def point(depth: float, offset: float) -> tuple[float, float]:
            x = vanish + width * place * (1 + 5.2 * depth) + offset * (0.4 + depth)
            return x, horizon + (height - horizon) * depth

        draw.polygon([point(near, -6), point(near, 6), point(far, 6), point(far, -6)], fill=paint)


def _draw_vehicle(
    image: Image.Image,
    vehicle: Vehicle,
    light: _Light,
    rng: random.Random,
    *,
    shows_rear: bool,
) -> None:
    form = _FORMS[vehicle.shape]
    full_w, full_h = image.size
    width = full_w * form.width * rng.uniform(0.92, 1.02)
    middle = full_w * rng.uniform(0.45, 0.55)
    ground = full_h * rng.uniform(0.86, 0.93)
    paint = mixed(_BLACK, body_colour(vehicle), light.dim)
    draw = ImageDraw.Draw(image)

    def at(x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a place: x -0.5 to 0.5 of the width, y up from the road."""
        return middle + x * width, ground - y * width

    shadow = mixed(light.road, _BLACK, 0.65)
    draw.ellipse((*at(-0.58, 0.07), *at(0.58, -0.07)), fill=shadow)
    if vehicle.shape == "bike":
        _draw_bike(draw, at, paint, light)
    else:
        _draw_body(draw, at, form, paint, light)
        _draw_glass(draw, at, form, vehicle, light, shows_rear=shows_rear)
        _draw_front(draw, at, form, light, paint, shows_rear=shows_rear)
    plate = plate_image(vehicle, shows_rear=shows_rear)
    # 520 mm on a car 1.75 m wide; large vehicles are 2.5 m wide, a motorcycle's is 250 mm.
    shares = {"bike": 0.5, "lorry": 0.23, "bus": 0.23, "van": 0.28}
    share = shares.get(vehicle.shape, 0.31)
    plate_w = round(width * share * plate.width / (250 if vehicle.shape == "bike" else 520))
    plate = plate.resize(
        (plate_w, round(plate_w * plate.height / plate.width)), Image.Resampling.LANCZOS
    )
    if light.dark and not light.is_infrared:
        plate = plate.point(lambda v: int(v * 0.82))
    x, y = at(0, form.plate)
    image.paste(plate, (round(x - plate.width / 2), round(y - plate.height / 2)))
    if light.dark:
        lamps = [at(-0.375, form.bonnet - 0.04), at(0.375, form.bonnet - 0.04)]
        if vehicle.shape == "bike":
            lamps = [at(0, 0.91)]
        _glow(image, lamps, width, shows_rear=shows_rear)


def _draw_body(
    draw: ImageDraw.ImageDraw, at: _At, form: _Form, paint: Colour, light: _Light
) -> None:
    tyre = mixed((18, 18, 20), light.road, 0.1)
    for side in (-1, 1):
        draw.rounded_rectangle(
            _box(at, side * 0.38 - 0.085, 0.16, side * 0.38 + 0.085, 0.0), radius=14, fill=tyre
        )
    half = form.roof / 2
    upper = mixed(paint, _BLACK, 0.12)
    draw.polygon(
        [
            at(-0.46, form.waist),
            at(-half, form.top - 0.03),
            at(-half + 0.06, form.top),
            at(half - 0.06, form.top),
            at(half, form.top - 0.03),
            at(0.46, form.waist),
        ],
        fill=upper,
    )
    draw.rounded_rectangle(_box(at, -0.5, form.waist + 0.03, 0.5, 0.09), radius=34, fill=paint)
    # Light from above: the bonnet or boot catches it, the bumper lies in shade.
    draw.rounded_rectangle(
        _box(at, -0.46, form.waist + 0.015, 0.46, form.bonnet + 0.04),
        radius=24,
        fill=mixed(paint, (255, 255, 255), 0.10 * light.dim),
    )
    draw.rounded_rectangle(
        _box(at, -0.49, 0.20, 0.49, 0.08), radius=22, fill=mixed(paint, (30, 30, 33), 0.55)
    )


def _draw_glass(
    draw: ImageDraw.ImageDraw,
    at: _At,
    form: _Form,
    vehicle: Vehicle,
    light: _Light,
    *,
    shows_rear: bool,
) -> None:
    sky = mixed((44, 54, 64), light.sky, 0.25 if not light.dark else 0.0)
    glass = mixed(_BLACK, sky, 1.0 if not light.dark else 0.45)
    half = form.roof / 2 - 0.05
    low = form.waist + 0.035
    high = form.top - 0.05
    if vehicle.shape in ("lorry", "van"):
        high = low + (0.26 if vehicle.shape == "lorry" else 0.34)
        half = 0.43 - (high - low) * 0.15
    if shows_rear and vehicle.shape in ("lorry", "van"):
        # Doors instead of glass; a van has a small pane in each.
        seam = mixed(body_colour(vehicle), _BLACK, 0.55)
        draw.line([at(0, form.top - 0.05), at(0, 0.2)], fill=seam, width=4)
        if vehicle.shape == "van":
            for side in (-1, 1):
                left, right = sorted((side * 0.06, side * 0.34))
                pane = _box(at, left, high, right, low + 0.06)
                draw.rounded_rectangle(pane, radius=10, fill=glass)
        return
    draw.polygon([at(-0.42, low), at(-half, high), at(half, high), at(0.42, low)], fill=glass)
    shine = mixed(glass, (255, 255, 255), 0.14 if not light.dark else 0.04)
    draw.polygon(
        [at(-0.30, low), at(-half + 0.10, high), at(-half + 0.20, high), at(-0.16, low)], fill=shine
    )
    if vehicle.shape == "bus":
        draw.rectangle(_box(at, -0.3, form.top - 0.02, 0.3, form.top - 0.1), fill=(30, 28, 24))
        draw.rectangle(_box(at, -0.2, form.top - 0.035, 0.2, form.top - 0.085), fill=(226, 166, 40))
    if vehicle.shape not in ("bus", "lorry"):
        for side in (-1, 1):
            draw.ellipse(
                _box(at, side * 0.525 - 0.045, form.waist + 0.10, side * 0.525 + 0.045, low - 0.01),
                fill=mixed(_BLACK, body_colour(vehicle), 0.5 * light.dim),
            )


def _draw_front(
    draw: ImageDraw.ImageDraw,
    at: _At,
    form: _Form,
    light: _Light,
    paint: Colour,
    *,
    shows_rear: bool,
) -> None:
    high, low = form.bonnet, form.bonnet - 0.085
    for side in (-1, 1):
        inner, outer = side * 0.28, side * 0.47
        box = _box(at, min(inner, outer), high, max(inner, outer), low)
        if shows_rear:
            lamp = mixed((120, 10, 14), (220, 40, 40), 1.0 if light.dark else 0.3)
        else:
            lamp = (250, 248, 236) if light.dark else (206, 212, 216)
        draw.rounded_rectangle(
            box, radius=14, fill=lamp, outline=mixed(paint, _BLACK, 0.5), width=3
        )
    if shows_rear:
        seam = mixed(paint, _BLACK, 0.4)
        draw.line([at(-0.4, 0.20), at(0.4, 0.20)], fill=seam, width=3)
        draw.line([at(-0.28, form.bonnet), at(0.28, form.bonnet)], fill=seam, width=3)
        return
    grille = mixed(_BLACK, (40, 41, 44), light.dim)
    draw.rounded_rectangle(_box(at, -0.24, high - 0.005, 0.24, low), radius=10, fill=grille)
    for row in range(1, 4):
        y = high - row * (high - low) / 4
        draw.line([at(-0.22, y), at(0.22, y)], fill=mixed(grille, (150, 152, 156), 0.4), width=2)
    draw.rounded_rectangle(_box(at, -0.34, 0.165, 0.34, 0.10), radius=10, fill=grille)


def _draw_bike(draw: ImageDraw.ImageDraw, at: _At, paint: Colour, light: _Light) -> None:
    leather = mixed(_BLACK, (44, 46, 52), light.dim)
    draw.rounded_rectangle(_box(at, -0.15, 0.75, 0.15, 0.0), radius=24, fill=(16, 16, 18))
    draw.rounded_rectangle(_box(at, -0.30, 1.02, 0.30, 0.62), radius=26, fill=paint)
    draw.polygon([at(-0.45, 0.98), at(-0.36, 1.62), at(0.36, 1.62), at(0.45, 0.98)], fill=leather)
    draw.ellipse(_box(at, -0.23, 2.06, 0.23, 1.56), fill=mixed(paint, (30, 30, 34), 0.3))
    for side in (-1, 1):
        draw.line([at(side * 0.36, 1.5), at(side * 0.62, 1.12)], fill=leather, width=26)
        draw.line([at(side * 0.4, 1.2), at(side * 0.5, 0.5)], fill=leather, width=30)
    lamp = (230, 40, 36) if light.dark else (150, 20, 22)
    draw.rounded_rectangle(_box(at, -0.15, 0.94, 0.15, 0.88), radius=8, fill=lamp)


def _box(
    at: _At, left: float, top: float, right: float, bottom: float
) -> tuple[float, float, float, float]:
    x0, y0 = at(left, top)
    x1, y1 = at(right, bottom)
    return x0, y0, x1, y1


def _glow(
    image: Image.Image,
    lamps: list[tuple[float, float]],
    width: float,
    *,
    shows_rear: bool,
) -> None:
    """Add the halo of lit lamps, which at night is most of what a camera gets."""
    halo = Image.new("L", (image.width // 4, image.height // 4), 0)
    draw = ImageDraw.Draw(halo)
    radius = width * (0.05 if shows_rear else 0.085) / 4
    for x, y in lamps:
        draw.ellipse((x / 4 - radius, y / 4 - radius, x / 4 + radius, y / 4 + radius), fill=190)
    halo = halo.filter(ImageFilter.GaussianBlur(radius * 0.7)).resize(image.size)
    colour = (236, 44, 36) if shows_rear else (255, 250, 232)
    image.paste(Image.new("RGB", image.size, colour), (0, 0), halo)
