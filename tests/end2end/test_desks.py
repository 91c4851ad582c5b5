"""``desks`` as people and scripts use it, at a running server and at none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end2end.programs import KEY, a_force, command, free_port, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def test_that_scopes_are_set_and_shown(tmp_path: Path) -> None:
    at = ("--data", str(tmp_path), "--simulation")
    async with running(a_force(tmp_path, free_port())):
        done = command("desks", "--json", *at)
        assert (done.returncode, json.loads(done.stdout)["desks"]) == (0, []), done.stderr
        done = command(
            "desks", "scope", "night", "--camera", "07/12", "--camera", "07/013",
            "--area", "51.38,-2.36,10", "--list", "07_Cheshire", *at,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        words = "cameras 07/12, 07/13 · 1 area · lists 07_Cheshire"
        assert done.stdout == f"night looks after {words} from now on.\n"
        done = command("desks", "--json", *at)
        form = json.loads(done.stdout)
        (night,) = form["desks"]
        assert (night["desk"], night["attended"], night["heard_at"]) == ("night", False, None)
        assert (night["cameras"], night["lists"]) == (["07/12", "07/13"], ["07_Cheshire"])
        assert night["areas"] == [{"latitude": 51.38, "longitude": -2.36, "km": 10.0}]
        assert form["uncovered"]["desks"] == ["night"]
        assert form["receipts"]["balances"] is True
        assert done.returncode == 1
        words = command("desks", *at).stdout
        assert "night  ○ not seen yet  looks after cameras 07/12" in words
        assert "NOT COVERED: the scope of night" in words
        done = command("desks", "--username", "demo-operator", "scope", "night", "--all", *at)
        assert (done.returncode, done.stdout) == (2, "")
        assert "does not have the right" in done.stderr
        assert command("desks", "scope", "night", "--all", *at).returncode == 0
    # Without a running node one is opened, which remembers.
    done = command("desks", "--json", *at, key=KEY)
    assert done.returncode == 0, done.stderr
    assert [d["cameras"] for d in json.loads(done.stdout)["desks"]] == [[]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("night",), "not said what the desk looks after"),
        (("night", "--all", "--camera", "07"), "said twice"),
        (("night", "--camera", "seven"), "“seven” is no camera"),
        (("night", "--area", "51.38"), "“51.38” is no area"),
    ],
)
def test_that_an_impossible_scope_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = command("desks", "scope", *arguments, "--data", str(tmp_path), "--simulation")
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
