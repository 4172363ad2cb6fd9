"""What a host may choose.

Every default of the Jam is a member here, so that a Jam carries its own rules in its log and a test may
shorten its times. All numbers are integers; times in ms.
"""

from typing import Literal

from msgspec import Struct

Mode = Literal["votes", "fair", "queue", "host"]
Repeat = Literal["off", "one", "all"]


class Times(Struct, frozen=True):
    """How long things last, ms. Whoever shortens them keeps their proportions."""

    # Gone this long, the host is replaced by an acting one; of anybody else's absence nobody takes notice.
    host_away_ms: int = 60_000
    # The host who returns within this time takes the role back.
    host_return_ms: int = 30 * 60_000
    # Votes of somebody away this long sleep; who did nothing this long is not asked for a skip.
    asleep_ms: int = 10 * 60_000
    # With nobody left this long the Jam falls dormant; dormant this long, it ends.
    empty_ms: int = 60_000
    dormant_ms: int = 24 * 60 * 60_000
    # A log silent for longer than this while music played was not kept by a living server.
    restart_ms: int = 60_000
    # While music plays and nothing else happens, the log says so this often; less than half of `restart_ms`.
    tick_ms: int = 25_000
    # The next entry is locked when less than this remains.
    lock_next_ms: int = 15_000
    # No skip in the first of these; then the countdown in which it can be vetoed.
    skip_quiet_ms: int = 5_000
    skip_countdown_ms: int = 3_000
    # A recording is not played again within this time, nor within `Limits.recent_plays`, whichever is less.
    recent_ms: int = 60 * 60_000


class Limits(Struct, frozen=True):
    """How much of everything; host and co-host are exempt from those that speak of guests."""

    seats: int = 32
    listeners: int = 1_000
    queue: int = 500
    fallback: int = 500
    # Adds of one guest: so many at once, one more each `add_refill_ms`; and so many waiting.
    adds: int = 5
    add_refill_ms: int = 60_000
    waiting: int = 5
    # Votes of one person: so many at once, refilled within `votes_ms`.
    votes: int = 20
    votes_ms: int = 10_000
    # Messages of one person, likewise; so many are kept.
    chats: int = 5
    chats_ms: int = 10_000
    chat_tail: int = 200
    song_ms: int = 15 * 60_000
    recent_plays: int = 20


class Settings(Struct, frozen=True):
    """The rules of one Jam. A command `set` changes some members; unknown ones are refused."""

    name: str = "Jam"
    mode: Mode = "fair"
    down_votes: bool = False
    votes_frozen: bool = False
    guests_add: bool = True
    guests_reorder: bool = False
    guests_skip: bool = True
    guests_volume: bool = False
    guests_invite: bool = True
    approval: bool = False
    # The host's device is the speaker: its position moves the timeline, and without it the music pauses.
    speaker: bool = False
    # Among entries of equal rank the next is the one that follows most smoothly.
    smooth: bool = False
    repeat: Repeat = "off"
    volume: int = 80
    times: Times = Times()
    limits: Limits = Limits()
