"""One of the people at work.

An editor is a guest with one connection, on which they edit many playlists, and a journal of what the server
acknowledged. Now and then they go offline, work on, and come back. Knows their client. Does not know the
other editors, nor what is in a playlist: that is `part`.
"""

import asyncio
from random import Random
from typing import Final

from collab.replay.client import Client
from collab.replay.journal import Journal, Line
from collab.replay.pace import Pace
from collab.replay.tally import Tally
from tutti_client import Acknowledged, Guest

# How often somebody goes offline (of their shares), and how many shares they make there.
OFFLINE_CHANCE: Final = 1 / 50
OFFLINE_SHARES: Final = (3, 12)


class Editor:
    """`number` is their place at the table where edits are dealt."""

    def __init__(
        self, number: int, person: Guest, client: Client, journal: Journal, random: Random, pace: Pace
    ) -> None:
        self.number = number
        self.person = person
        self.client = client
        self.journal = journal
        self.pace = pace
        self.offline = asyncio.Event()
        self._random = random
        self._offline_shares = 0

    def come_back(self) -> None:
        if self.offline.is_set():
            self.offline.clear()
            self.client.go_online()

    def share_made(self, tally: Tally) -> None:
        """Time passes: whoever is offline may come back, whoever is online may leave."""
        if self.offline.is_set():
            self._offline_shares -= 1
            if self._offline_shares == 0:
                self.come_back()
        elif self._random.random() < OFFLINE_CHANCE:
            self._offline_shares = self._random.randint(*OFFLINE_SHARES)
            self.offline.set()
            self.client.go_offline()
            tally.offline += 1

    def acknowledged(self, document: str, event: Acknowledged, tally: Tally) -> None:
        """The server gave its word: it goes to the disk first."""
        self.journal.write(Line(document, event.client, event.seq, event.version, event.is_op))
        tally.acks += 1
        if event.is_op:
            tally.ops += 1
            # One submission of a client is in flight at a time: what lies between is somebody else's.
            tally.transformed += event.version > event.base + 1
