"""A slice of `make soak-jam`, and that each of its checks can fail."""

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from msgspec import structs

from jam import commands as c
from jam import events as e
from jam.events import encode_event
from jam.log import Begin, Line, Logged
from jam.settings import Settings
from jam.state import dump, new_jam
from tests.integration.soak_jam.judge import judge
from tests.integration.soak_jam.ledger import FINDINGS_MAX, Ledger
from tests.integration.soak_jam.reports import Folded, Heard, Pressed, Rests, Settled, Troubled
from tests.integration.soak_jam.soak import soak
from tests.integration.soak_jam.timeline import Sample, Watch
from tests.integration.soak_jam.troubles import Plan
from tests.jam.party import START, Party


def test_a_short_evening(tmp_path: Path) -> None:
    plan = Plan(members=10, versions=600, seconds=0, kills=1, comes_late=False, commands_s=70, seed=7)
    outcome = soak(tmp_path, plan)
    assert outcome.findings == [], outcome.lines


class TestJumps:
    """The song began at 1,000 of the room's clock, which is 900 ahead of the device's."""

    began: ClassVar = {"event": "advanced", "position_ms": 0, "anchor_ms": 1_000, "entry": "e", "play": 0}
    sample = Sample(
        now_ms=100.4,
        offset_ms=900.0,
        restarts=0,
        play=1,
        position_ms=0,
        duration_ms=3_000,
        is_paused=False,
        is_moving=True,
    )

    def at(self, now_ms: float, position_ms: int, **more: Any) -> Sample:
        return replace(self.sample, now_ms=now_ms, position_ms=position_ms, **more)

    @pytest.fixture
    def watch(self) -> Watch:
        watch = Watch()
        watch.happened(self.began)
        assert watch.look(self.sample) is None
        return watch

    def test_music_that_goes_on_does_not_jump(self, watch: Watch) -> None:
        assert watch.look(self.at(200, 100)) is None
        watch.happened({"event": "acting", "user": "ben"})
        watch.happened({"event": "voted", "entry": "e", "value": 1})
        assert watch.look(self.at(300, 201)) is None
        assert watch.look(self.at(5_000, 3_000, is_moving=False)) is None
        watch.happened({"event": "paused", "position_ms": 3_000, "at": 6_000})
        assert watch.look(self.at(5_200, 3_000, is_paused=True, is_moving=False)) is None
        assert (watch.samples, watch.steps) == (5, 0)

    def test_a_jump_that_no_event_said(self, watch: Watch) -> None:
        watch.happened({"event": "acting", "user": "ben"})
        assert "the events say 100 ms" in str(watch.look(self.at(200, 130)))

    def test_a_jump_whose_place_nobody_knows(self) -> None:
        watch = Watch()
        watch.reloaded()
        assert watch.look(self.at(100, 1_000)) is None
        assert watch.look(self.at(200, 1_100)) is None
        assert "moved by 130 ms in 100 ms" in str(watch.look(self.at(300, 1_230)))
        assert "moved by 0 ms in 100 ms" in str(watch.look(self.at(400, 1_230)))
        assert "moved by -20 ms" in str(watch.look(self.at(500, 1_210)))
        assert "became 2 without an event" in str(watch.look(self.at(600, 1_310, play=2)))

    def test_a_pause_that_moves(self) -> None:
        watch = Watch()
        assert watch.look(self.at(100, 500, is_paused=True, is_moving=False)) is None
        assert watch.look(self.at(200, 510, is_paused=True, is_moving=False)) is not None

    def test_an_event_that_is_not_heard(self, watch: Watch) -> None:
        watch.happened({"event": "sought", "position_ms": 2_000, "anchor_ms": 1_100})
        assert "the events say 2050 ms" in str(watch.look(self.at(250, 250)))

    def test_an_event_that_is_heard(self, watch: Watch) -> None:
        watch.happened({"event": "sought", "position_ms": 2_000, "anchor_ms": 1_100})
        assert watch.look(self.at(250, 2_050)) is None

    def test_a_clock_that_is_set_anew_is_counted(self) -> None:
        watch = Watch()
        assert watch.look(self.at(100, 500)) is None
        assert watch.look(self.at(200, 700, restarts=1, offset_ms=1_000.0)) is None
        assert watch.steps == 1


