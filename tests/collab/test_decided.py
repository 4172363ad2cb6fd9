"""A room whose document is decided, not rebased: commands, members in the state, time and presence."""

from typing import Any

import pytest

from collab import ledger
from collab.codec import pack_body
from collab.ids import ROOM_CLIENT, server_client
from collab.messages import Ack, Opened, Ops, RoleChanged, SetPresence
from collab.prompter import AGAIN_MS, IN_A_ROW_MAX
from storage.rows import Commit, Snapshot
from tests.collab.ballot import AWAY_MS, Ballot, BallotKind, BallotState, dump
from tests.collab.rooms import NOW_MS, ROOM, Table, client_id, run
from tests.lookups import outcome

H, A, B = client_id("H"), client_id("A"), client_id("B")
ROLES = {"hal": "host", "ann": "guest", "bob": "guest"}


class BallotTable(Table):
    kind = BallotKind()
    first = Ballot(ROLES)

    def _create(self, length: int) -> None:
        run(
            self.store.create_document(
                ROOM, "ballot", "e1", "hal", pack_body(dump(self.first)), NOW_MS, "host"
            )
        )
        for user in ("ann", "bob"):
            run(self.store.set_member(ROOM, user, "guest"))

    @property
    def ballot(self) -> Ballot:
        assert isinstance(self.room.state, BallotState)
        return self.room.state.ballot

    @property
    def index(self) -> dict[str, str]:
        return dict(run(self.store.members(ROOM)))

    def all_enter(self) -> None:
        for connection, client, user in (("h", H, "hal"), ("a", A, "ann"), ("b", B, "bob")):
            self.enter(connection, client, user)
        self.work()

    def say(self, connection: str, seq: int, base: int = 0, **command: Any) -> None:
        self.submit(connection, seq, base, command)

    def pass_time(self, ms: int) -> None:
        """To the next timer within `ms`, and the next, as the edge does."""
        until_ms = self.now_ms + ms
        for _ in range(1000):
            due_ms = self.room.get_timer()
            if due_ms is None or due_ms > until_ms:
                break
            self.now_ms = max(self.now_ms, due_ms)
            self.perform(self.room.handle_timer(self.now_ms))
            self.work()
        else:
            raise AssertionError("the room's timer is a hot loop")
        self.now_ms = until_ms
        self.perform(self.room.handle_timer(until_ms))
        self.work()

    def events(self) -> list[str]:
        return [
            row.op["event"] for row in self.room.window.rows(self.room.window.start, self.room.head.version)
        ]


def table(**first: Any) -> BallotTable:
    class Prepared(BallotTable):
        pass

    Prepared.first = Ballot(ROLES, **first)
    return Prepared()


# -- commands --------------------------------------------------------------------------------------------


def test_a_command_becomes_an_event_for_everyone() -> None:
    here = table()
    here.all_enter()
    here.say("a", 1, do="vote", value=7)
    here.work()
    for connection in "hab":
        [ops] = [message for message in here.told[connection] if isinstance(message, Ops)]
        [row] = ops.ops
        assert (row.version, row.client, row.seq, row.author) == (1, A, 1, "ann")
        assert row.op == {"event": "voted", "by": "ann", "value": 7}
    assert here.room.rebased_over == [], "nothing was rewritten"


def test_a_command_that_changes_nothing_is_acked_and_consumes_its_seq() -> None:
    here = table()
    here.all_enter()
    here.say("a", 1, do="vote", value=7)
    here.say("a", 2, do="vote", value=7)
    here.work()
    assert here.last("a") == Ack(ROOM, 2, 1)
    assert run(outcome(here.store, ROOM, A)).seq == 2


def test_whoever_was_slower_is_decided_on_the_newer_state() -> None:
    here = table()
    there = here.another()
    here.all_enter()
    there.enter("b", B, "bob")
    there.work()
    here.say("h", 1, do="kick", user="bob")
    there.say("b", 1, do="vote", value=1)
    commit = there.next()
    assert isinstance(commit, Commit)
    here.work()
    there.do(commit)
    there.work()
    assert there.ballot.votes == {}
    assert run(outcome(there.store, ROOM, B)).code == "forbidden"


def test_a_base_means_nothing_unless_it_is_ahead() -> None:
    here = table()
    here.all_enter()
    for seq in range(1, 5):
        here.say("a", seq, do="vote", value=seq)
        here.work()
    run(here.store.add_snapshot(ROOM, "e1", Snapshot(4, pack_body(here.room.state.dump()))))
    run(here.store.forget_ops(ROOM, 4))
    later = here.another()
    later.enter("b", B, "bob", epoch="e1", version=0, inflight=1)
    later.work()
    assert later.opened("b").reason == "gone", "and nothing had to be settled first"
    later.say("b", 1, 0, do="vote", value=3)
    later.work()
    assert later.ballot.votes["bob"] == 3
    later.say("b", 2, 9, do="vote", value=4)
    later.work()
    assert later.refusal("b").code == "base_ahead"


