"""What this implementation answers to a vector of `tests/vectors/jam.jsonl`, or to `differential`."""

from typing import Any

from jam.commands import decode_command
from jam.digest import digest, order_digest
from jam.events import decode_event, encode_event
from jam.lineup import Lineup
from jam.queue import order
from jam.refusal import JamRefusal
from jam.rules import By, Source
from jam.scene import Scene
from jam.state import load
from jam.step import follow, step


def jam_answer(given: dict[str, Any]) -> dict[str, Any]:
    """The `expected` of a vector whose `given` this is."""
    jam = load(given["state"])
    if given["fn"] == "order":
        ids = order(jam)
        return {"order": ids, "order_digest": order_digest(ids), "digest": digest(jam)}
    lineup = Lineup(jam)
    if given["fn"] == "follow":
        for body in given["events"]:
            lineup = follow(lineup, decode_event(body))
        return {"order": lineup.order(), "digest": digest(lineup.jam)}
    by = given["by"]
    source, scene = Source[by["source"].upper()], Scene(shown=by.get("shown", {}))
    try:
        decided = step(lineup, decode_command(given["command"]), By(by["user"], by["at_ms"], source, scene))
    except JamRefusal as refusal:
        return {"refused": {"code": refusal.code, "retry_after_ms": refusal.retry_after_ms}}
    if decided is None:
        return {"nothing": True}
    event = encode_event(decided.event)
    # Who only follows gets the same from the event as it travels.
    followed = follow(lineup, decode_event(event))
    return {"event": event, "order": followed.order(), "digest": digest(followed.jam)}
