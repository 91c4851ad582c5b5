import io
import random
from datetime import UTC, datetime

import pytest
from PIL import Image, ImageChops, ImageStat

from nas_desktop.adapters.images import inspect_image
from nas_desktop.domain.vrm import Vrm
from nas_desktop.services.events import ImageKind
from nas_desktop.simulator.marks import MarkStyle
from nas_desktop.simulator.network import SimulatedCamera, build_network
from nas_desktop.simulator.overviews import draw_overview
from nas_desktop.simulator.patches import draw_patch, is_dark, plate_image, to_jpeg
from nas_desktop.simulator.vehicles import Fleet, Habit, Vehicle

DAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NIGHT = DAY.replace(hour=21)
FLEET = Fleet(1, 2026, 66, size=3_000)
NETWORK = build_network(1)


def camera(*, sees_rear: bool, is_infrared: bool) -> SimulatedCamera:
    return next(
        c
        for c in NETWORK.cameras
        if c.stands_at and (c.sees_rear, c.is_infrared) == (sees_rear, is_infrared)
    )


def a_vehicle(vrm: str = "AB51ABC", shape: str = "hatch", **changes: object) -> Vehicle:
    values: dict[str, object] = {
        "vrm": Vrm(vrm),
        "style": MarkStyle.CURRENT,
        "make": "FORD",
        "model": "FOCUS",
        "colour": "BLUE",
        "shape": shape,
        "habit": Habit.PRIVATE,
        "home": 0,
        "pace": 1.0,
        "is_dirty": False,
    }
    return Vehicle(**{**values, **changes})  # type: ignore[arg-type]


VEHICLES = [next(v for v in FLEET if v.style is style) for style in MarkStyle] + [
    a_vehicle(shape=shape, colour=colour, is_dirty=True)
    for shape, colour in [
        ("saloon", "WHITE"), ("estate", "BLACK"), ("suv", "RED"), ("van", "WHITE"),
        ("lorry", "ORANGE"), ("bus", "GREEN"), ("bike", "RED"),
    ]
]  # fmt: skip


@pytest.mark.parametrize("vehicle", VEHICLES, ids=lambda v: f"{v.style}-{v.shape}")
@pytest.mark.parametrize("when", [DAY, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize("is_infrared", [False, True], ids=["colour", "infrared"])
def test_that_all_images_keep_the_specified_sizes(
    vehicle: Vehicle, when: datetime, is_infrared: bool
) -> None:
    for sees_rear in (False, True):
        where = camera(sees_rear=sees_rear, is_infrared=is_infrared)
        patch = draw_patch(vehicle, where, when, random.Random(1))
        facts = inspect_image(patch, ImageKind.PATCH)
        assert (facts.width, facts.height) == (120, 60)
        assert facts.size <= 3_000
        overview = draw_overview(vehicle, where, when, random.Random(1))
        assert inspect_image(overview, ImageKind.OVERVIEW).size <= 25_000


def test_that_the_same_chance_gives_the_same_picture() -> None:
    where = camera(sees_rear=False, is_infrared=False)
    for draw in (draw_patch, draw_overview):
        first = draw(a_vehicle(), where, DAY, random.Random(3))
        assert first == draw(a_vehicle(), where, DAY, random.Random(3))
        assert first != draw(a_vehicle(), where, DAY, random.Random(4))


def test_that_another_mark_gives_a_visibly_other_patch() -> None:
    where = camera(sees_rear=False, is_infrared=False)
    pictures = [
        Image.open(io.BytesIO(draw_patch(a_vehicle(vrm), where, DAY, random.Random(3)))).convert(
            "L"
        )
        for vrm in ("AB51ABC", "AB51ABG", "AB51ABC")
    ]
    assert ImageStat.Stat(ImageChops.difference(pictures[0], pictures[1])).extrema[0][1] > 60
    assert ImageStat.Stat(ImageChops.difference(pictures[0], pictures[2])).extrema[0][1] == 0


def mean_colour(image: Image.Image) -> tuple[float, ...]:
    return tuple(ImageStat.Stat(image).mean)


def test_that_the_front_is_white_and_the_rear_yellow() -> None:
    front = mean_colour(plate_image(a_vehicle(), shows_rear=False))
    rear = mean_colour(plate_image(a_vehicle(), shows_rear=True))
    assert front[2] > 0.9 * front[0]
    assert rear[2] < 0.4 * rear[0]


def test_that_infra_red_shows_no_colour_and_night_is_darker() -> None:
    def picture(is_infrared: bool, when: datetime) -> Image.Image:
        where = camera(sees_rear=True, is_infrared=is_infrared)
        return Image.open(io.BytesIO(draw_overview(a_vehicle(), where, when, random.Random(1))))

    red, green, blue = mean_colour(picture(True, DAY))
    assert max(red, green, blue) - min(red, green, blue) < 1
    assert sum(mean_colour(picture(False, NIGHT))) < 0.5 * sum(mean_colour(picture(False, DAY)))
    assert is_dark(NIGHT)
    assert not is_dark(DAY)


def test_that_groups_are_spaced_as_people_write_them() -> None:
    # Two groups of characters: one gap of 33 mm among those of 11 mm.
    picture = plate_image(a_vehicle(), shows_rear=False).convert("L").crop((10, 15, 510, 96))
    ink = [min(picture.crop((x, 0, x + 1, 81)).get_flattened_data()) < 100 for x in range(500)]
    gaps, run = [], 0
    for has_ink in ink:
        if has_ink and run:
            gaps.append(run)
        run = 0 if has_ink else run + 1
    assert len(gaps) == 7
    assert max(gaps[1:]) >= 2 * sorted(gaps[1:])[-2]


def test_that_a_motorcycle_has_two_rows() -> None:
    picture = plate_image(a_vehicle(shape="bike"), shows_rear=True)
    assert picture.width < 1.5 * picture.height


def test_that_a_jpeg_that_cannot_fit_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="10 bytes"):
        to_jpeg(Image.new("RGB", (120, 60)), 10, quality=80)
