"""Hits, steps, lists, accounts, cameras and outages as a node keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from nas_desktop.adapters.store import operational as operational_module
from nas_desktop.adapters.store import operational_schema
from nas_desktop.adapters.store.database import Database
from nas_desktop.adapters.store.operational import Account, Operational
from nas_desktop.adapters.store.packing import pack
from nas_desktop.domain.access import Role
from nas_desktop.domain.camera import Camera, CameraId, CameraKind
from nas_desktop.domain.geo import Position
from nas_desktop.domain.hit import Basis, Hit, HitId
from nas_desktop.domain.hit_life import DecidedStep, StepKind
from nas_desktop.domain.voi import Action, VoiList
from nas_desktop.services.events import Outage
from nas_desktop.services.progress import Progress
from tests.builders import NOON, a_hit, a_step, an_entry, decided

KEY = b"k" * 32
HIT = HitId(bytes(16))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "operational.db"


@pytest.fixture
def store(path: Path) -> Iterator[Operational]:
    database = Database(path, KEY, operational_schema.MIGRATIONS)
    yield Operational(database)
    database.close()


def reopened(store: Operational, path: Path) -> Operational:
    store.database.close()
    return Operational(Database(path, KEY, operational_schema.MIGRATIONS))


def test_that_a_node_keeps_its_identity(store: Operational, path: Path) -> None:
    again = reopened(store, path)
    assert (again.epoch, again.node_id, again.token_key) == (
        store.epoch,
        store.node_id,
        store.token_key,
    )
    assert len(again.token_key) == 32
    again.database.close()


# ------------------------------------------------------------------ hits


def test_that_hits_get_offsets_and_are_found_again(store: Operational, path: Path) -> None:
    one, two = a_hit("A1"), a_hit("A2")
    assert store.put_hits([one, two], matched_to=7) == [(0, one), (1, two)]
    assert store.hit(two.hit_id) == two
    assert store.hit(a_hit("A3").hit_id) is None
    assert (store.hit_end, store.matched_to()) == (2, 7)
    again = reopened(store, path)
    assert again.fetch_hits(0, 10) == [(0, one), (1, two)]
    assert again.fetch_hits(1, 10) == [(1, two)]
    assert again.fetch_hits(0, 1) == [(0, one)]
    assert (again.hit_end, again.matched_to()) == (2, 7)
    again.database.close()


def test_that_a_hit_that_comes_twice_changes_nothing(store: Operational) -> None:
    hit = a_hit()
    store.put_hits([hit, hit])
    later = replace(hit, matched_at=hit.matched_at + timedelta(seconds=5))
    assert store.put_hits([later]) == []
    assert store.fetch_hits(0, 10) == [(0, hit)]


def test_that_a_hit_that_grows_gets_a_new_offset(store: Operational) -> None:
    hit = a_hit(action=Action.ASSESS, reason="Documents", warning_signals=())
    store.put_hits([hit])
    more = a_hit(list_name="06_GMP")
    ((at, grown),) = store.put_hits([more])
    assert at == 1
    assert len(grown.reasons) == 2
    assert grown.leading == more.leading
    assert store.fetch_hits(0, 10) == [(0, grown), (1, grown)]


def a_quiet_hit(vrm: str = "AB51ABC", list_name: str = "06_GMP") -> Hit:
    return a_hit(vrm, action=Action.NO_ALERT, list_name=list_name)


def test_that_no_alert_hits_are_kept_by_list_and_stay_out_of_the_stream(
    store: Operational, path: Path
) -> None:
    one, two, other = a_quiet_hit("A1"), a_quiet_hit("A2"), a_quiet_hit("A1", "07_Covert")
    quiet = [
        ("06_GMP", "v.shah", one),
        ("07_Covert", "v.shah", other),
        ("06_GMP", "v.shah", two),
    ]
    assert store.put_hits([], quiet=quiet) == []
    assert (store.hit_end, store.fetch_hits(0, 10), store.hit(one.hit_id)) == (0, [], None)
    assert store.hits_of([one.hit_id]) == []
    again = reopened(store, path)
    assert again.quiet_hits("06_GMP", "v.shah", 0, 10) == (2, [two, one])  # newest first
    assert again.quiet_hits("07_Covert", "v.shah", 0, 10) == (1, [other])
    assert again.quiet_hits("06_Nobody", "v.shah", 0, 10) == (0, [])
    assert again.quiet_hits("06_GMP", "somebody else", 0, 10) == (0, [])
    again.database.close()


def test_that_a_quiet_hit_among_others_is_put_where_it_belongs(store: Operational) -> None:
    quiet, loud = a_quiet_hit("A1"), a_hit("A2")
    assert store.put_hits([quiet, loud]) == [(0, loud)]
    assert store.hit(quiet.hit_id) is None
    assert store.quiet_hits("06_GMP", "", 0, 10) == (1, [quiet])  # nobody's: nobody sees it


def test_that_no_alert_hits_come_in_pages(store: Operational) -> None:
    hits = [a_quiet_hit(f"A{n}") for n in range(5)]
    store.put_hits([], quiet=[("06_GMP", "v.shah", hit) for hit in hits])
    assert store.quiet_hits("06_GMP", "v.shah", 0, 2) == (5, [hits[4], hits[3]])
    assert store.quiet_hits("06_GMP", "v.shah", 3, 10) == (5, [hits[1], hits[0]])
    assert store.quiet_hits("06_GMP", "v.shah", 9, 10) == (5, [])


def test_that_a_no_alert_hit_that_comes_twice_is_kept_once(store: Operational) -> None:
    one = a_quiet_hit()
    store.put_hits([], quiet=[("06_GMP", "v.shah", one)])
    store.put_hits([], quiet=[("06_GMP", "v.shah", replace(one, is_late=True))])
    assert store.quiet_hits("06_GMP", "v.shah", 0, 10) == (1, [one])


def test_that_one_read_may_be_a_hit_for_the_feed_and_a_quiet_one(store: Operational) -> None:
    loud, quiet = a_hit(), a_quiet_hit()
    assert loud.hit_id == quiet.hit_id
    assert store.put_hits([loud], quiet=[("06_GMP", "v.shah", quiet)]) == [(0, loud)]
    assert store.hit(loud.hit_id) == loud
    assert store.quiet_hits("06_GMP", "v.shah", 0, 10) == (1, [quiet])


def test_that_hits_are_found_by_their_ids(store: Operational) -> None:
    one, two = a_hit("A1"), a_hit("A2")
    store.put_hits([one, two])
    assert store.hits_of([two.hit_id, a_hit("A3").hit_id, one.hit_id]) == [two, one]
    assert store.hits_of([]) == []


def test_that_the_newest_hits_are_those_raised_or_grown_last(store: Operational) -> None:
    one, two, three = a_hit("A1"), a_hit("A2"), a_hit("A3")
    assert store.newest_hits(3) == []
    store.put_hits([one, two, three])
    ((_at, grown),) = store.put_hits([a_hit("A1", list_name="06_GMP")])
    assert store.newest_hits(2) == [three, grown]
    assert store.newest_hits(100) == [grown, two, three, grown]  # once for each time it is news


def test_that_a_newer_word_on_a_reason_makes_a_hit_news(store: Operational) -> None:
    hit = a_hit()
    store.put_hits([hit])
    gone = replace(hit.leading, basis=Basis.WITHDRAWN, basis_at=NOON)
    withdrawn = replace(hit, reasons=(gone,))
    assert store.put_hits([withdrawn]) == [(1, withdrawn)]
    assert store.put_hits([hit]) == []  # an older word takes nothing back
    assert store.hit(hit.hit_id) == withdrawn


def test_that_a_store_of_the_first_version_is_taken_over(path: Path) -> None:
    loud, quiet, mixed = a_hit("A1"), a_quiet_hit("A2"), a_hit("A3")
    first = Database(path, KEY, operational_schema.MIGRATIONS[:1])

    def as_the_first_version_did(db: apsw.Connection) -> None:
        db.execute("INSERT INTO hits VALUES (?, 0, ?)", (loud.hit_id, pack(loud)))
        db.execute("INSERT INTO hits VALUES (?, 1, ?)", (quiet.hit_id, pack(quiet)))
        both = replace(mixed, reasons=(*mixed.reasons, *quiet.reasons))
        db.execute("INSERT INTO hits VALUES (?, 0, ?)", (mixed.hit_id, pack(both)))
        db.execute("INSERT INTO hit_log VALUES (0, ?)", (loud.hit_id,))

    first.write_now(as_the_first_version_did)
    before = Operational(first)
    identity = (before.epoch, before.node_id, before.token_key)
    before.put_list(a_list(3, "A3"))
    first.close()
    store = Operational(Database(path, KEY, operational_schema.MIGRATIONS))
    assert (store.epoch, store.node_id, store.token_key) == identity
    assert store.fetch_hits(0, 10) == [(0, loud)]
    assert store.hits_of([quiet.hit_id, mixed.hit_id]) == [mixed]
    assert store.quiet_hits("06_GMP", "", 0, 10)[0] == 2
    assert plain(store.lists()) == [a_list(3, "A3")]
    store.put_hits([], quiet=[("06_GMP", "v.shah", quiet)])
    assert store.quiet_hits("06_GMP", "v.shah", 0, 10) == (1, [quiet])
    store.database.close()


def test_that_hits_and_progress_are_stored_together_or_not_at_all(
    store: Operational, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put_hits([a_hit("A1")], source=("hits", 0, 1), matched_to=1)

    def breaks(*_args: object) -> None:
        raise KeyError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(operational_module, "put_progress", breaks)
        with pytest.raises(KeyError):
            store.put_hits([a_hit("A2")], source=("hits", 1, 2), matched_to=2)
        with pytest.raises(KeyError):
            store.put_steps([decided(a_step(HIT))], source=("steps", 0, 1))
    assert (store.hit_end, store.step_end, store.matched_to()) == (1, 0, 1)
    assert store.hit(a_hit("A2").hit_id) is None
    assert store.fetch_steps(0, 10) == []
    assert store.progress("hits") == Progress("", 1)
    store.set_progress("hits", Progress("e", 4, ((1, 2),)))
    store.put_hits([], source=("hits", 1, 2))
    assert store.progress("hits") == Progress("e", 4)


# ------------------------------------------------------------------ steps


def test_that_a_final_verdict_stands_beside_the_provisional_one(
    store: Operational, path: Path
) -> None:
    step = a_step(HIT)
    alone, final = decided(step, is_provisional=True), decided(step, decided_at=NOON)
    assert not bool(store.what_steps_touch([step])[0])
    assert store.put_steps([alone], outgoing=[step]) == [(0, alone)]
    assert store.put_steps([alone], outgoing=[step]) == []
    assert store.put_steps([final]) == [(1, final)]
    assert store.put_steps([alone, final]) == []  # the final word is not taken back
    assert bool(store.what_steps_touch([step])[0])
    again = reopened(store, path)
    assert again.steps_of(HIT) == [alone, final]
    assert again.fetch_steps(1, 10) == [(1, final)]
    assert again.step_end == 2
    again.database.close()


def test_that_steps_wait_for_the_node_above_until_it_has_them(store: Operational) -> None:
    steps = [a_step(HIT, kind) for kind in (StepKind.ACKNOWLEDGE, StepKind.DELIVER)]
    store.put_steps([decided(s, is_provisional=True) for s in steps], outgoing=steps)
    assert store.outgoing_steps(10) == steps
    assert store.outgoing_steps(1) == steps[:1]
    store.forget_outgoing_steps([steps[0].step_id, b"nobody"])
    assert (store.outgoing_steps(10), store.count_outgoing_steps()) == (steps[1:], 1)
    assert bool(store.what_steps_touch([steps[0]])[0])


def test_that_audit_records_wait_with_the_steps_they_speak_of(store: Operational) -> None:
    store.put_steps([decided(a_step(HIT))], audit=[b"one", b"two"])
    waiting = store.waiting_audit()
    assert [body for _n, body in waiting] == [b"one", b"two"]
    store.forget_waiting_audit(waiting[0][0])
    assert store.waiting_audit() == waiting[1:]
    store.forget_waiting_audit(waiting[1][0])
    store.put_steps([], audit=[b"three"])
    assert store.waiting_audit()[0][0] > waiting[1][0]  # a number is never given twice


# ------------------------------------------------------------------ lists


def a_list(revision: int, *vrms: str, name: str = "07_Cheshire") -> VoiList:
    return VoiList(name, revision, tuple(an_entry(v) for v in vrms), NOON)


def plain(lists: list[VoiList]) -> list[VoiList]:
    """Return lists with their entries as tuples: how a sequence comes back is left open."""
    return [replace(one, entries=tuple(one.entries)) for one in lists]


def test_that_a_new_revision_replaces_the_whole_list(store: Operational) -> None:
    store.put_list(a_list(1, "A1", "A2"))
    store.put_list(a_list(1, "A1", name="06_GMP"))
    store.put_list(a_list(2, "A3"))
    assert plain(store.lists()) == [a_list(1, "A1", name="06_GMP"), a_list(2, "A3")]


def test_that_a_revision_never_goes_back(store: Operational) -> None:
    store.put_list(a_list(3, "A3"))
    store.put_list(a_list(2, "A2"))
    assert plain(store.lists()) == [a_list(3, "A3")]
    store.put_list(a_list(3))
    assert plain(store.lists()) == [a_list(3)]


def test_that_a_list_nobody_distributes_is_removed(store: Operational) -> None:
    store.put_list(a_list(3, "A3"))
    store.drop_list("07_Cheshire")
    store.drop_list("07_Cheshire")
    assert store.lists() == []


# ------------------------------------------------------------------ accounts and cameras


def test_that_two_accounts_never_show_the_same_name(store: Operational) -> None:
    one = Account("akhan", "A. Khan", "hash", (Role.DISPATCHER,))
    store.put_account(one)
    with pytest.raises(ValueError, match="taken"):
        store.put_account(replace(one, username="akhan2"))
    changed = replace(one, roles=(Role.SUPERVISOR, Role.AUDITOR), is_disabled=True, scope="07/12")
    store.put_account(changed)
    other = Account("bjones", "B. Jones", "hash", (), is_cached=True)
    store.put_account(other)
    assert store.accounts() == [changed, other]
    store.drop_account("akhan")
    store.put_account(replace(other, username="c", name="A. Khan"))
    assert [a.username for a in store.accounts()] == ["bjones", "c"]


def test_that_a_camera_is_recorded_once_and_moves_when_it_says_so(store: Operational) -> None:
    camera = Camera(CameraId("07", 12, 3), "Oak", CameraKind.FIXED, Position(51.0, -2.0), "N")
    mobile = Camera(CameraId("07", 12, 4), "Van", CameraKind.MOBILE)
    store.put_cameras([camera, mobile])
    moved = replace(camera, position=Position(51.5, -2.0))
    store.put_cameras([moved])
    assert store.cameras() == [moved, mobile]


# ------------------------------------------------------------------ outages and facts


def test_that_an_outage_is_one_record_from_its_beginning_to_its_end(store: Operational) -> None:
    open_one = Outage("server", NOON)
    store.put_outage(open_one)
    assert store.open_outages() == [open_one]
    assert store.unsent_outages() == []
    ended = replace(open_one, ended_at=NOON + timedelta(minutes=1), reads_held=9)
    store.put_outage(ended)
    assert (store.open_outages(), store.unsent_outages()) == ([], [ended])
    store.mark_outages_sent([ended])
    assert store.unsent_outages() == []
    store.put_outage(replace(ended, reads_held=10))  # what changed has to be sent again
    assert len(store.unsent_outages()) == 1


def test_that_outages_are_listed_newest_first(store: Operational) -> None:
    times = [NOON, NOON + timedelta(microseconds=1), NOON + timedelta(seconds=1)]
    outages = [Outage("server", at, at) for at in times]
    for outage in outages:
        store.put_outage(outage)
    store.put_outage(Outage("cameras", NOON - timedelta(days=1)))
    assert store.outages()[:3] == outages[::-1]
    assert len(store.outages(2)) == 2


def test_that_facts_are_kept(store: Operational) -> None:
    assert store.fact("role") is None
    store.set_fact("role", "desk")
    store.set_fact("role", "force")
    assert store.fact("role") == "force"


def test_that_a_stream_from_above_is_resumed_where_it_is_live(store: Operational) -> None:
    store.put_hits([], source=("hits", 0, 3))
    store.resume("hits", "e1", 9)
    assert store.progress("hits").epoch == "e1"
    assert store.progress("hits").missing == 9  # of another store: nothing of it is held
    store.resume("hits", "e1", 12)
    assert store.progress("hits").missing == 12


# ------------------------------------------------------------------ what follows from steps


def closing(hit: Hit, minute: int = 1, **changes: object) -> DecidedStep:
    step = a_step(
        hit.hit_id, StepKind.OUTCOME, at=NOON + timedelta(minutes=minute), code="no_offence"
    )
    return decided(step, **changes)


def test_that_a_closing_the_server_refused_is_no_history(store: Operational) -> None:
    hit = a_hit()
    store.put_hits([hit])
    alone = closing(hit, is_provisional=True)
    store.put_steps([alone])
    assert store.history(None, 10).total == 1
    store.put_steps([replace(alone, is_provisional=False, is_accepted=False, refusal="closed")])
    assert store.history(None, 10).total == 0


def test_that_a_refusal_leaves_the_closing_that_counts(store: Operational) -> None:
    hit = a_hit()
    store.put_hits([hit])
    first = closing(hit)
    second = closing(hit, 2, is_accepted=False, refusal="closed")
    store.put_steps([first, second])
    (at,) = store.history(None, 10).closed_at
    assert at == first.step.at


def test_that_steps_ahead_of_their_hit_are_history_and_notice_once_it_is_there(
    store: Operational,
) -> None:
    hit = a_hit()
    said = decided(a_step(hit.hit_id, StepKind.NOTIFY, text="Sold in June"))
    store.put_steps([closing(hit), said])
    assert (store.history(None, 10).total, store.notices(10)) == (0, [])
    store.put_hits([hit])
    assert store.history(None, 10).hits == (hit,)
    assert [n.text for n in store.notices(10)] == ["Sold in June"]
    store.put_steps([replace(said, is_provisional=True)])
    assert len(store.notices(10)) == 1


def test_that_notices_are_found_by_list_and_left_out_where_they_must_be(
    store: Operational,
) -> None:
    hits = [a_hit(), a_hit("CD62XYZ", list_name="99_Other")]
    store.put_hits(hits)
    for minute, hit in enumerate(hits):
        at = NOON + timedelta(minutes=minute)
        store.put_steps([decided(a_step(hit.hit_id, StepKind.NOTIFY, at=at))])
    assert [n.list_name for n in store.notices(10)] == ["99_Other", "07_Cheshire VOI List"]
    assert [n.list_name for n in store.notices(10, "99_Other")] == ["99_Other"]
    assert [n.list_name for n in store.notices(10, but=["99_Other"])] == ["07_Cheshire VOI List"]
    assert len(store.notices(1)) == 1


def test_that_history_and_notices_go_with_the_hits_they_name(store: Operational) -> None:
    hit = a_hit()
    store.put_hits([hit])
    store.put_steps([closing(hit), decided(a_step(hit.hit_id, StepKind.NOTIFY))])
    assert store.drop_hits(NOON + timedelta(days=1), ()) == 1
    assert (store.history(None, 10).total, store.notices(10)) == (0, [])


def test_that_hits_closed_at_one_instant_stay_on_one_page(store: Operational) -> None:
    hits = [a_hit(f"AB5{n}ABC") for n in range(6)]
    store.put_hits(hits)
    for minute, some in ((1, hits[:2]), (2, hits[2:5]), (3, hits[5:])):
        store.put_steps([closing(hit, minute) for hit in some])
    first = store.history(None, 2)
    assert [h.hit_id for h in first.hits[:1]] == [hits[5].hit_id]
    assert {h.hit_id for h in first.hits} == {h.hit_id for h in hits[2:]}
    assert first.before is not None
    last = store.history(first.before, 2)
    assert {h.hit_id for h in last.hits} == {h.hit_id for h in hits[:2]}
    assert last.before is None
