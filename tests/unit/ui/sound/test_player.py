"""The process that plays, from the window's side: what is confirmed, what ends, what hangs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from nas_desktop.services.sound_rules import load_sound_rules
from nas_desktop.ui.sound import player as players
from nas_desktop.ui.sound.player import SoundPlayer

P1 = load_sound_rules().patterns["p1"]

TALK = """
import json, os, sys
def tell(**words):
    print(json.dumps(words), flush=True)
tell(speech={speech})
{begin}
for line in sys.stdin:
    said = json.loads(line)
    if "play" in said:
        is_real = any(note[0] for note in said["notes"])
        {on_play}
    else:
        tell(heard=said)
"""
CONFIRM = "tell(played=said['play'])"


def a_process(
    on_play: str = CONFIRM,
    begin: str = "tell(device='Headphones')",
    speech: bool = True,
) -> list[str]:
    return [sys.executable, "-S", "-c", TALK.format(on_play=on_play, begin=begin, speech=speech)]


@pytest.fixture
def made() -> Iterator[list[SoundPlayer]]:
    players: list[SoundPlayer] = []
    yield players
    for player in players:
        player.stop()


def start(made: list[SoundPlayer], command: list[str], **changes: object) -> SoundPlayer:
    values: dict[str, object] = {"patience_ms": 20_000, "restart_ms": (10,), "probe_ms": 60_000}
    values.update(changes)
    player = SoundPlayer(command, **values)  # type: ignore[arg-type]
    made.append(player)
    player.start()
    return player


def test_that_a_device_and_an_engine_are_found(qtbot: QtBot, made: list[SoundPlayer]) -> None:
    changes: list[int] = []
    player = SoundPlayer(a_process())
    made.append(player)
    player.listen(lambda: changes.append(1))
    player.start()
    qtbot.waitUntil(lambda: player.device == "Headphones" and player.can_speak)
    assert player.fault == ""
    assert changes


def test_that_a_missing_device_is_said_and_looked_for_again(
    qtbot: QtBot, made: list[SoundPlayer]
) -> None:
    player = start(made, a_process(begin="tell(device='', why='no_device')"))
    qtbot.waitUntil(lambda: player.starts >= 3)
    assert player.fault == players.NO_DEVICE_WORDS
    player.play(P1)  # into nothing: no fault of another kind
    assert player.fault == players.NO_DEVICE_WORDS


def test_that_a_missing_library_is_said_and_waited_for_by_nobody(
    qtbot: QtBot, made: list[SoundPlayer]
) -> None:
    player = start(made, a_process(begin="tell(device='', why='no_multimedia')"))
    qtbot.waitUntil(lambda: player.fault == players.NO_MULTIMEDIA_WORDS)
    assert not player._again.isActive()
    assert player.starts == 1


def test_that_a_process_that_ends_is_started_again_and_cleared_by_a_confirmation(
    qtbot: QtBot, made: list[SoundPlayer]
) -> None:
    player = start(made, a_process(on_play=f"os._exit(1) if is_real else {CONFIRM}"))
    qtbot.waitUntil(lambda: bool(player.device))
    faults: list[str] = []
    player.listen(lambda: faults.append(player.fault))
    player.play(P1)
    qtbot.waitUntil(lambda: player.starts == 2 and player.fault == "" and bool(player.device))
    assert faults[0] == players.ENDED_WORDS


def test_that_a_process_that_does_not_answer_is_ended_and_said(
    qtbot: QtBot, made: list[SoundPlayer]
) -> None:
    player = start(made, a_process(on_play="pass"), patience_ms=600, restart_ms=(60_000,))
    qtbot.waitUntil(lambda: player.fault == players.NO_ANSWER_WORDS)
    assert player.device == ""
    qtbot.waitUntil(lambda: player._process.state() is player._process.ProcessState.NotRunning)


def test_that_a_device_that_is_listed_clears_no_fault_until_it_has_played(
    qtbot: QtBot, made: list[SoundPlayer]
) -> None:
    player = start(made, a_process(on_play="pass"), patience_ms=600)
    qtbot.waitUntil(lambda: player.starts >= 2 and bool(player.device))
    assert player.fault == players.NO_ANSWER_WORDS


def test_that_a_sound_that_fails_is_said(qtbot: QtBot, made: list[SoundPlayer]) -> None:
    player = start(made, a_process(on_play="tell(failed=said['play'])"), restart_ms=(60_000,))
    qtbot.waitUntil(lambda: player.fault == players.ENDED_WORDS)


def test_that_a_program_that_is_not_there_is_said(qtbot: QtBot, made: list[SoundPlayer]) -> None:
    player = start(made, ["/nowhere/nas-desktop", "sound"], restart_ms=(60_000,))
    qtbot.waitUntil(lambda: player.fault == players.ENDED_WORDS)


def test_that_silence_is_played_where_nothing_else_was(
    qtbot: QtBot, made: list[SoundPlayer]
) -> None:
    player = start(made, a_process(), probe_ms=20)
    qtbot.waitUntil(lambda: player._number >= 4)
    assert player.fault == ""


def test_that_a_device_that_goes_and_comes_is_followed(
    qtbot: QtBot, made: list[SoundPlayer]
) -> None:
    going = (
        f"tell(device='', why='no_device') if is_real else {CONFIRM}; "
        "is_real and tell(device='Speakers')"
    )
    player = start(made, a_process(on_play=going), restart_ms=(60_000,))
    qtbot.waitUntil(lambda: player.device == "Headphones")
    faults: list[str] = []
    player.listen(lambda: faults.append(player.fault))
    player.play(P1)
    qtbot.waitUntil(lambda: player.device == "Speakers")
    assert faults == [players.NO_DEVICE_WORDS, ""]
    assert not player._again.isActive()


def test_that_words_and_silence_reach_the_process(qtbot: QtBot, made: list[SoundPlayer]) -> None:
    heard: list[object] = []
    player = start(made, a_process())
    qtbot.waitUntil(lambda: bool(player.device))
    player._take = lambda message: heard.append(message.get("heard"))  # type: ignore[assignment]
    player.say("1 new.", 0.5)
    player.hush()
    qtbot.waitUntil(lambda: len([h for h in heard if h]) == 2)
    assert {"say": "1 new.", "after_ms": 500} in heard
    assert {"hush": True} in heard


def test_that_nothing_is_said_where_nothing_can_speak(
    qtbot: QtBot, made: list[SoundPlayer]
) -> None:
    player = start(made, a_process(speech=False))
    qtbot.waitUntil(lambda: bool(player.device))
    told: list[object] = []
    player._tell = told.append  # type: ignore[assignment]
    player.say("1 new.", 0.5)
    assert told == []


@pytest.mark.parametrize("line", ["print('nonsense', flush=True)", "print('7', flush=True)"])
def test_that_a_line_that_is_none_is_passed_over(
    qtbot: QtBot, made: list[SoundPlayer], line: str
) -> None:
    player = start(made, a_process(begin=f"{line}\ntell(device='Headphones')"))
    qtbot.waitUntil(lambda: player.device == "Headphones")


def test_that_a_stopped_player_starts_nothing_more(qtbot: QtBot, made: list[SoundPlayer]) -> None:
    player = start(made, a_process())
    qtbot.waitUntil(lambda: bool(player.device))
    pid = player._process.processId()
    player.stop()
    player.start()
    player._on_no_answer()
    player.play(P1)
    assert player.starts == 1
    assert player.fault == ""
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
