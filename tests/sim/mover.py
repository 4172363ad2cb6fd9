"""A device that changes over to another node, make before break.

What `tutti_client.connection` does with sockets when a node asks its clients to move: dial another node while
this one still serves, let the SDK's standby make the session there ready, and go on there. If nothing comes
of it, again after a moment, until the node that stops hangs up. Knows links and the SDK's standby. Does not
know what the device is for.
"""

from typing import TYPE_CHECKING, Final

from collab.messages import ServerMessage
from tests.sim.events import Event
from tests.sim.network import Link

if TYPE_CHECKING:
    from tests.sim.device import Device
    from tutti_client.standby import Standby

RETRY_US: Final = (50_000, 400_000)


class Mover:
    """Begins `after_us` from now. Whoever made it calls `cancel` when the connection that it is to replace is
    over."""

    def __init__(self, device: "Device", after_us: int) -> None:
        self._device = device
        self._link: Link | None = None
        self._standby: Standby | None = None
        self._wake: Event | None = None
        self._begin_in(after_us)

    def cancel(self) -> None:
        self._sleep()
        self._standby = None
        link, self._link = self._link, None
        if link is not None:
            link.close_by_client(drained=False, server_learns_us=0)

    def _begin_in(self, delay_us: int) -> None:
        self._sleep()
        self._wake = self._device.events.after(delay_us, self._begin)

    def _begin(self) -> None:
        device = self._device
        self._wake = None
        link = device.dial()
        if link is None:
            self._begin_in(device.random.randint(*RETRY_US))
            return
        self._link, self._standby = link, device.engine.prepare(device.user)
        link.to_client = lambda message: self._receive(link, message)
        link.client_cut = lambda: self._lost(link)
        self._speak()

    def _receive(self, link: Link, message: ServerMessage) -> None:
        if link is self._link and self._standby is not None:
            self._standby.receive(message, self._device.now_ms)
            self._speak()

    def _lost(self, link: Link) -> None:
        """This node does not take us."""
        if link is self._link:
            self._link = self._standby = None
            self._device.engine.stay()
            self._begin_in(self._device.random.randint(*RETRY_US))

    def _speak(self) -> None:
        """Says what there is to say; changes over when it is time."""
        device, link, standby = self._device, self._link, self._standby
        assert link is not None, "a standby comes with its link"
        assert standby is not None, "and a link with its standby"
        now_ms = device.now_ms
        for message in standby.outgoing(now_ms):
            link.send_up(message)
        if standby.is_ready(now_ms):
            self._change_over(link, standby)
            return
        due_ms = standby.get_timer(now_ms)
        self._sleep()
        if due_ms is not None:
            self._wake = device.events.after(max(1, due_ms - now_ms) * 1000, self._woken)
        # What was held back may leave by now.
        device.pump()

    def _woken(self) -> None:
        self._wake = None
        self._speak()

    def _change_over(self, link: Link, standby: "Standby") -> None:
        self._sleep()
        if self._device.engine.renewal_is_due:
            self._lost_interest(link)
            return
        self._link = self._standby = None
        self._device.moved(link, standby)

    def _lost_interest(self, link: Link) -> None:
        """The old node is left for another reason at once."""
        link.close_by_client(drained=False, server_learns_us=0)
        self._lost(link)

    def _sleep(self) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
