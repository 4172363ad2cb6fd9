"""What the JavaScript SDK tells, in the Python SDK's words.

Its events are told apart by `type`, their members named in its own style. Knows both forms of what happens
in a playlist. Does not know where an event came from.
"""

from collections.abc import Iterable
from typing import Any

from ot.op import decode
from tutti_client import events as sdk
from tutti_client.link_events import InRoom, LinkEvent, MembersChanged, MoveWanted, TokenWanted, Welcomed


def link_events(told: Iterable[dict[str, Any]]) -> list[LinkEvent]:
    return [_link_event(event) for event in told]


def _link_event(told: dict[str, Any]) -> LinkEvent:
    match told["type"]:
        case "in_room":
            return InRoom(told["room"], event_of(told["event"]))
        case "members_changed":
            return MembersChanged(told["room"])
        case "welcomed":
            return Welcomed(told["retryBaseMs"], told["retryCapMs"])
        case "token_wanted":
            return TokenWanted(told["withinMs"])
        case "move_wanted":
            return MoveWanted(told["afterMs"])
        case unknown:
            raise AssertionError(f"no link with a playlist tells of {unknown}")


def event_of(told: dict[str, Any]) -> sdk.Event:
    """Of a playlist's replica."""
    match told["type"]:
        case "change":
            return sdk.Change(decode(told["op"]), told["version"], told["author"], told["own"])
        case "reloaded":
            return sdk.Reloaded(told["version"])
        case "renamed":
            return sdk.Renamed(told["uids"])
        case "acknowledged":
            return sdk.Acknowledged(
                told["client"], told["seq"], told["version"], told["edits"], told["base"], told["isOp"]
            )
        case "refusal":
            op = decode(told["op"])
            return sdk.Refusal(told["client"], told["seq"], told["code"], told["message"], op, told["edits"])
        case "delayed":
            return sdk.Delayed(told["code"], told["message"])
        case "resynced":
            return sdk.Resynced(told["reason"], told["version"])
        case "diverged":
            return sdk.Diverged(told["version"])
        case "role":
            return sdk.RoleSet(told["role"])
        case "closed":
            return closed_of(told)
        case unknown:
            raise AssertionError(f"no playlist tells of {unknown}")


def closed_of(told: dict[str, Any]) -> sdk.Closed:
    return sdk.Closed(told["code"], told["message"], decode(told["op"]))
