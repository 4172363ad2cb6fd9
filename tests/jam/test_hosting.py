import pytest
from msgspec.structs import replace

from jam import commands as c
from jam import events as e
from jam.refusal import JamRefusal
from jam.settings import Settings
from jam.state import role_of
from tests.jam.party import Party

AWAY = 10_000 + 60_000  # until the node is sure, and until somebody acts


def test_handing_over_ends_a_reign() -> None:
    party = Party(None, "bob")
    party.steer("ann", c.HandOver, "bob")
    assert (party.jam.host, party.jam.reign) == ("bob", 2)
    assert (role_of(party.jam, "ann"), role_of(party.jam, "bob")) == ("cohost", "host")
    assert party.refused("ann", c.Pause(reign=1)) == "old_reign"
    assert party.refused("bob", c.Pause(reign=1)) == "old_reign"
    assert party.refused("ann", c.HandOver("ann", reign=2)) == "forbidden"


@pytest.mark.parametrize("target", ["listener", "away", "gone"])
def test_to_whom_a_jam_is_not_handed(target: str) -> None:
    party = Party(None, "away")
    party.join("listener", "listener")
    party.goes("away")
    party.passes(20_000)
    code = party.refused("ann", c.HandOver(target, reign=1))
    assert code == ("member_gone" if target == "gone" else "forbidden")


class TestActing:
    def test_a_co_host_first_and_the_host_returns(self) -> None:
        party = Party(None, "bob", "cid")
        party.steer("ann", c.Promote, "cid", "cohost")
        party.goes("ann")
        assert party.passes(AWAY - 1)[-1] == e.WentAway(
            at=party.now_ms - AWAY + 10_001, by="", order=party.jam and party.events[-1].order, users=["ann"]
        )
        party.passes(1)
        assert (party.jam.host, party.jam.reign, party.jam.returning) == ("cid", 2, "ann")
        party.comes("ann")
        party.passes(1)
        assert (party.jam.host, party.jam.reign, party.jam.returning) == ("ann", 3, "")
        assert role_of(party.jam, "cid") == "cohost"

    def test_without_co_hosts_the_one_who_is_here_longest(self) -> None:
        party = Party()
        party.join("listener", "listener")
        party.now_ms += 1
        for user in ("bob", "cid"):
            party.join(user)
            party.now_ms += 1
        party.goes("bob")
        party.goes("ann")
        party.passes(AWAY)
        assert party.jam.host == "cid"
        # Who acts is host while it lasts, and what they were before afterwards.
        party.comes("ann")
        party.passes(1)
        assert role_of(party.jam, "cid") == "guest"

    def test_who_returns_too_late_is_a_co_host(self) -> None:
        party = Party(None, "bob")
        party.goes("ann")
        party.passes(AWAY + 30 * 60_000 + 1)
        party.comes("ann")
        party.passes(1)
        assert (party.jam.host, role_of(party.jam, "ann")) == ("bob", "cohost")

    def test_when_the_acting_host_vanishes_too_the_first_one_may_still_return(self) -> None:
        party = Party(None, "bob", "cid")
        party.goes("ann")
        party.passes(AWAY)
        party.goes(party.jam.host)
        party.passes(AWAY)
        assert (party.jam.reign, party.jam.returning) == (3, "ann")
        party.comes("ann")
        party.passes(1)
        assert party.jam.host == "ann"

    def test_who_lost_the_role_for_good_does_not_keep_it_from_the_next(self) -> None:
        party = Party(None, "bob", "cid")
        party.goes("ann")
        party.passes(AWAY + 30 * 60_000 + 1)
        assert party.jam.host == "bob"
        party.goes("bob")
        party.passes(AWAY)
        assert (party.jam.host, party.jam.returning) == ("cid", "bob")
        party.comes("bob")
        party.passes(1)
        assert party.jam.host == "bob"

    @pytest.mark.parametrize("command", [c.Kick("ann"), c.Ban("ann"), c.Promote("ann", "listener")])
    def test_who_acts_does_not_decide_about_the_one_they_act_for(self, command: c.Steering) -> None:
        party = Party(None, "bob")
        party.goes("ann")
        party.passes(AWAY)
        assert party.refused("bob", replace(command, reign=2)) == "forbidden"
        party.passes(30 * 60_000)
        assert party.refused("bob", replace(command, reign=2)) == "forbidden"
        party.passes(1)
        assert party.do("bob", replace(command, reign=2)) is not None

    def test_who_acts_hands_over_what_they_have_and_no_more(self) -> None:
        party = Party(None, "bob", "cid")
        party.goes("ann")
        party.passes(AWAY)
        party.steer("bob", c.HandOver, "cid")
        assert (party.jam.host, party.jam.returning) == ("cid", "ann")
        party.comes("ann")
        party.passes(1)
        assert (party.jam.host, party.jam.returning) == ("ann", "")

    def test_a_host_who_returned_too_late_may_be_given_the_role(self) -> None:
        party = Party(None, "bob")
        party.goes("ann")
        party.passes(AWAY + 30 * 60_000 + 1)
        party.comes("ann")
        party.passes(1)
        party.steer("bob", c.HandOver, "ann")
        assert (party.jam.host, party.jam.returning, party.jam.returning_until) == ("ann", "", 0)

    def test_who_acts_does_not_end_the_jam_while_the_host_may_return(self) -> None:
        party = Party(None, "bob")
        party.goes("ann")
        party.passes(AWAY)
        assert party.refused("bob", c.End(reign=2)) == "forbidden"
        party.passes(30 * 60_000 + 1)
        party.steer("bob", c.End)
        assert party.jam.status == "ended"

    def test_a_short_absence_changes_nothing(self) -> None:
        party = Party(None, "bob")
        party.goes("ann")
        party.passes(9_000)
        party.comes("ann")
        assert party.passes(120_000) == []
        assert party.jam.reign == 1

    def test_somebody_else_s_return_does_not_count(self) -> None:
        party = Party(None, "bob", "cid")
        party.goes("ann")
        party.goes("cid")
        party.passes(AWAY)
        party.comes("cid")
        party.passes(1)
        assert party.jam.host == "bob"


