"""How much somebody may do at once, and when they may again.

A token bucket in integers: it holds `size` tokens, and `tokens` come back every `per_ms`. What has been spent
is kept in thousandths, so that slow refills are not rounded away. Pure arithmetic over `state.Bucket`: the
decision looks whether a token is there, the reducer takes it, both from the event's time alone.
"""

from dataclasses import dataclass

from jam.settings import Limits
from jam.state import Bucket

_MILLI = 1_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`size` at once, and `tokens` more each `per_ms`. None of them is 0."""

    size: int
    tokens: int
    per_ms: int


def adds(limits: Limits) -> Rate:
    return Rate(limits.adds, 1, limits.add_refill_ms)


def votes(limits: Limits) -> Rate:
    return Rate(limits.votes, limits.votes, limits.votes_ms)


def chats(limits: Limits) -> Rate:
    return Rate(limits.chats, limits.chats, limits.chats_ms)


def wait_ms(bucket: Bucket, rate: Rate, at_ms: int) -> int:
    """How long until a token is there, in ms; 0: one is there now."""
    missing_milli = bucket.spent_milli + _MILLI - rate.size * _MILLI
    refill_ms = -(-missing_milli * rate.per_ms // (rate.tokens * _MILLI))
    return max(0, bucket.at_ms + refill_ms - at_ms) if missing_milli > 0 else 0


def spend(bucket: Bucket, rate: Rate, at_ms: int) -> Bucket:
    """The bucket after one token was taken."""
    return Bucket(_spent_milli(bucket, rate, at_ms) + _MILLI, at_ms)


def _spent_milli(bucket: Bucket, rate: Rate, at_ms: int) -> int:
    refilled_milli = (at_ms - bucket.at_ms) * rate.tokens * _MILLI // rate.per_ms
    return max(0, bucket.spent_milli - refilled_milli)
