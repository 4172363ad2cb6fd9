"""Those who knocked and are not in yet.

An `open` may have to wait: for news from the store, for older ops, or for its submission in flight to be
settled. Each keeps its place, and asks for what it needs only once. Knows who waits and for what. Does not
know the answers: the door gives them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from collab.door import Door, Need
from collab.messages import Open, Opened, Refused
from collab.questions import Questions
from collab.seating import Seat


@dataclass(slots=True)
class Entering:
    """One `open` that waits."""

    seat: Seat
    request: Open
    # How many questions about news had been asked when this one needed another; None: it did not yet.
    asked_after: int | None = None
    settling: bool = False


class Entrance:
    """Those who wait for one room, in order. `questions` are the room's."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._entering: list[Entering] = []

    def __bool__(self) -> bool:
        return bool(self._entering)

    def knock(self, seat: Seat, request: Open) -> None:
        """Asking again, before the answer is there, replaces the question."""
        self.leave(seat.connection)
        self._entering.append(Entering(seat, request))

    def leave(self, connection: str) -> None:
        self._entering = [entering for entering in self._entering if entering.seat.connection != connection]

    def clients(self) -> Iterator[str]:
        return (entering.seat.client for entering in self._entering)

    def settle_anew(self) -> None:
        """What was to be settled for those who wait is forgotten; it may be needed again."""
        for entering in self._entering:
            entering.settling = False

    def admit(self, door: Door) -> Iterator[tuple[Entering, Opened | Refused | Need]]:
        """Everyone who waits, with the answer, which ends the wait, or with what is needed first; the same
        thing is needed of the caller only once."""
        entering, self._entering = self._entering, []
        for one in entering:
            answer = self._answer(door, one)
            if not isinstance(answer, Need):
                yield one, answer
                continue
            self._entering.append(one)
            if self._wants(one, answer):
                yield one, answer

    def _answer(self, door: Door, entering: Entering) -> Opened | Refused | Need:
        return door.answer(entering.seat, entering.request, lambda: self._asked_for(entering))

    def _asked_for(self, entering: Entering) -> bool:
        """Whether the store was asked for news since this `open` came, and has answered."""
        return entering.asked_after is not None and self._questions.news_answered > entering.asked_after

    def _wants(self, entering: Entering, need: Need) -> bool:
        """Notes that something is needed. False if it is on its way."""
        match need:
            case Need.NEWS if entering.asked_after is None:
                entering.asked_after = self._questions.news_asked
            case Need.SETTLING if not entering.settling:
                entering.settling = True
            case Need.HISTORY:
                pass
            case _:
                return False
        return True
