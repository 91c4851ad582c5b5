"""What a refusal carries."""

from __future__ import annotations

from nas_desktop.domain.errors import ReadRefused, Refused, StepRefused


def test_that_a_refusal_has_a_code_a_message_and_a_remedy() -> None:
    refusal = Refused("port_taken", "The port is in use.", "Choose another.")
    assert (refusal.code, refusal.message, refusal.remedy) == (
        "port_taken",
        "The port is in use.",
        "Choose another.",
    )
    assert str(refusal) == "The port is in use."
    assert StepRefused("closed", "This hit is closed.").remedy == ""


def test_that_a_refused_read_names_its_field() -> None:
    refusal = ReadRefused("nrd_id", "The NRD ID is not a number.")
    assert (refusal.field, refusal.code) == ("nrd_id", "read_nrd_id")


def test_that_a_refusal_says_what_happened_and_what_to_do() -> None:
    assert Refused("c", "It is full.", "Empty it.").words == "It is full. Empty it."
    assert Refused("c", "It is full.").words == "It is full."
