"""What a command becomes.

Decides on the newest state: an event, nothing, or a refusal. Who may give a command at all is asked here,
once; what it means stands in the file of its subject. If somebody else was faster, the same command is
decided again.
"""

from dataclasses import replace

from jam import adding, chat, doors, hosting, ordering, people, playback, presence, skipping, voting
from jam.commands import Command
from jam.events import Event
from jam.rules import By, Rule, check
from jam.state import Jam

RULES: dict[type[Command], Rule] = {
    **adding.RULES,
    **voting.RULES,
    **ordering.RULES,
    **playback.RULES,
    **skipping.RULES,
    **people.RULES,
    **doors.RULES,
    **hosting.RULES,
    **presence.RULES,
    **chat.RULES,
}


def decide(jam: Jam, command: Command, by: By) -> Event | None:
    """The event, without its `order`; None if nothing changes. Raises JamRefusal; then nothing changed."""
    by = replace(by, at_ms=max(by.at_ms, jam.at))
    check(jam, command, by)
    return RULES[type(command)](jam, command, by)