class TestSettings:
    def test_some_are_changed_and_the_rest_stands(self) -> None:
        party = Party()
        party.steer("ann", c.Set, {"mode": "votes", "name": "Saturday"})
        assert party.jam.settings == Settings(mode="votes", name="Saturday")
        assert party.steer("ann", c.Set, {"mode": "votes"}) is None

    @pytest.mark.parametrize(
        "settings",
        [
            {"mode": "chaos"},
            {"volume": 101},
            {"volume": 1.5},
            {"name": " "},
            {"name": "x" * 101},
            {"name": "a\u202eb"},
            {"times": {}},
            {"limits": {"seats": 10**9}},
            {"no_such": 1},
            {"down_votes": "yes"},
        ],
    )
    def test_what_is_no_setting(self, settings: dict[str, object]) -> None:
        assert Party().refused("ann", c.Set(settings, reign=1)) == "setting_invalid"

    def test_a_switch_lets_guests_set_the_volume_and_nothing_else(self) -> None:
        party = Party(Settings(guests_volume=True), "bob")
        party.do("bob", c.Set({"volume": 10}))
        assert party.jam.settings.volume == 10
        assert party.refused("bob", c.Set({"volume": 10, "mode": "host"})) == "forbidden"
        party.steer("ann", c.Set, {"guests_volume": False})
        assert party.refused("bob", c.Set({"volume": 20})) == "forbidden"


def test_an_end_is_an_end() -> None:
    party = Party(None, "bob")
    party.add("ann", "x")
    party.steer("ann", c.Play)
    party.passes(5_000)
    party.steer("ann", c.End)
    assert (party.jam.status, party.jam.timeline.paused) == ("ended", True)
    assert party.refused("bob", c.Say("bye")) == "jam_ended"
    with pytest.raises(JamRefusal, match="jam_ended"):
        party.join("cid")
    party.goes("bob")
    assert party.passes(48 * 3_600_000) == []
    # Even the host may go now.
    party.do("ann", c.Leave())