def test_missed_events_come_one_by_one_or_as_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "DECIDED_ROWS_MAX", 4)
    monkeypatch.setattr(ledger, "DECIDED_BYTES_MAX", 300)
    monkeypatch.setattr(ledger, "SINGLE_ROWS_MAX", 2)
    here = table()
    here.all_enter()
    for seq in range(1, 6):
        here.say("a", seq, do="vote", value=seq)
        here.work()
    here.enter("b", B, "bob", epoch="e1", version=1)
    assert [(row.version, row.count) for row in here.opened("b").ops] == [(2, 1), (3, 1), (4, 1), (5, 1)]
    here.enter("b", B, "bob", epoch="e1", version=0)
    assert (here.opened("b").reason, here.opened("b").ops) == ("behind", ())
    assert here.room.missed(1, B) is not None
    assert here.room.missed(0, B) is None
    here.say("a", 6, do="size", bytes=400)
    here.work()
    assert here.room.missed(5, B) is None
    here.enter("b", B, "bob", epoch="e1", version=5)
    assert here.opened("b").snapshot is not None


def test_no_more_of_the_past_is_kept_than_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "DECIDED_ROWS_MAX", 4)
    monkeypatch.setattr(ledger, "DECIDED_BYTES_MAX", 300)
    here = table()
    here.all_enter()
    for seq in range(1, 9):
        here.say("a", seq, do="vote", value=seq)
        here.work()
    assert here.room.window.start == 4
    assert here.room.missed(4, B) is not None
    assert here.room.missed(3, B) is None
    here.say("a", 9, do="size", bytes=700)
    here.work()
    assert (here.room.window.start, here.room.window.end) == (8, 9)
    here.say("a", 10, do="vote", value=1)
    here.work()
    assert here.room.missed(9, B) is not None
    here.enter("b", B, "bob", epoch="e1", version=8)
    assert (here.opened("b").reason, here.opened("b").version) == ("behind", 10)


# -- members ---------------------------------------------------------------------------------------------


def test_members_are_the_states_whatever_the_table_says() -> None:
    class Stale(BallotTable):
        first = Ballot({"hal": "host", "cy": "guest"})

    here = Stale()
    assert dict(here.room.members) == {"hal": "host", "cy": "guest"}
    here.enter("b", B, "bob")
    assert here.refusal("b").code == "not_found"


def test_a_kick_is_over_in_the_turn_of_its_commit() -> None:
    here = table()
    here.all_enter()
    here.say("h", 1, do="kick", user="bob")
    here.say("b", 1, do="vote", value=1)
    commit = here.next()
    assert isinstance(commit, Commit)
    assert commit.members == (("bob", None),)
    assert [(row.client_id, row.code) for row in commit.settled] == [(H, ""), (B, "forbidden")]
    here.do(commit)
    assert here.evicted == ["b"]
    assert here.last("b") == RoleChanged(ROOM, "")
    assert here.index == {"hal": "host", "ann": "guest"}
    here.enter("b", B, "bob", epoch="e1", version=0)
    assert here.refusal("b").code == "not_found"


def test_another_nodes_kick_ends_the_seat_with_its_news() -> None:
    here = table()
    there = here.another()
    here.all_enter()
    there.enter("b", B, "bob")
    there.work()
    here.say("h", 1, do="kick", user="bob")
    here.work()
    there.room.receive_hint("e1", 1, here.room.head.changes)
    there.work()
    assert there.evicted == ["b"]


def test_a_commit_without_a_change_of_roles_leaves_the_index_alone() -> None:
    here = table()
    here.all_enter()
    here.say("a", 1, do="vote", value=1)
    commit = here.next()
    assert isinstance(commit, Commit)
    assert commit.members == ()


def test_the_server_lets_somebody_in_who_is_no_member() -> None:
    here = table()
    here.all_enter()
    client = server_client(client_id("X"))
    here.knock("x", client, "cy", None, is_vouched=True)
    opened = here.last("x")
    assert isinstance(opened, Opened)
    assert (opened.snapshot, opened.role) == (None, ""), "it is let in to ask, not to see"
    here.say("x", 1, do="join", role="guest")
    here.work()
    assert here.ballot.roles["cy"] == "guest"
    assert here.index["cy"] == "guest"
    [row] = here.room.window.rows(0, 1)
    assert (row.author, row.client, row.op["name"]) == ("cy", client, "Cy")
    assert {member.user for member in here.room.company.presences.shown()} == {"hal", "ann", "bob"}


def test_only_the_server_may_ask_for_somebody_else() -> None:
    here = table()
    here.all_enter()
    here.say("a", 1, do="join", role="host")
    here.work()
    assert here.refusal("a").code == "forbidden"


# -- time and presence ------------------------------------------------------------------------------------


