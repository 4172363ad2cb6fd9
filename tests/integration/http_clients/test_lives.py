"""Playlists of people with clients of the Spotify Web API, who edit them together with people at sockets."""

import pytest

from tests.integration.http_clients.life import live_through
from tests.integration.http_clients.live import Live
from tests.integration.http_clients.remote import Spotipy, tekore_of

# tekore says of each member that its models do not know that they pass it over.
pytestmark = pytest.mark.filterwarnings("ignore:.*contains unknown attribute")


async def test_with_spotipy(live: Live) -> None:
    ada, ben, cleo = await live.people("Ada", "Ben", "Cleo")
    others = [(person, Spotipy(live, person)) for person in (ben, cleo)]
    await live_through(live, ada, Spotipy(live, ada), others)


@pytest.mark.usefixtures("tekore_asks_here")
async def test_with_tekore(live: Live) -> None:
    dan, eve, finn = await live.people("Dan", "Eve", "Finn")
    async with tekore_of(dan) as remote, tekore_of(eve) as one, tekore_of(finn) as two:
        await live_through(live, dan, remote, [(eve, one), (finn, two)])
