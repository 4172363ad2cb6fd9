"""Who opens a socket.

A `hello` brings a token and a client id; the token says who, and the client id must be theirs, or nobody's
yet. Knows tokens and the store's client ids. Does not know sockets: the connection asks and waits.
"""

from collab.ambient import Ambient
from collab.auth import Tokens
from collab.connection import Authenticated
from collab.errors import Refusal
from storage.store import Store


class SocketAuth:
    """A `collab.connection.Authenticator`."""

    def __init__(self, tokens: Tokens, store: Store, ambient: Ambient) -> None:
        self._tokens = tokens
        self._store = store
        self._ambient = ambient

    async def __call__(self, token: str, client: str) -> Authenticated:
        """Raises Refusal `token_invalid`, `token_expired` or `client_taken`; StoreError of the database."""
        identity = await self._tokens.verify(token, self._ambient.now_ms())
        owner = await self._store.client_owner(client)
        if owner is not None and owner != identity.user_id:
            raise Refusal("client_taken")
        return Authenticated(identity.user_id, identity.name, identity.expires_ms)
