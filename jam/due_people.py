"""What presence wants of a Jam, and when.

Compares who is here in the log with who has a connection on this node, or on another one that told of it.
Nodes may not hear each other, so a node can only doubt: somebody unseen and silent in the log is proposed
away, and the node that has their connection answers with `back`, which counts as a sign of life. Only that
node does: who hears of a connection may hear of it after its end.
"""

from collections.abc import Iterator

from jam import commands as c
from jam.hosting import successor
from jam.presence import empty_since
from jam.scene import Scene
from jam.state import Jam, Member

# A page that is loaded again, or a phone between two networks, is not away. No Jam waits longer for that than
# this part of the time after which it replaces its host, so that shortened times keep their proportions.
LEFT_GRACE_MS = 10_000
LEFT_GRACE_PART = 6
# Everybody may find their way back to a node that has just begun to serve the Jam.
LOADED_GRACE_MS = 15_000
LOADED_GRACE_PART = 4


def people_due(jam: Jam, scene: Scene) -> Iterator[tuple[int, c.Command]]:
    """Pairs of room time from which on something is wanted, and what."""
    times = jam.settings.times
    if jam.status == "dormant":
        yield jam.status_at + times.dormant_ms, c.Expire()
    for user, member in jam.members.items():
        if member.away_at:
            if user in scene.here:
                since_ms = scene.here[user]
                yield since_ms, c.Back([user], [user] if since_ms <= member.away_at else [])
            elif not member.asleep:
                yield member.away_at + times.asleep_ms, c.Asleep([user])
        elif user not in scene.here and user not in scene.elsewhere:
            yield _unseen_at(jam, user, member, scene), c.Away([user])
    if jam.status != "live":
        return
    since = empty_since(jam)
    if since is not None:
        yield since + times.empty_ms, c.FallDormant()
    host = jam.members.get(jam.host)
    if host is not None and host.away_at and successor(jam) is not None:
        yield host.away_at + times.host_away_ms, c.Act()


def _unseen_at(jam: Jam, user: str, member: Member, scene: Scene) -> int:
    """From when on somebody who is not seen here counts as away."""
    times = jam.settings.times
    left = scene.left_ms.get(user)
    if left is not None and left >= member.active_at:
        return left + min(LEFT_GRACE_MS, times.host_away_ms // LEFT_GRACE_PART)
    if member.active_at < scene.loaded_ms:
        return scene.loaded_ms + min(LOADED_GRACE_MS, times.host_away_ms // LOADED_GRACE_PART)
    # Another node has them. A host who is gone has to be replaced soon; of others only the votes matter.
    return member.active_at + (times.host_away_ms if user == jam.host else times.asleep_ms)