class TestLedger:
    def test_what_is_in_order(self) -> None:
        ledger = Ledger()
        for who in ("ann", "ben"):
            ledger.receive(Folded(who, 1, "aa"))
            ledger.receive(Rests(who, 1, "dd"))
        ledger.receive(Settled("ann", "next", "", 4.0))
        ledger.receive(Settled("ann", "next", "other_play", 6.0))
        ledger.receive(Pressed("ann", 1, ("", "other_play")))
        ledger.receive(Heard("ann", 50, 1, ()))
        ledger.receive(Troubled("ben", "resynced"))
        ledger.compare_orders({1: "aa"})
        ledger.compare_rests(1, "dd", 2)
        assert (ledger.findings, ledger.wrong, ledger.folds) == ([], 0, 2)
        assert (ledger.took(50), ledger.took(99)) == (6.0, 6.0)

    def test_what_is_not(self) -> None:
        ledger = Ledger()
        ledger.receive(Folded("ann", 1, "aa"))
        ledger.receive(Folded("ben", 1, "bb"))
        ledger.receive(Pressed("cleo", 3, ("", "")))
        ledger.receive(Heard("dan", 50, 0, ("play 3 moved",)))
        ledger.receive(Troubled("eve", "diverged"))
        ledger.receive(Rests("fay", 2, "dd"))
        ledger.compare_orders({1: "cc", 2: "dd"})
        ledger.compare_rests(2, "ee", 2)
        told = " ".join(ledger.findings)
        assert ledger.wrong == 8
        for who in ("ben has another", "cleo at play 3", "dan play 3 moved", "eve diverged", "fay ends"):
            assert who in told
        assert "ann has another order than the log" in told
        assert "Nobody folded version 2." in told
        assert "1 of 2 replicas" in told

    def test_more_of_the_same_is_counted_and_not_kept(self) -> None:
        ledger = Ledger()
        for number in range(2 * FINDINGS_MAX):
            ledger.find(f"{number}")
        assert (ledger.wrong, len(ledger.findings)) == (2 * FINDINGS_MAX, FINDINGS_MAX)


class TestJudge:
    """An evening on which the host dies and comes back, with one thing in it changed."""

    @pytest.fixture
    def party(self) -> Party:
        party = Party(None, "ben", "cleo")
        party.add("ann", "one", 100)
        party.add("ben", "two", 100)
        party.steer("ann", c.Play)
        party.goes("ann")
        party.passes(80_000)
        party.comes("ann")
        party.passes(30_000)
        party.steer("ann", c.Kick, "cleo")
        return party

    def judged(self, party: Party, *tampered: e.Event) -> list[str]:
        lines: list[Line] = [Begin("jam", 0, dump(new_jam("ann", "Ann", START, Settings())))]
        for version, event in enumerate([*party.events, *tampered], 1):
            lines.append(Logged(version, event.by, version, event.by, encode_event(event)))
        return judge(lines).findings

    def swapped(self, party: Party, kind: type[e.Event], **fields: Any) -> list[str]:
        """What is found if the first event of a kind says something else."""
        place = next(n for n, event in enumerate(party.events) if isinstance(event, kind))
        party.events[place] = structs.replace(party.events[place], **fields)
        return self.judged(party)

    def test_an_evening_by_the_rules(self, party: Party) -> None:
        assert self.judged(party) == []
        kinds = [type(event) for event in party.events]
        assert e.Acting in kinds
        assert any(isinstance(event, e.CameBack) and event.host for event in party.events)

    def test_another_order(self, party: Party) -> None:
        assert "another order" in " ".join(self.swapped(party, e.Added, order="0" * 16))

    def test_somebody_who_is_not_first_in_line(self, party: Party) -> None:
        assert "not first in line" in " ".join(self.swapped(party, e.Acting, user="cleo"))

    def test_a_host_who_was_not_away_long_enough(self, party: Party) -> None:
        acting = next(event for event in party.events if isinstance(event, e.Acting))
        assert "long enough" in " ".join(self.swapped(party, e.Acting, at=acting.at - 1))

    def test_a_host_who_returned_and_did_not_get_the_role(self, party: Party) -> None:
        assert "the host's return" in " ".join(self.swapped(party, e.CameBack, host=""))

    def test_a_host_who_came_too_late_and_got_it(self, party: Party) -> None:
        late = party.now_ms + 30 * 60_000
        assert "the host's return" in " ".join(self.swapped(party, e.CameBack, at=late))

    def test_a_play_that_ends_twice(self, party: Party) -> None:
        first = next(event for event in party.events if isinstance(event, e.Advanced) and event.play == 1)
        found = " ".join(self.judged(party, structs.replace(first, at=party.jam.at, entry="")))
        assert "ends play 1 while 2 plays" in found
        assert "a second time" in found

    def test_a_deed_of_somebody_who_was_thrown_out(self, party: Party) -> None:
        removed = e.Removed(at=party.jam.at, by="cleo", entry=next(iter(party.jam.entries)))
        assert "no member" in " ".join(self.judged(party, removed))
