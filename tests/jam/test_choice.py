"""The choice that is made from what a lineup keeps, beside the definition that sorts the whole queue."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jam.choice import next_entry
from jam.due import proposals
from jam.due_music import music_due
from jam.lineup import Lineup
from jam.queue import FALLBACK, PEOPLE, is_by_hand, keys, order
from jam.scene import Scene
from jam.smooth import features_of, smoothest
from jam.state import Jam
from jam.step import Decided
from tests.jam.lives import MODES, USERS, any_queue, life
from tests.ot.strategies import law

seeds = st.integers(0, 2**32).map(Random)


def plain_next(jam: Jam) -> str | None:
    """From the words: the locked one, else the first, else the smoothest of those that equal the first."""
    if jam.next in jam.entries and jam.next != jam.timeline.entry:
        return jam.next
    waiting = [id for id in order(jam) if id != jam.timeline.entry]
    playing = jam.entries.get(jam.timeline.entry)
    if not waiting or playing is None or not jam.settings.smooth:
        return waiting[0] if waiting else None
    known = keys(jam)
    first = known[waiting[0]]
    if is_by_hand(jam) or first[0] not in (PEOPLE, FALLBACK):
        return waiting[0]
    equals = [id for id in order(jam) if known[id][:3] == first[:3]]
    songs = [features_of(jam.entries[id].track) for id in equals]
    return equals[smoothest(features_of(playing.track), songs)]


@law
@given(seeds, st.sampled_from(MODES), st.booleans())
def test_any_queue_has_the_same_next(random: Random, mode: str, smooth: bool) -> None:
    jam = any_queue(random, mode)  # type: ignore[arg-type]
    jam = replace(jam, settings=replace(jam.settings, smooth=smooth))
    assert next_entry(jam, Lineup(jam)) == next_entry(jam) == plain_next(jam)


@law
@given(seeds)
def test_a_life_has_the_same_next_and_the_same_wishes(random: Random) -> None:
    """A lineup that has followed every event, and one made from scratch."""
    for moment in life(random, 60):
        kept, jam = moment.before, moment.before.jam
        assert next_entry(jam, kept) == next_entry(jam) == plain_next(jam)
        scene = any_scene(random, jam)
        now_ms = jam.at + random.choice((0, 1_000, 200_000))
        assert proposals(kept, scene, now_ms) == proposals(Lineup(jam), scene, now_ms)
        assert list(music_due(kept, scene)) == list(music_due(Lineup(jam), scene))


def test_a_lineup_of_another_jam_is_not_asked() -> None:
    """Who changes a Jam before choosing gets what that Jam says."""
    for moment in life(Random(5), 60):
        if isinstance(moment.outcome, Decided):
            after = moment.outcome.jam
            assert next_entry(after, moment.before) == plain_next(after)


def any_scene(random: Random, jam: Jam) -> Scene:
    entries = (*jam.entries, "gone", "")
    shown = {
        user: {
            "sync": {
                "rtt_ms": random.choice((0, 40, 5_000)),
                "ready": {random.choice(entries): random.choice((-1, 300, 90_000))},
                "fetching": random.choice(entries),
            }
        }
        for user in USERS
        if random.random() < 0.5
    }
    return Scene(dict.fromkeys(random.sample(USERS, 3), jam.at), {}, jam.started_at, shown)
