"""Who is allowed to do what.

One table, action × role, default deny: an action or a role that is not in it is not allowed. Both doors ask
here, the socket for every message and HTTP for every request. Each kind of document has roles of its own;
what a Jam's roles may do inside, command by command, is said by the Jam. Knows roles and actions. Does not
know users, documents or where a role is kept: the caller looks it up, and None is somebody who is no member.
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

PlaylistRole = Literal["owner", "editor", "viewer"]
JamRole = Literal["host", "cohost", "guest", "listener"]
Role = PlaylistRole | JamRole
Action = Literal[
    "open",  # enter the room and follow it
    "submit",  # change the document
    "presence",  # be seen in the room
    "read",  # the document and its members over HTTP
    "rename",  # name, description and flags over HTTP; over the socket that is a submit
    "manage_members",  # give roles and take them
    "manage_invites",  # make, list and revoke invite links
    "restore",  # the document to an older version, for everybody
    "take_back",  # what one member did, for everybody
    "delete",  # the document, for everybody
    "leave",  # stop being a member
]

ROLES_OF: Final[dict[str, tuple[Role, ...]]] = {"playlist": get_args(PlaylistRole), "jam": get_args(JamRole)}
ROLES: Final[tuple[Role, ...]] = tuple(role for roles in ROLES_OF.values() for role in roles)
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)

_VIEWER: Final[frozenset[Action]] = frozenset({"open", "presence", "read", "leave"})
_EDITOR: Final[frozenset[Action]] = _VIEWER | {"submit", "rename", "restore", "take_back"}
_OWNER: Final[frozenset[Action]] = _EDITOR | {"manage_members", "manage_invites", "delete"}
_IN_A_JAM: Final[frozenset[Action]] = _VIEWER | {"submit"}
_TABLE: Final[dict[str, frozenset[Action]]] = {
    "viewer": _VIEWER,
    "editor": _EDITOR,
    "owner": _OWNER,
    "listener": _IN_A_JAM,
    "guest": _IN_A_JAM,
    "cohost": _IN_A_JAM,
    "host": _IN_A_JAM | {"delete"},
}

# How much a role allows, for comparing two of one kind; nobody's rank is 0.
_RANK: Final[dict[str, int]] = {
    "viewer": 1,
    "editor": 2,
    "owner": 3,
    "listener": 1,
    "guest": 2,
    "cohost": 3,
    "host": 4,
}


def allowed(action: Action, role: str | None) -> bool:
    """Whether somebody with this role may do this. `role` None (or unknown) may do nothing."""
    return role is not None and action in _TABLE.get(role, frozenset())


def may_read(role: str | None, attributes: Mapping[str, object]) -> bool:
    """Whether somebody with this role may read a playlist with these attributes over HTTP. A public one is
    read by whoever has a token."""
    return allowed("read", role) or attributes.get("public") is True


def is_role(text: str, kind: str = "playlist") -> bool:
    """Whether this is a role in documents of this kind. No role is one in two kinds, so a member's role also
    tells which kind of document it is."""
    return text in ROLES_OF[kind]


def outranks(role: str, other: str | None) -> bool:
    """Whether `role` allows strictly more than `other`, of the same kind; None is no member at all."""
    return rank(role) > (0 if other is None else rank(other))


def rank(role: str) -> int:
    """How much a role allows, among those of its kind."""
    return _RANK[role]