def test_what_time_wants_is_committed_by_the_room_itself() -> None:
    here = table(closes_ms=NOW_MS + 5000)
    here.all_enter()
    assert here.room.get_timer() == NOW_MS + 5000
    here.pass_time(4999)
    assert here.events() == []
    here.pass_time(1)
    assert here.ballot.is_closed
    [row] = here.room.window.rows(0, 1)
    assert (row.client, row.seq, row.author) == (ROOM_CLIENT, 1, "")
    settled = run(outcome(here.store, ROOM, ROOM_CLIENT))
    assert (settled.seq, settled.version, settled.user_id) == (1, 1, "")


def test_two_nodes_want_it_and_it_happens_once() -> None:
    here = table(closes_ms=NOW_MS + 100)
    there = here.another()
    here.all_enter()
    there.enter("b", B, "bob")
    there.work()
    for node in (here, there):
        node.now_ms = NOW_MS + 100
        node.room.handle_timer(node.now_ms)
    commits = [here.next(), there.next()]
    assert all(isinstance(commit, Commit) for commit in commits)
    here.do(commits[0])  # type: ignore[arg-type]
    there.do(commits[1])  # type: ignore[arg-type]
    there.work()
    assert (there.room.head.version, there.events()) == (1, ["closed"])


def test_an_unknown_outcome_is_asked_for_before_it_is_wanted_again() -> None:
    here = table(closes_ms=NOW_MS)
    commit = here.next()
    assert isinstance(commit, Commit)
    run(here.store.commit([commit]))
    here.perform(here.room.lost(raced=False))
    here.work()
    here.pass_time(10 * AGAIN_MS)
    assert here.events() == ["closed"]


def test_several_wishes_and_what_people_say_go_into_one_commit() -> None:
    here = table(wants=("count", "count"), closes_ms=NOW_MS)
    here.enter("a", A, "ann")
    here.say("a", 1, do="vote", value=2)
    commit = here.next()
    assert isinstance(commit, Commit)
    assert [(row.client_id, row.seq) for row in commit.ops] == [
        (ROOM_CLIENT, 1),
        (ROOM_CLIENT, 2),
        (ROOM_CLIENT, 3),
    ]
    assert [(row.client_id, row.seq, row.code) for row in commit.settled] == [
        (ROOM_CLIENT, 3, ""),
        (A, 1, "forbidden"),
    ]


def test_who_stays_away_is_missed_and_who_comes_back_is_not() -> None:
    here = table()
    here.all_enter()
    here.room.leave("a")
    here.room.leave("b")
    here.work()
    here.pass_time(AWAY_MS // 2)
    here.enter("b", B, "bob")
    here.work()
    here.pass_time(AWAY_MS)
    assert (here.ballot.away, here.room.head.version) == (("ann",), 1)


def test_what_somebody_shows_can_be_waited_for() -> None:
    here = table(closes_ms=NOW_MS + 60_000)
    here.all_enter()
    here.perform(here.room.set_presence("h", SetPresence(ROOM, 1, {"close": True})))
    here.pass_time(AGAIN_MS)
    assert here.ballot.is_closed


def test_wishes_in_vain_are_counted_and_cost_little() -> None:
    here = table(wants=("nothing", "fly"))
    here.all_enter()
    asked = 0
    for _ in range(100):
        assert here.next() is None
        asked += len(here.room.refused_proposals)
    assert asked <= 1
    here.now_ms += AGAIN_MS
    assert here.next() is None
    assert here.room.refused_proposals == ["forbidden"]
    assert here.room.head.version == 0


def test_a_kind_that_wants_without_end_does_not_run_hot() -> None:
    here = table(wants=("count",))
    here.all_enter()
    assert here.ballot.count == IN_A_ROW_MAX
    here.pass_time(4 * AGAIN_MS)
    assert here.ballot.count <= IN_A_ROW_MAX + 5


def test_a_room_without_people_lives_until_its_document_is_done() -> None:
    here = table(closes_ms=NOW_MS + 5000)
    here.work()
    assert here.room.lives
    assert not here.room.is_idle
    here.pass_time(5000)
    assert here.ballot.is_closed
    assert here.room.is_idle


def test_a_room_in_which_nothing_is_due_is_idle_without_people() -> None:
    here = table()
    here.work()
    assert here.room.is_idle


def test_a_deleted_document_does_not_live() -> None:
    here = table(closes_ms=NOW_MS + 5000)
    here.all_enter()
    run(here.store.delete_document(ROOM))
    here.room.ask_for_news()
    here.work()
    assert here.room.is_idle
    assert here.room.get_timer() is None


def test_another_epoch_brings_its_own_members() -> None:
    here = table()
    here.all_enter()
    run(here.store.set_epoch(ROOM, "e2"))
    here.room.receive_hint("e2", 0, 1)
    here.work()
    assert here.opened("a").reason == "epoch"
    here.enter("a", A, "ann", epoch="e2", version=0)
    here.say("a", 1, do="vote", value=1)
    here.work()
    assert here.ballot.votes == {"ann": 1}
