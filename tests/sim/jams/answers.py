"""Whether an event is what was asked for.

What a command can become, and what the two must agree on, said without the rules that decide: a rule that
answers another question than the one that was put is wrong, however well the state folds.
"""

from typing import Final

from collab.messages import Body

# What a command can become.
_ANSWERS: Final[dict[str, tuple[str, ...]]] = {
    "add": ("added",), "vote": ("voted",), "remove": ("removed",), "clear": ("cleared",),
    "pin": ("pinned",), "unpin": ("unpinned",), "move": ("moved",), "shuffle": ("shuffled",),
    "fallback": (), "play": ("resumed", "advanced"), "pause": ("paused",), "seek": ("sought",),
    "next": (), "previous": ("sought",), "play_now": ("advanced", "resumed"), "skip": (),
    "veto": ("vetoed",), "unplayable": (), "leave": ("left",), "kick": ("kicked",), "ban": ("banned",),
    "unban": ("unbanned",), "promote": ("promoted",), "approve": (), "deny": ("denied",),
    "lock": ("locked",), "rotate": ("rotated",), "hand_over": ("handed_over",), "end": ("ended",),
    "set": ("settings_set",), "say": (), "delete_message": ("message_deleted",),
    "join": ("joined", "knocked"),
}  # fmt: skip


def fits(command: Body, event: Body) -> bool:
    """Whether what both say under one name is the same."""
    match command["do"], event["event"]:
        case "add", "merged":
            return bool(command["entry"] == event["requested"])
        case "fallback", "fallback_set":
            return all(track in command["tracks"] for track in event["tracks"])
        case "say", "said":
            return bool(command["text"].strip() == event["text"])
        case (("previous" | "next" | "unplayable" | "skip"), "advanced"):
            return bool(command["play"] == event["play"])
        case "skip", "skip_voted":
            return (command["play"], command.get("value", True)) == (event["play"], event["value"])
        case "approve", "joined":
            return bool(command["user"] == event["user"])
        case do, name if name in _ANSWERS[do]:
            both = command.keys() & event.keys()
            return all(command[name] == event[name] for name in both)
    return False
