"""How long a probe takes there and back.

A fixed part, queues (gamma), now and then a spike on one leg, periods of congestion, and an ordered
transport: what is sent later never arrives earlier. Times in ms of true time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

# How long a congested period lasts on average, and how much longer its queues are.
CONGESTED_MS = 4_000.0
CONGESTED_FACTOR = 3.0


@dataclass(frozen=True, slots=True)
class Network:
    """A kind of path. Round trips in ms; shares and probabilities between 0 and 1."""

    name: str
    fixed_ms: float
    queue_ms: float
    queue_sd_ms: float
    share_up: float = 0.5
    spikes: float = 0.0
    spike_ms: tuple[float, float] = (0.0, 0.0)
    spikes_up: float = 0.5
    congested: float = 0.0
    dark_ms: tuple[float, float] | None = None
    # Every clock on it is wrong by this many ppm, one way or the other, instead of by up to that.
    skews_fully: bool = False

    @property
    def floor_ms(self) -> float:
        """Half the path's asymmetry: what nobody can see from its ends."""
        return abs(self.share_up - (1 - self.share_up)) * self.fixed_ms / 2


LAN = Network("LAN", 0.5, 0.5, 0.5)
WIFI = Network("Wi-Fi", 2, 6, 6, spikes=0.03, spike_ms=(40, 300), spikes_up=0.3, congested=0.15)
MOBILE = Network(
    "4G", 25, 20, 20, share_up=0.6, spikes=0.01, spike_ms=(80, 400), spikes_up=0.6, congested=0.1
)
DARK = Network("dark", 0.5, 0.5, 0.5, dark_ms=(420_000, 540_000), skews_fully=True)
NETWORKS: Mapping[str, Network] = {network.name: network for network in (LAN, WIFI, MOBILE, DARK)}


class Path:
    """One session's way to the server. Probes must be sent in order of time."""

    def __init__(self, network: Network, random: Random) -> None:
        self._network = network
        self._random = random
        self._arrived_up_ms = self._arrived_down_ms = 0.0
        self._is_congested = random.random() < network.congested
        self._period_ends_ms = self._period_ms()
        # Congestion makes some queues longer and the others shorter: the mean is the network's.
        self._scale = 1 / (1 + (CONGESTED_FACTOR - 1) * network.congested)
        self._shape = (network.queue_ms / network.queue_sd_ms) ** 2
        self._unit_ms = network.queue_sd_ms**2 / network.queue_ms

    def exchange(self, sent_ms: float) -> tuple[float, float] | None:
        """When a probe sent now reaches the server, and when its answer, written at once, is back. None in
        the dark."""
        network = self._network
        if network.dark_ms and network.dark_ms[0] <= sent_ms < network.dark_ms[1]:
            return None
        arrived_ms = self.up(sent_ms)
        return arrived_ms, self._down(arrived_ms)

    def up(self, sent_ms: float) -> float:
        """When what is sent now reaches the server. Times must not fall."""
        self._congest(sent_ms)
        up_ms = self._leg_ms(self._network.share_up, self._network.spikes_up)
        self._arrived_up_ms = max(sent_ms + up_ms, self._arrived_up_ms)
        return self._arrived_up_ms

    def down(self, sent_ms: float) -> float:
        """When what the server sends now is here. Times must not fall."""
        self._congest(sent_ms)
        return self._down(sent_ms)

    def _down(self, sent_ms: float) -> float:
        down_ms = self._leg_ms(1 - self._network.share_up, 1 - self._network.spikes_up)
        self._arrived_down_ms = max(sent_ms + down_ms, self._arrived_down_ms)
        return self._arrived_down_ms

    def _congest(self, now_ms: float) -> None:
        while self._network.congested and self._period_ends_ms <= now_ms:
            self._is_congested = not self._is_congested
            self._period_ends_ms += self._period_ms()

    def _leg_ms(self, share: float, share_of_spikes: float) -> float:
        """A leg has its share of the queues' mean and of their variance."""
        queue_ms = self._random.gammavariate(self._shape * share, self._unit_ms) * self._scale
        if self._is_congested:
            queue_ms *= CONGESTED_FACTOR
        leg_ms = self._network.fixed_ms * share + queue_ms
        if self._random.random() < self._network.spikes * share_of_spikes:
            leg_ms += self._random.uniform(*self._network.spike_ms)
        return leg_ms

    def _period_ms(self) -> float:
        """How long what is now goes on, congestion or the lack of it."""
        share = self._network.congested
        if self._is_congested or not share:
            return self._random.expovariate(1 / CONGESTED_MS)
        return self._random.expovariate(share / (1 - share) / CONGESTED_MS)
