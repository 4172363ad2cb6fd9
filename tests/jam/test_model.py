"""A short slice of the benchmarks `clock` and `sync`: the same model, fewer sessions, looser bounds. By seed:
the figures are the same in every run."""

from random import Random

import pytest

from benchmarks.jam_model.network import DARK, LAN, MOBILE, WIFI, Network, Path
from benchmarks.jam_model.rules import MEDIAN, OURS, QUICKEST, SINGLE
from benchmarks.jam_model.session import Rule, percentiles, simulate

SEED = 1


@pytest.mark.parametrize(
    ("network", "clock_ms", "playback_ms"),
    [(LAN, 0.3, 2.0), (WIFI, 0.7, 2.5), (MOBILE, 4.0, 5.0), (DARK, 0.3, 2.0)],
    ids=lambda value: value.name if isinstance(value, Network) else None,
)
def test_everyone_hears_the_same_beat(network: Network, clock_ms: float, playback_ms: float) -> None:
    # The dark lasts until the ninth minute.
    figures = simulate(OURS, network, SEED, sessions=2, minutes=10 if network is DARK else 5)
    assert percentiles(figures.clock_ms)[2] <= clock_ms
    # A few minutes may hold more than their share of stalls; the 95th percentile bears it.
    assert percentiles(figures.playback_ms)[1] <= playback_ms
    assert figures.unprovoked == 0


@pytest.mark.parametrize("rule", [SINGLE, QUICKEST, MEDIAN], ids=lambda rule: rule.name)
def test_the_references_do_no_better_than_they_do_elsewhere(rule: Rule) -> None:
    """Else the model is too kind."""
    figures = simulate(rule, WIFI, SEED, sessions=4, minutes=5)
    assert percentiles(figures.playback_ms)[2] > 3


def test_a_seed_is_a_world() -> None:
    first, again, other = (simulate(OURS, WIFI, seed, sessions=1, minutes=1) for seed in (1, 1, 2))
    assert first.playback_ms == again.playback_ms
    assert first.playback_ms != other.playback_ms


@pytest.mark.parametrize(("network", "mean_ms"), [(LAN, 1.0), (MOBILE, 45 + 0.01 * 240)], ids=["LAN", "4G"])
def test_paths_are_as_long_as_they_say(network: Network, mean_ms: float) -> None:
    path = Path(network, Random(SEED))
    times = [250.0 * number for number in range(40_000)]
    round_trips = [back[1] - sent for sent in times if (back := path.exchange(sent))]
    assert sum(round_trips) / len(round_trips) == pytest.approx(mean_ms, rel=0.05)


def test_an_answer_never_overtakes_an_older_one() -> None:
    path = Path(WIFI, Random(SEED))
    arrivals = [path.exchange(2.0 * number) for number in range(2_000)]
    backs = [arrival[1] for arrival in arrivals if arrival]
    assert backs == sorted(backs)
