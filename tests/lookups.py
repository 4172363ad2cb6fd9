"""What a store is asked about many at once, asked about one."""

from storage.rows import Settled
from storage.store import Store


async def outcome(store: Store, document: str, client_id: str) -> Settled | None:
    """Of this client's last submission on this document."""
    return (await store.settled([(document, client_id)])).get((document, client_id))


async def owner(store: Store, client_id: str) -> str | None:
    """Who first used this client id."""
    return (await store.client_owners([client_id])).get(client_id)
