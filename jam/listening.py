"""How much music there was, and who was there to hear it.

A meter that follows a Jam's events: it runs while a song plays, and whoever is here hears what it counts. An
event costs the same however many people there are: of each only the reading is kept at which they came. Knows
timelines and presence. Does not know songs, nor what anybody thought of them.
"""

from collections.abc import Iterable

from jam import events as e
from jam.state import NORMAL_RATE_PPM, Jam, Timeline
from jam.timeline import ends_at


class Listening:
    """`music_ms`: the meter's reading. `most`: how many people were here at once, at most."""

    def __init__(self, jam: Jam) -> None:
        self.music_ms = 0
        self.most = 0
        self._counted_to = jam.at
        self._heard_ms: dict[str, int] = {}
        # Who is here, and the reading at which they came.
        self._came_at: dict[str, int] = {}
        self._come(user for user, member in jam.members.items() if not member.away_at)

    def follow(self, before: Jam, event: e.Event) -> None:
        """`before` is the Jam that the event changes."""
        self._run(before, event)
        match event:
            case e.Joined():
                self._come([event.user])
            case e.CameBack():
                self._come(event.users)
            case e.Left() | e.Kicked() | e.Banned():
                self._go([event.user])
            case e.WentAway():
                self._go(event.users)
            case _:
                pass

    def heard_ms(self, user: str) -> int:
        """What somebody heard so far."""
        heard = self._heard_ms.get(user, 0)
        return heard + self.music_ms - self._came_at[user] if user in self._came_at else heard

    def _run(self, before: Jam, event: e.Event) -> None:
        timeline = before.timeline
        if timeline.paused or not timeline.entry:
            return
        until = min(event.at, _stands_at(timeline, event))
        over_at = ends_at(before)
        if over_at is not None:
            until = min(until, over_at)
        # A song may be anchored in the past, where the one before it ended: nothing is counted twice.
        self.music_ms += max(0, until - max(self._counted_to, timeline.anchor_ms))
        self._counted_to = max(self._counted_to, until)

    def _come(self, users: Iterable[str]) -> None:
        for user in users:
            self._came_at.setdefault(user, self.music_ms)
        self.most = max(self.most, len(self._came_at))

    def _go(self, users: Iterable[str]) -> None:
        for user in users:
            if user in self._came_at:
                self._heard_ms[user] = self._heard_ms.get(user, 0) + self.music_ms - self._came_at.pop(user)


def _stands_at(timeline: Timeline, event: e.Event) -> int:
    """Until when the music went on at most. What stops it says where it stands, and that may have been long
    before: after a restart of the server it is where the log fell silent."""
    if not isinstance(event, e.Paused | e.FellDormant | e.Ended):
        return event.at
    heard_ms = event.position_ms - timeline.position_ms
    return timeline.anchor_ms + heard_ms * NORMAL_RATE_PPM // timeline.rate_ppm
