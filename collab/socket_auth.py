"""Who opens a socket.

A `hello` brings a token and a client id; the token says who, and the client id must be theirs, or nobody's
yet. Knows tokens and the owners of client ids. Does not know sockets: the connection asks and waits.
"""

from collab.ambient import Ambient
from collab.auth import SESSION_LIFE_S, Tokens
from collab.client_owners import ClientOwners
from collab.connection import Authenticated
from collab.errors import Refusal


class SocketAuth:
    """A `collab.connection.Authenticator`."""

    def __init__(self, tokens: Tokens, owners: ClientOwners, ambient: Ambient) -> None:
        self._tokens = tokens
        self._owner_of = owners
        self._ambient = ambient

    async def __call__(self, token: str, client: str) -> Authenticated:
        """Raises Refusal `token_invalid`, `token_expired` or `client_taken`; StoreError of the database.

        An API token is asked for again after a session's life, or revoking it would not end its sockets.
        """
        now_ms = self._ambient.now_ms()
        identity = await self._tokens.verify(token, now_ms, is_once=True)
        owner = await self._owner_of(client)
        if owner is not None and owner != identity.user_id:
            raise Refusal("client_taken")
        expires_ms = identity.expires_ms
        if identity.token_id is not None:
            expires_ms = min(expires_ms, now_ms + SESSION_LIFE_S * 1000)
        return Authenticated(identity.user_id, identity.name, expires_ms)
