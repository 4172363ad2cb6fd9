"""What HTTP answers of a Jam as a player, as strict types; see `shapes`."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from collab.http_player import RECENT_LIMIT_MAX
from collab.http_player_shapes import QUEUE_MAX
from collab.player import RepeatState
from collab.player_jams import JAMS_MAX
from jam.advancing import PLAYED_MAX
from jam.hosting import NAME_CODE_POINTS_MAX, VOLUME_MAX
from jam.timeline import POSITION_MAX_MS
from tests.documents.bounds import Id, Milliseconds, Url
from tests.documents.shapes import Answer, Track

# ms since 1970, in decimal.
Cursor = Annotated[str, Meta(pattern="^[0-9]+$", max_length=16)]
# Only what is so is named.
True_ = Annotated[bool, Meta(description="Always true.")] | UnsetType


class Device(Answer, frozen=True):
    """A Jam. `is_restricted`: nothing can be done there but listen."""

    id: Id
    is_active: bool
    is_private_session: bool
    is_restricted: bool
    name: Annotated[str, Meta(min_length=1, max_length=NAME_CODE_POINTS_MAX)]
    type: Literal["Speaker"]
    volume_percent: Annotated[int, Meta(ge=0, le=VOLUME_MAX)]
    supports_volume: bool


class Devices(Answer, frozen=True):
    """My Jams that have not ended: where I was active last comes first."""

    devices: Annotated[list[Device], Meta(max_length=JAMS_MAX)]


class Disallows(Answer, frozen=True, omit_defaults=True):
    """What I need not try, by my role and by what plays."""

    interrupting_playback: True_ = UNSET
    pausing: True_ = UNSET
    resuming: True_ = UNSET
    seeking: True_ = UNSET
    skipping_next: True_ = UNSET
    skipping_prev: True_ = UNSET
    toggling_repeat_context: True_ = UNSET
    toggling_repeat_track: True_ = UNSET
    toggling_shuffle: True_ = UNSET


class Actions(Answer, frozen=True):
    disallows: Disallows


class Playing(Answer, frozen=True):
    """What plays, or stands paused. `timestamp` is when that last changed; the Jam keeps no more of its
    context than the songs."""

    timestamp: Milliseconds
    context: None
    progress_ms: Annotated[int, Meta(ge=0, le=POSITION_MAX_MS)]
    item: Track
    currently_playing_type: Literal["track"]
    actions: Actions
    is_playing: bool


class Player(Playing, frozen=True, kw_only=True):
    """The whole player. `shuffle_state`: what is to come of the context stands in another order than that of
    its list."""

    device: Device
    repeat_state: RepeatState
    shuffle_state: bool
    smart_shuffle: bool


class Queue(Answer, frozen=True):
    """What comes next, first to last: people's songs, then the context. A Jam has more: `/v1/jams/{jam}`."""

    currently_playing: Track | None
    queue: Annotated[list[Track], Meta(max_length=QUEUE_MAX)]


class Cursors(Answer, frozen=True):
    after: Cursor
    before: Cursor


class Heard(Answer, frozen=True):
    track: Track
    played_at: Annotated[str, Meta(max_length=24, description="When it ended, UTC, to the millisecond.")]
    context: None


class HeardPage(Answer, frozen=True):
    """The newest first, of as many as the Jam remembers."""

    href: Url
    items: Annotated[list[Heard], Meta(max_length=RECENT_LIMIT_MAX)]
    limit: Annotated[int, Meta(ge=1, le=RECENT_LIMIT_MAX)]
    next: Url | None
    cursors: Cursors | None
    total: Annotated[int, Meta(ge=0, le=PLAYED_MAX)]
