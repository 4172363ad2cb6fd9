"""How many of the tracks that people put last into a playlist are suggested from the others.

Of each recorded playlist, as it was last, the last fifth is held out: suggestions for the first four fifths
are asked from these and all other playlists whole, as the server would. The reference suggests what stands in
the most playlists. Recall is the share of the tracks held out that are among the first thirty; many of them
stand in no other playlist, so `reachable` says how large it could be at all. Needs the recorded playlists
beside the checkout.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from benchmarks.harness import FOLDER, BenchmarkError
from benchmarks.report import ROUNDS, Gate, Report
from collab.errors import CannotStart
from collab.replay.recordings import read_recordings
from jam.suggest import CoOccurrence

DATA: Final = FOLDER.parents[1] / "shared" / "data"
SUGGESTED: Final = 30
# As on the server for somebody none of whose lists these are: nothing that stands in a single list.
STRANGER: Final = 2

OURS, TO_STRANGERS, POPULAR, REACHABLE = "cosine", "cosine, to strangers", "popularity", "reachable"
RECALL, SPENT = f"recall@{SUGGESTED}, %", "ms a question"

# From the tracks of a playlist, those suggested.
Suggest: TypeAlias = Callable[[list[str]], Iterable[str]]


def run(rounds: int = ROUNDS) -> Report:
    """Nothing is drawn, so one round says all; more of them only measure the time better."""
    playlists = _playlists()
    report = Report("suggest")
    for _ in range(rounds):
        _measure(report, playlists)
    report.gates = [
        Gate("recall, × popularity", report.ratio(OURS, POPULAR, RECALL), at_least=2),
        Gate("recall to strangers, × popularity", report.ratio(TO_STRANGERS, POPULAR, RECALL), at_least=1.5),
    ]
    return report


def _playlists() -> list[list[str]]:
    """Each as it was last, without repetitions."""
    try:
        recordings = read_recordings(DATA / "histories.jsonl.gz", 1_000_000)
    except CannotStart as error:
        raise BenchmarkError(str(error)) from None
    return [list(dict.fromkeys(map(str, recording.versions[-1]))) for recording in recordings]


def _measure(report: Report, playlists: list[list[str]]) -> None:
    index = CoOccurrence()
    standing: Counter[str] = Counter()
    for number, tracks in enumerate(playlists):
        index.add_basket(str(number), tracks)
        standing.update(tracks)

    def cosine(tracks: list[str], least: int = 1) -> Iterable[str]:
        return [found.track for found in index.suggest(tracks, (), SUGGESTED, baskets_min=least)]

    def popular(tracks: list[str]) -> Iterable[str]:
        known = set(tracks)
        ranked = sorted((-count, track) for track, count in standing.items() if count and track not in known)
        return [track for _, track in ranked[:SUGGESTED]]

    contenders: dict[str, Suggest] = {
        OURS: cosine,
        TO_STRANGERS: lambda tracks: cosine(tracks, STRANGER),
        POPULAR: popular,
    }
    hits, held = Counter[str](), 0
    spent_s = dict.fromkeys(contenders, 0.0)
    for number, tracks in enumerate(playlists):
        kept = len(tracks) - len(tracks) // 5
        shown, out = tracks[:kept], set(tracks[kept:])
        held += len(out)
        index.change(str(number), (), out)
        standing.subtract(out)
        for name, suggest in contenders.items():
            began_s = time.perf_counter()
            suggested = suggest(shown)
            spent_s[name] += time.perf_counter() - began_s
            hits[name] += len(out.intersection(suggested))
        hits[REACHABLE] += sum(standing[track] > 0 for track in out)
        index.change(str(number), out, ())
        standing.update(out)
    for name, count in hits.items():
        report.add(name, RECALL, 100 * count / held)
    for name, seconds in spent_s.items():
        report.add(name, SPENT, 1000 * seconds / len(playlists))
