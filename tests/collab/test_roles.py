"""Every cell of the role table."""

import pytest

from collab.roles import ACTIONS, ROLES, ROLES_OF, Action, Role, allowed, is_role, outranks

ALLOWED: dict[Action, str] = {
    "open": "owner editor viewer host cohost guest listener",
    "submit": "owner editor host cohost guest listener",
    "presence": "owner editor viewer host cohost guest listener",
    "read": "owner editor viewer host cohost guest listener",
    "rename": "owner editor",
    "manage_members": "owner",
    "manage_invites": "owner",
    "restore": "owner editor",
    "take_back": "owner editor",
    "delete": "owner host",
    "leave": "owner editor viewer host cohost guest listener",
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ROLES)
def test_each_cell(action: Action, role: Role) -> None:
    assert allowed(action, role) == (role in ALLOWED[action].split())


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", [None, "", "admin", "Owner"])
def test_whoever_has_no_role_may_nothing(action: Action, role: str | None) -> None:
    assert not allowed(action, role)


def test_what_is_not_in_the_table_is_denied() -> None:
    assert not allowed("fly", "owner")  # type: ignore[arg-type]


def test_roles_are_ordered() -> None:
    assert outranks("owner", "editor")
    assert outranks("editor", "viewer")
    assert outranks("viewer", None)
    assert not outranks("editor", "editor")
    assert not outranks("viewer", "owner")
    assert outranks("host", "cohost")
    assert outranks("cohost", "guest")
    assert outranks("guest", "listener")
    assert not outranks("cohost", "host")


def test_role_names() -> None:
    for kind, roles in ROLES_OF.items():
        assert all(is_role(role, kind) for role in roles)
        assert not is_role("admin", kind)
    assert len(set(ROLES)) == len(ROLES), "a role belongs to one kind"
    assert not is_role("host")
    assert not is_role("owner", "jam")
