"""Accounts for programs, and the long-lived tokens they use: what `tutti token` does.

A program's user is made with its first token. Guests are never found by name: theirs are not unique, and a
token would make somebody else of the operator. Knows users and API tokens. Does not know the command line.
"""

from dataclasses import dataclass

from collab.ambient import Ambient
from collab.auth import API_LIFE_S_MAX, LABEL_CHARS_MAX, Issued, Tokens
from collab.errors import CannotStart, Refusal
from collab.ids import is_id
from collab.names import clean_name
from storage.store import ApiToken, People, User


@dataclass(frozen=True, slots=True)
class Listed:
    """A token as an operator sees it in a list."""

    token: ApiToken
    user: User | None

    def state(self, now_ms: int) -> str:
        if self.token.revoked:
            return "revoked"
        return "expired" if self.token.expires_ms <= now_ms else "live"


class ApiTokens:
    def __init__(self, people: People, ambient: Ambient) -> None:
        self._people = people
        self._ambient = ambient

    async def issue(self, tokens: Tokens, name_or_id: str, label: str, life_s: int) -> tuple[User, Issued]:
        """A token for the user with this id, or for the account of this name, which is made if there is
        none. Raises CannotStart if that cannot be."""
        if not 0 < life_s <= API_LIFE_S_MAX:
            raise CannotStart("A token lives at least a second and at most 90 days; see --ttl.")
        if len(label) > LABEL_CHARS_MAX:
            raise CannotStart(f"A label has at most {LABEL_CHARS_MAX} characters.")
        user = await self._user(name_or_id)
        return user, await tokens.issue_api(user, label, life_s, self._ambient.now_ms())

    async def listed(self) -> list[Listed]:
        """Every token that was ever made, oldest first."""
        tokens = await self._people.api_tokens()
        users = await self._people.users(sorted({token.user_id for token in tokens}))
        return [Listed(token, users.get(token.user_id)) for token in tokens]

    async def revoke(self, token_id: str) -> None:
        """The token is worth nothing from its next use on. Raises CannotStart if there is none."""
        if not await self._people.revoke_api_token(token_id):
            raise CannotStart(f"There is no token {token_id}; `tutti token --list` shows them.")

    async def _user(self, name_or_id: str) -> User:
        if is_id(name_or_id):
            found = await self._people.user(name_or_id)
            if found is None:
                raise CannotStart(f"There is no user {name_or_id}.")
            return found
        try:
            name = clean_name(name_or_id)
        except Refusal as refusal:
            raise CannotStart(refusal.message) from None
        for listed in await self.listed():
            if listed.user is not None and listed.user.kind == "account" and listed.user.name == name:
                return listed.user
        user = User(id=self._ambient.new_id(), name=name, kind="account", created_ms=self._ambient.now_ms())
        await self._people.add_user(user)
        return user
