"""What one vote costs a Jam with a thousand members.

All that the core does for it: deciding, reducing, the order of the queue and the order's digest. In mode
`fair`, where a vote may move other songs of the same person, with everybody's songs and (the worst case) with
all songs of one person; in mode `votes` besides. CPU time, so that others on the machine do not count.
"""

import itertools
import math
import random
import time

from msgspec.structs import replace

from benchmarks.harness import BenchmarkError
from benchmarks.report import ROUNDS, Gate, Report
from jam.commands import Vote
from jam.lineup import Lineup
from jam.rules import By
from jam.settings import Limits, Mode, Settings
from jam.state import Entry, Member, new_jam
from jam.step import step

MEMBERS = 1_000
SIZES = (125, 500, 2_000)
# As many songs of one person as a guest may have waiting.
SONGS_EACH = 5
VOTES = 2_000
VOTE_US_MAX = 200
START_MS = 1_000_000
HOST = "0000000000000000000000"


def run(rounds: int = ROUNDS) -> Report:
    report = Report("jam")
    for number in range(rounds):
        for entries in SIZES:
            _measure(report, _label(entries), "fair", entries, SONGS_EACH, number)
        _measure(report, "500 entries of one person", "fair", 500, 500, number)
        _measure(report, "500 entries by votes alone", "votes", 500, SONGS_EACH, number)
    cost = report.median(_label(500), "us_per_vote")
    report.gates.append(Gate("µs of a vote with 500 entries and 1,000 members", cost, at_most=VOTE_US_MAX))
    for less, more in itertools.pairwise(SIZES):
        growth = report.ratio(_label(more), _label(less), "us_per_vote")
        bound = round(more * math.log(more) / (less * math.log(less)), 2)
        report.gates.append(Gate(f"cost at {more:,} entries over that at {less:,}", growth, at_most=bound))
    return report


def _label(entries: int) -> str:
    return f"{entries:,} entries"


def _measure(report: Report, label: str, mode: Mode, entries: int, songs_each: int, seed: int) -> None:
    draw = random.Random(seed)
    lineup = _full(mode, entries, songs_each)
    ids, users = list(lineup.jam.entries), list(lineup.jam.members)
    votes = [
        (Vote(draw.choice(ids), draw.choice((-1, 1))), By(draw.choice(users), START_MS + 100 * number))
        for number in range(VOTES)
    ]
    counted = 0
    started_s = time.process_time()
    for vote, by in votes:
        decided = step(lineup, vote, by)
        if decided is not None:
            lineup, counted = decided.lineup, counted + 1
    seconds = time.process_time() - started_s
    if counted < VOTES * 9 // 10:
        raise BenchmarkError(f"only {counted} of {VOTES} votes changed anything")
    report.add(label, "us_per_vote", seconds / counted * 1e6)
    report.add(label, "votes_per_s", counted / seconds)


def _full(mode: Mode, entries: int, songs_each: int) -> Lineup:
    """A Jam with this many songs waiting, so many of each who added any."""
    settings = Settings(mode=mode, down_votes=True, limits=Limits(queue=max(SIZES)))
    jam = new_jam(HOST, "Host", START_MS, settings)
    others = {
        f"{number:022}": Member(name=f"Guest {number}", role="guest", since=START_MS, active_at=START_MS)
        for number in range(1, MEMBERS)
    }
    members = {**jam.members, **others}
    people = list(members)
    songs: dict[str, Entry] = {}
    for number in range(entries):
        adder = people[number % -(-entries // songs_each)]
        id = f"{adder}.{number}"
        track = {"track": f"tutti:track:{number}", "title": f"Song {number}", "duration_ms": 180_000}
        songs[id] = Entry(id, track, adder, START_MS, number + 1, number + 1, {adder: 1}, 1)
    return Lineup(replace(jam, members=members, entries=songs, adds=entries))
