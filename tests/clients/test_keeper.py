"""What is on the disk of a device on which somebody is in a Jam."""

from pathlib import Path

from collab.messages import Welcome
from tests.clients.jukebox import ROOM, BoxRules
from tutti_client.clock import DEVICE
from tutti_client.keeper import Keeper

URL = "http://127.0.0.1:1"


def welcomed(keeper: Keeper) -> None:
    keeper.link.connected("token")
    keeper.link.outgoing(0)
    keeper.link.receive(Welcome("ann", "Ann", "connection-1", {}, 1, 5_000_000_000, 1, 1, 900_000), 1000)


async def test_a_jams_commands_are_not_kept_and_the_names_it_gave_are(tmp_path: Path) -> None:
    """A name that was given again in the next life would stand for two entries."""
    keeper = await Keeper.take_up(URL, tmp_path / "tutti", DEVICE)
    welcomed(keeper)
    replica, _ = keeper.link.enter_jam(ROOM, BoxRules())
    client, uid = replica.client, replica.take_uid()
    await keeper.secure()
    await keeper.close()

    again = await Keeper.take_up(URL, tmp_path / "tutti", DEVICE)
    assert again.link.client == client
    assert again.link.rooms == ()
    welcomed(again)
    replica, _ = again.link.enter_jam(ROOM, BoxRules())
    assert replica.take_uid() != uid
    await again.close()
