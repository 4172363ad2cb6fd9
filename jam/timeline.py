"""Where the music is.

Turns an anchor (position, room time, rate) into a position at any moment, and says when a start must be
scheduled so that everyone hears it. Knows playback arithmetic; does not know who may do what.
"""

from jam.scene import Scene
from jam.state import NORMAL_RATE_PPM, Entry, Jam, Timeline
from jam.sync import read

# A start is scheduled this far ahead: enough for the slowest to hear of it, not so much that it feels late.
LEAD_MIN_MS = 400
LEAD_MAX_MS = 2_000
LEAD_BASE_MS = 200
# Who needs longer than this to fetch a song catches up alone.
READY_WAIT_MAX_MS = 3_000
# No piece of music is longer than a day, known or unknown.
POSITION_MAX_MS = 24 * 60 * 60_000


def duration_of(entry: Entry | None) -> int | None:
    """ms; None if it is unknown, or longer than any."""
    duration = entry.track.get("duration_ms") if entry is not None else None
    return duration if isinstance(duration, int) and 0 < duration <= POSITION_MAX_MS else None


def is_position(jam: Jam, position_ms: int) -> bool:
    """Whether what plays can be there; anywhere within a day if its duration is unknown."""
    duration = duration_of(jam.entries.get(jam.timeline.entry))
    return 0 <= position_ms <= (POSITION_MAX_MS if duration is None else duration)


def position_at(jam: Jam, now_ms: int) -> int:
    """Position in ms of what plays at room time `now_ms`, from 0 up to its duration, if that is known. Before
    a scheduled start it is the position where it will start."""
    timeline = jam.timeline
    position = timeline.position_ms + elapsed_ms(timeline, now_ms)
    duration = duration_of(jam.entries.get(timeline.entry))
    return position if duration is None else min(position, duration)


def elapsed_ms(timeline: Timeline, now_ms: int) -> int:
    """How much of the song was heard since the anchor."""
    if timeline.paused or not timeline.entry:
        return 0
    return max(0, now_ms - timeline.anchor_ms) * timeline.rate_ppm // NORMAL_RATE_PPM


def ends_at(jam: Jam) -> int | None:
    """Room time at which what plays will be over; None if it stands, or nobody knows."""
    timeline = jam.timeline
    duration = duration_of(jam.entries.get(timeline.entry))
    if timeline.paused or duration is None:
        return None
    left_ms = max(0, duration - timeline.position_ms)
    return timeline.anchor_ms + -(-left_ms * NORMAL_RATE_PPM // timeline.rate_ppm)


def start_at(scene: Scene, at_ms: int) -> int:
    """Room time at which a song can begin when that was decided at `at_ms`: everybody has heard of it
    (one and a half times the worst round trip, and a little), and had as long as fetching takes the slowest,
    within bounds."""
    readings = read(scene)
    lead_ms = min(max(readings.worst_rtt_ms * 3 // 2 + LEAD_BASE_MS, LEAD_MIN_MS), LEAD_MAX_MS)
    return at_ms + max(lead_ms, min(readings.slowest_ready_ms, READY_WAIT_MAX_MS))
