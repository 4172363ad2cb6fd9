"""What a node holds of large frames is bounded, and the silent lose first."""

import asyncio

import pytest

from collab.depot import Depot, Parcel
from collab.errors import BadMessage
from collab.messages import SUBMISSION_BYTES_MAX, PartFromClient

AN_HOUR_S = 3600.0


class Owner:
    """Somebody who sends a large frame."""

    def __init__(self, depot: Depot) -> None:
        self.is_read = True
        self.asked = asyncio.Event()
        self.lost = asyncio.Event()
        self.parcel = Parcel(depot, self._is_awaited, lambda why: self.lost.set())

    def _is_awaited(self) -> bool:
        self.asked.set()
        return self.is_read

    def send(self, data: bytes, last: bool = False) -> bytes | None:
        return self.parcel.add(PartFromClient(data, last))


async def test_a_frame_is_put_together_and_leaves_nothing_behind() -> None:
    depot = Depot(part_every_s=AN_HOUR_S)
    owner = Owner(depot)
    assert owner.send(b"ab") is None
    assert depot.held_bytes == 2
    assert owner.send(b"c", last=True) == b"abc"
    assert depot.held_bytes == 0
    assert not owner.lost.is_set()


async def test_a_single_part_is_a_frame() -> None:
    depot = Depot(part_every_s=AN_HOUR_S)
    assert Owner(depot).send(b"abc", last=True) == b"abc"
    assert depot.held_bytes == 0


async def test_who_has_been_silent_for_longest_loses_first() -> None:
    depot = Depot(10, AN_HOUR_S)
    first, second, third = (Owner(depot) for _ in range(3))
    first.send(bytes(4))
    second.send(bytes(4))
    first.send(bytes(2))
    third.send(bytes(4))
    assert [owner.lost.is_set() for owner in (first, second, third)] == [False, True, False]
    assert depot.held_bytes == 10
    third.send(bytes(8))
    assert [owner.lost.is_set() for owner in (first, third)] == [True, True], "it does not fit alone either"
    assert depot.held_bytes == 0


async def test_too_large_a_frame_is_refused_and_given_back() -> None:
    depot = Depot(part_every_s=AN_HOUR_S)
    owner = Owner(depot)
    owner.send(bytes(SUBMISSION_BYTES_MAX))
    with pytest.raises(BadMessage):
        owner.send(b"x")
    owner.parcel.end()
    owner.parcel.end()
    assert depot.held_bytes == 0


async def test_silence_counts_only_while_the_client_is_read_from() -> None:
    depot = Depot(part_every_s=0.001)
    owner = Owner(depot)
    owner.is_read = False
    owner.send(bytes(4))
    await owner.asked.wait()
    assert not owner.lost.is_set()
    owner.is_read = True
    await owner.lost.wait()
    assert depot.held_bytes == 0
