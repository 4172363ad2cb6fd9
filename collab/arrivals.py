"""Who stands before a room that is not loaded yet, or does not know their last outcome yet.

Asking again while the answer is not there replaces the question. Knows who asked what. Does not know rooms.
"""

from itertools import islice

from collab.batch import refused
from collab.errors import Refusal
from collab.listener import Listener
from collab.messages import Open
from collab.seating import Seat

Arrival = tuple[Listener, Seat, Open]


class Arrivals:
    def __init__(self) -> None:
        self._by_listener: dict[str, Arrival] = {}

    def __len__(self) -> int:
        return len(self._by_listener)

    def add(self, listener: Listener, seat: Seat, request: Open) -> None:
        self._by_listener[listener.id] = (listener, seat, request)

    def drop(self, listener_id: str) -> None:
        self._by_listener.pop(listener_id, None)

    def first(self, count: int) -> list[Arrival]:
        """Those who have stood here longest; all, if there are fewer."""
        return list(islice(self._by_listener.values(), count))

    def take(self, arrival: Arrival) -> bool:
        """Removes it. False: they left meanwhile, or asked again."""
        listener_id = arrival[0].id
        is_standing = self._by_listener.get(listener_id) is arrival
        if is_standing:
            del self._by_listener[listener_id]
        return is_standing

    def refuse(self, refusal: Refusal) -> list[str]:
        """Turns everyone away; returns which listeners those were."""
        arrivals, self._by_listener = self._by_listener, {}
        for listener, _, request in arrivals.values():
            listener.tell(refused(request.room, 0, refusal))
            listener.evicted(request.room)
        return list(arrivals)

    def clear(self) -> None:
        self._by_listener.clear()
