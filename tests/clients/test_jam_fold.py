"""The Jam's real rules behind a replica: what the server decides and what a client folds is the same."""

from random import Random
from typing import Any

import pytest

from collab.messages import Body
from jam.commands import decode_command, encode_command
from jam.events import encode_event
from jam.lineup import Lineup
from jam.refusal import JamRefusal
from jam.rules import By as JamBy
from jam.rules import Source
from jam.settings import Settings
from jam.state import dump, new_jam
from jam.step import step
from tutti_client.fold import By, Unfit
from tutti_client.jam_fold import JamFold

ANN, BEN = "A" * 22, "B" * 22


class Server:
    """Decides; `log` holds the events as they travel."""

    def __init__(self) -> None:
        self.lineup = Lineup(new_jam(ANN, "Ann", 1_000, Settings()))
        self.log: list[Body] = []
        self.at_ms = 1_000
        join = {"do": "join", "user": BEN, "name": "Ben", "role": "guest", "generation": 1}
        self.give(join, BEN, Source.SERVER)

    def give(self, command: Body, user: str, source: Source = Source.CLIENT) -> None:
        """Raises JamRefusal."""
        self.at_ms += 1_000
        decided = step(self.lineup, decode_command(command), JamBy(user, self.at_ms, source))
        if decided is not None:
            self.lineup = decided.lineup
            self.log.append(encode_event(decided.event))


def add(entry: str) -> Body:
    return {"do": "add", "entry": entry, "track": {"track": f"tutti:track:{entry}", "duration_ms": 60_000}}


def commands(random: Random, number: int) -> tuple[Body, str]:
    user, entry = random.choice((ANN, BEN)), f"{ANN}.{random.randint(1, max(1, number // 3))}"
    kinds: list[Body] = [
        add(f"{user}.{number}"),
        {"do": "vote", "entry": entry, "value": random.choice((0, 1))},
        {"do": "pin", "entry": entry, "reign": 1},
        {"do": "remove", "entry": entry, "reign": 1},
        {"do": random.choice(("play", "pause", "clear")), "reign": 1},
        {"do": "set", "settings": {"mode": random.choice(("votes", "fair", "queue"))}, "reign": 1},
    ]
    return random.choices(kinds, (12, 8, 2, 2, 1, 1))[0], user


@pytest.mark.parametrize("seed", range(5))
def test_a_client_folds_and_foresees_what_the_server_decides(seed: int) -> None:
    random, fold, server = Random(seed), JamFold(), Server()
    state = fold.load(dump(Lineup(new_jam(ANN, "Ann", 1_000, Settings())).jam))
    state = fold.reduce(state, server.log[0])
    for number in range(1, 200):
        command, user = commands(random, number)
        predicted = fold.predict(state, command, By(user, user), server.at_ms + 1_000)
        known = len(server.log)
        try:
            server.give(command, user)
        except JamRefusal:
            assert predicted is state
        if len(server.log) == known:
            assert predicted is state
            continue
        state = fold.reduce(state, server.log[-1])
        assert fold.order_digest(state) == server.log[-1]["order"] == fold.order_digest(predicted)
        assert fold.digest(state) == fold.digest(server.lineup) == fold.digest(predicted)
    assert len(server.log) > 40
    assert fold.digest(fold.load(dump(state.jam))) == fold.digest(state)


@pytest.mark.parametrize("event", [{}, {"event": "danced", "at": 1, "by": ""}, {"event": "voted", "at": "x"}])
def test_what_is_no_event_or_does_not_fit_is_said_so(event: Any) -> None:
    fold = JamFold()
    state = Server().lineup
    with pytest.raises(Unfit):
        fold.reduce(state, event)
    with pytest.raises(Unfit):
        fold.reduce(state, {"event": "voted", "at": 9_000, "by": BEN, "entry": "gone", "value": 1})
    with pytest.raises(Unfit, match="no setting 'lights'"):
        fold.reduce(state, {"event": "settings_set", "at": 9_000, "by": ANN, "settings": {"lights": True}})
    with pytest.raises(Unfit):
        fold.load({"host": 1})
    assert fold.predict(state, {"do": "dance"}, By(ANN, ANN), 0) is state


def test_commands_name_what_they_add_and_can_be_renamed() -> None:
    fold = JamFold()
    track = {"track": "t:t"}
    fallback: Body = {"do": "fallback", "tracks": [["old.1", track], ["else", track]], "reign": 1}
    assert fold.adds(add("old.1")) == ["old.1"]
    assert fold.adds(fallback) == ["old.1", "else"]
    assert fold.adds({"do": "vote", "entry": "old.1", "value": 1}) == []
    names = {"old.1": "new.1", "old.2": "new.2"}
    assert fold.renamed(add("old.1"), names)["entry"] == "new.1"
    assert fold.renamed(fallback, names)["tracks"] == [["new.1", track], ["else", track]]
    moved = {"do": "move", "entry": "old.2", "before": "old.1", "reign": 1}
    assert fold.renamed(moved, names) == {"do": "move", "entry": "new.2", "before": "new.1", "reign": 1}
    assert fold.renamed({"do": "say", "text": "old.1"}, names) == {"do": "say", "text": "old.1"}
    for command in (fallback, moved):
        assert encode_command(decode_command(fold.renamed(command, names)))["do"] == command["do"]
