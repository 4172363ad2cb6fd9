"""What people say to each other.

Bounded in length, pace and number, stored with the Jam, and moderated: host and co-host may delete a message,
which keeps its place without its text. Text is kept as it was written; who shows it does so safely.
"""

from unicodedata import category

from msgspec.structs import replace

from jam import commands as c
from jam import events as e
from jam import limits
from jam.refusal import JamRefusal
from jam.rules import By, Rule, Step, is_steering
from jam.state import Jam, Message, role_of

TEXT_CODE_POINTS_MAX = 500
# The only control characters that belong into a text.
_LAYOUT = frozenset("\n\t")


def _say(jam: Jam, command: c.Say, by: By) -> e.Event:
    text = command.text.strip()
    if not text:
        raise JamRefusal("chat_invalid", "A message needs some text.")
    if len(text) > TEXT_CODE_POINTS_MAX:
        raise JamRefusal("chat_invalid", f"A message has at most {TEXT_CODE_POINTS_MAX} characters.")
    if any(category(sign) == "Cc" and sign not in _LAYOUT for sign in text):
        raise JamRefusal("chat_invalid", "A message has no control characters.")
    wait_ms = limits.wait_ms(jam.members[by.user].chats, limits.chats(jam.settings.limits), by.at_ms)
    if wait_ms:
        raise JamRefusal("too_many_messages", retry_after_ms=wait_ms)
    return e.Said(at=by.at_ms, by=by.user, text=text)


def _delete(jam: Jam, command: c.DeleteMessage, by: By) -> e.Event | None:
    message = next((message for message in jam.chat if message.id == command.message), None)
    if message is None:
        raise JamRefusal("message_gone")
    if message.by != by.user and not is_steering(role_of(jam, by.user)):
        raise JamRefusal("forbidden", "Only host and co-host delete what others wrote.")
    if not message.text:
        return None
    return e.MessageDeleted(at=by.at_ms, by=by.user, message=message.id)


# -- what events make of it -----------------------------------------------------------------------------


def _said(jam: Jam, event: e.Said) -> Jam:
    member = jam.members[event.by]
    message = Message(jam.messages + 1, event.by, member.name, event.at, event.text)
    bucket = limits.spend(member.chats, limits.chats(jam.settings.limits), event.at)
    return replace(
        jam,
        members={**jam.members, event.by: replace(member, chats=bucket, active_at=event.at)},
        messages=message.id,
        chat=(*jam.chat, message)[-jam.settings.limits.chat_tail :],
    )


def _deleted(jam: Jam, event: e.MessageDeleted) -> Jam:
    return replace(
        jam,
        chat=tuple(
            replace(message, text="") if message.id == event.message else message for message in jam.chat
        ),
    )


RULES: dict[type[c.Command], Rule] = {c.Say: _say, c.DeleteMessage: _delete}
STEPS: dict[type[e.Event], Step] = {e.Said: _said, e.MessageDeleted: _deleted}
