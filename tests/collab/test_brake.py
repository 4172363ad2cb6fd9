"""Reading stops for the first reason and goes on after the last."""

import asyncio
from typing import cast

from collab.brake import Brake, Reason
from collab.frames import FrameSink


class Sink:
    def __init__(self) -> None:
        self.is_read = True

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True


async def turns() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_every_reason_has_to_end() -> None:
    sink = Sink()
    brake = Brake(cast(FrameSink, sink))
    brake.hold(Reason.TOKEN)
    brake.hold(Reason.OUTBOX)
    brake.release(Reason.TOKEN)
    assert not sink.is_read
    brake.release(Reason.RATE)
    assert not sink.is_read
    brake.release(Reason.OUTBOX)
    assert sink.is_read


async def test_a_later_debt_replaces_the_timer_of_an_earlier_one() -> None:
    """Each of a flood's submissions asks for a longer pause; the shortest must not end them all."""
    sink = Sink()
    brake = Brake(cast(FrameSink, sink))
    brake.hold_for(0)
    brake.hold_for(60_000)
    await turns()
    assert not sink.is_read
    brake.hold_for(0)
    await turns()
    assert sink.is_read


async def test_no_timer_is_left_behind() -> None:
    sink = Sink()
    brake = Brake(cast(FrameSink, sink))
    brake.hold_for(0)
    brake.end()
    await turns()
    assert not sink.is_read
