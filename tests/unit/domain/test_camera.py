"""Cameras: identity as text and the budget of each kind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nas_desktop.domain.camera import CameraId, CameraKind, budget_of


def test_that_an_identity_keeps_its_leading_zero() -> None:
    assert str(CameraId("07", 12, 3)) == "07/12/3"


@pytest.mark.parametrize("kind", list(CameraKind))
def test_that_a_static_camera_has_four_seconds_and_a_mobile_one_six(kind: CameraKind) -> None:
    budget = budget_of(kind)
    to_service = 4 if kind is CameraKind.MOBILE else 2
    assert budget.to_service == timedelta(seconds=to_service)
    assert budget.to_operator == timedelta(seconds=2)
    assert budget.total == timedelta(seconds=to_service + 2)
