"""The life of a playlist whose owner has an HTTP client, and whose other editors sit at sockets.

Nobody else moves or removes what the client put in: so its entries must stand in exactly the order that the
client gave them, whatever the others did meanwhile.
"""

import base64
from collections.abc import Sequence
from random import Random

from tests.collab.music.shelf import cover
from tests.integration.http_clients.crowd import Crowd, at_sockets
from tests.integration.http_clients.live import Live, Person
from tests.integration.http_clients.remote import Remote
from tests.integration.http_clients.shown import of_entry

REORDERS = 6
# With the others' songs on one page of a hundred, so that all of the list is seen.
SOME = 50
# With those on several pages.
MANY = 230


def tracks(kind: str, count: int) -> list[str]:
    return [f"spotify:track:{f'{kind}{number}'.rjust(22, '0')}" for number in range(count)]


async def live_through(
    live: Live, owner: Person, remote: Remote, others: Sequence[tuple[Person, Remote]]
) -> None:
    assert await remote.me() == owner.id
    playlist = await remote.create(owner.id, "Friday")
    for person, other in others:
        assert await other.status_of(other.seen(playlist)) == 404
        assert await other.name_of(owner.id) == owner.name
        assert person.id == await other.me()
    await remote.share(playlist, "Friday night", "Ours")
    for person, other in others:
        await other.follow(playlist)
        assert await other.follows(person.id, playlist)
    people = [person for person, _ in others]
    async with at_sockets(live, playlist, *people) as crowd:
        own = await _edit(remote, playlist, crowd)
        replaced = await _replace(remote, playlist, crowd)
        own = tracks("r", SOME)
        front = tracks("f", MANY)
        # In pieces of a hundred, the last first: each goes before the others.
        for begin in range(MANY // 100 * 100, -1, -100):
            await crowd.beside(remote.add(playlist, front[begin : begin + 100], 0))
        own = [*front, *own]
        await _agreed(remote, playlist, crowd, own, replaced)
    assert playlist in await remote.mine()
    for person, other in others:
        assert playlist in await other.mine()
        await other.unfollow(playlist)
        assert await other.status_of(other.items(playlist)) == 404
        assert playlist not in await other.mine()
        assert person.id != owner.id
    await remote.unfollow(playlist)
    assert playlist not in await remote.mine()


async def _edit(remote: Remote, playlist: str, crowd: Crowd) -> list[str]:
    """Adds, orders, removes and describes. The client's own entries in their order."""
    own = tracks("a", SOME)
    await crowd.beside(remote.add(playlist, own))
    first = tracks("b", 5)
    await crowd.beside(remote.add(playlist, first, 0))
    own = [*first, *own]
    random = Random(playlist[0])
    for _ in range(REORDERS):
        snapshot, seen = await remote.seen(playlist)
        # Here, not at the end alone: what is expected next begins with what is seen.
        assert _own(seen, own) == own
        await crowd.edit()
        start, count = random.randrange(len(seen) - 3), random.randint(1, 3)
        before = random.choice([at for at in range(len(seen) + 1) if not start < at < start + count])
        await crowd.beside(remote.reorder(playlist, start, count, before, snapshot))
        own = _own(_moved(seen, start, count, before), own)
    await crowd.beside(remote.share(playlist, "Saturday", "Once more"))
    await crowd.beside(remote.remove(playlist, own[3:8]))
    del own[3:8]
    snapshot, _ = await remote.seen(playlist)
    await crowd.beside(remote.remove(playlist, own[-3:], snapshot))
    # What is gone already may be removed again, on the old snapshot too.
    await crowd.beside(remote.remove(playlist, own[-3:], snapshot))
    del own[-3:]
    jpeg = base64.b64encode(cover("JPEG")).decode()
    await crowd.beside(remote.put_picture(playlist, jpeg))
    assert len(await remote.pictures(playlist)) == 1
    assert await remote.status_of(remote.remove(playlist, own[:1], "nobody.1")) == 400
    assert await remote.status_of(remote.add(playlist, tracks("z", 1), 10_000)) == 400
    assert await remote.status_of(remote.add(playlist, ["spotify:track:short"])) == 400
    await _agreed(remote, playlist, crowd, own, replaced=0)
    assert {editor.playlist.name for editor in crowd.editors} == {"Saturday"}
    assert await remote.about(playlist) == ("Saturday", "Once more")
    return own


async def _replace(remote: Remote, playlist: str, crowd: Crowd) -> int:
    """Everything at once. The first version at which it had happened, or one soon after it."""
    await crowd.beside(remote.replace(playlist, tracks("r", SOME)))
    snapshot, _ = await remote.seen(playlist)
    return int(snapshot.rpartition(".")[2])


async def _agreed(remote: Remote, playlist: str, crowd: Crowd, own: list[str], replaced: int) -> None:
    """The client reads, page by page, what the sockets have."""
    entries = await crowd.settled(replaced)
    items = await remote.items(playlist)
    assert len(items) == len(entries)
    for item, entry in zip(items, entries, strict=True):
        assert item == of_entry(entry), (item, entry)
    assert _own([item.uri for item in items], own) == own


def _moved(seen: list[str], start: int, count: int, before: int) -> list[str]:
    """As it is described to people: the range is put before what is at `before`."""
    moved, rest = seen[start : start + count], seen[:start] + seen[start + count :]
    at = before if before <= start else before - count
    return rest[:at] + moved + rest[at:]


def _own(uris: Sequence[str], own: Sequence[str]) -> list[str]:
    mine = set(own)
    return [uri for uri in uris if uri in mine]
