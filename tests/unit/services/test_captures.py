"""What a camera system hands over, and the name an image goes by."""

from __future__ import annotations

from dataclasses import fields

from nas_desktop.domain.read import RawRead
from nas_desktop.services.captures import RawCapture, digest_of


def test_that_an_image_is_named_by_its_sha_256() -> None:
    assert digest_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest_of(b"abc") != digest_of(b"abd")


def test_that_a_capture_has_every_field_a_raw_read_has() -> None:
    assert {f.name for f in fields(RawCapture)} >= set(RawRead.__annotations__)


def test_that_only_the_mandatory_fields_must_be_given() -> None:
    capture = RawCapture("AB51ABC", None, "07", 12, 3)
    assert (capture.latitude, capture.patch_image, capture.is_backlog) == (None, None, False)
