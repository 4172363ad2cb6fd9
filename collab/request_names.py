"""What a request calls the things that it makes.

Under an `Idempotency-Key` the same request makes the same names each time it comes, so whatever it wrote is
found by whoever handles it again: an edit by its client id, a playlist by its own. Without a key the names
are drawn. Pure but for the request that carries them. Does not know what is named.
"""

import hashlib
from dataclasses import dataclass

from starlette.requests import Request

from collab.ambient import Ambient
from collab.ids import ID_BYTES, encode_id


@dataclass(frozen=True, slots=True)
class Names:
    """`is_kept`: they come with a key, and the request may have come before and written them."""

    seed: bytes
    is_kept: bool = False

    def id(self, what: str) -> str:
        """The id of one thing that the request makes, told apart by `what` it is."""
        return encode_id(hashlib.sha256(self.seed + what.encode()).digest()[:ID_BYTES])


def kept_names(user: str, key_hash: bytes, claimed_ms: int) -> Names:
    """Those of a request with a key. A key that is forgotten and used again has another `claimed_ms`."""
    text = f"{user} {claimed_ms} ".encode()
    return Names(hashlib.sha256(text + key_hash).digest(), is_kept=True)


def give_names(request: Request, names: Names) -> None:
    request.state.names = names


def names_of(request: Request, ambient: Ambient) -> Names:
    names = getattr(request.state, "names", None)
    return names if isinstance(names, Names) else Names(ambient.entropy(ID_BYTES))
