"""Every cell of the role table."""

import pytest

from collab.roles import ACTIONS, ROLES, Action, Role, allowed, is_role, outranks

ALLOWED: dict[Action, str] = {
    "open": "owner editor viewer",
    "submit": "owner editor",
    "presence": "owner editor viewer",
    "read": "owner editor viewer",
    "rename": "owner editor",
    "manage_members": "owner",
    "manage_invites": "owner",
    "restore": "owner editor",
    "take_back": "owner editor",
    "delete": "owner",
    "leave": "owner editor viewer",
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


def test_role_names() -> None:
    assert all(map(is_role, ROLES))
    assert not is_role("admin")
