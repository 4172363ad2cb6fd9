"""Identifiers.

Users, clients, playlists and Jams are named by 128 random bits, written as 22 base62 characters: they
can be made anywhere without asking, and nobody can guess one. Knows how an id looks and how 16 bytes
become one. Does not draw the bytes: randomness is an argument.

What the server makes itself (a restore, a join) it submits under a client id that no client can have.
"""

from typing import NewType

UserId = NewType("UserId", str)
ClientId = NewType("ClientId", str)
DocumentId = NewType("DocumentId", str)
Epoch = NewType("Epoch", str)

ID_BYTES = 16
ID_LENGTH = 22
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SYMBOLS = frozenset(_ALPHABET)
# No id has a colon, so `hello` can never claim such a name.
_SERVER = "server:"
# What time and presence want is submitted under this name, in every document.
ROOM_CLIENT = _SERVER + "room"


def encode_id(random_bytes: bytes) -> str:
    """22 base62 characters, most significant first, for 16 random bytes."""
    assert len(random_bytes) == ID_BYTES, "an id is made of 16 bytes; the caller draws them"
    number = int.from_bytes(random_bytes, "big")
    symbols = []
    for _ in range(ID_LENGTH):
        number, digit = divmod(number, 62)
        symbols.append(_ALPHABET[digit])
    return "".join(reversed(symbols))


def is_id(text: str) -> bool:
    """Whether `text` has the shape of an id. Says nothing about whether it names something."""
    return len(text) == ID_LENGTH and _SYMBOLS.issuperset(text)


# More than any client counts in its life.
_NUMBER_DIGITS_MAX = 16


def is_own_uid(uid: str, client: str) -> bool:
    """Whether an entry's uid is one that this client may give: its id, a dot and a number."""
    prefix, _, number = uid.partition(".")
    is_number = number.isascii() and number.isdecimal() and len(number) <= _NUMBER_DIGITS_MAX
    return prefix == client and is_number


def server_client(new_id: str) -> str:
    """The client id of one change that the server makes."""
    return _SERVER + new_id


def is_server_client(client: str) -> bool:
    return client.startswith(_SERVER)
