import pytest

from jam import commands as c
from jam.settings import Limits, Settings
from tests.jam.party import Party


def test_a_message_is_kept_with_who_said_it() -> None:
    party = Party(None, "bob")
    party.do("bob", c.Say("  hello\n\u202eworld "))
    (message,) = party.jam.chat
    assert (message.id, message.by, message.name, message.text) == (1, "bob", "Bob", "hello\n\u202eworld")


@pytest.mark.parametrize("text", ["", "  ", "x" * 501, "a\x00b", "\x1b[31m", "\x9b31m", "\x7f"])
def test_what_is_no_message(text: str) -> None:
    assert Party().refused("ann", c.Say(text)) == "chat_invalid"


def test_a_flood_waits() -> None:
    party = Party(None, "bob")
    for _ in range(5):
        party.do("bob", c.Say("spam"))
    assert party.refused("bob", c.Say("spam")) == "too_many_messages"
    party.do("ann", c.Say("others may speak"))
    party.passes(2_000)
    party.do("bob", c.Say("one more"))


def test_the_tail_is_bounded() -> None:
    party = Party(Settings(limits=Limits(chats=1_000, chat_tail=3)))
    for number in range(5):
        party.do("ann", c.Say(str(number)))
    assert [message.text for message in party.jam.chat] == ["2", "3", "4"]


def test_moderation() -> None:
    party = Party(None, "bob", "cid")
    for user in ("bob", "cid", "ann"):
        party.do(user, c.Say("oops"))
    party.do("bob", c.DeleteMessage(1))
    assert party.refused("bob", c.DeleteMessage(2)) == "forbidden"
    party.steer("ann", c.DeleteMessage, 2)
    assert party.steer("ann", c.DeleteMessage, 2) is None
    assert party.refused("ann", c.DeleteMessage(9, reign=1)) == "message_gone"
    assert [message.text for message in party.jam.chat] == ["", "", "oops"]


def test_listeners_may_speak() -> None:
    party = Party()
    party.join("lis", "listener")
    party.do("lis", c.Say("lovely"))
