"""A replica that begins where an earlier one stood.

Plays what happened since over what was kept, with the same engine that it happened in: what the user saw, and
what was sent, is there again to the letter. Knows the stored form. Does not know the connection.
"""

from ot.client import Diverged, Engine
from ot.document import Document
from ot.op import OpError
from ot.undo import UndoStack
from tutti_client.edits import Edits
from tutti_client.store import Kept, Stored, Unreadable, read
from tutti_client.submissions import Gap
from tutti_client.uids import Uids


def revived(stored: Stored, user: str, uids: Uids, undo: UndoStack) -> tuple[Kept, Edits]:
    """What was kept, and the edits as they were when the last record was written; they go on under
    `uids`. `undo` begins anew. Raises Unreadable."""
    kept, records = read(stored)
    engine = Engine(Document(kept.entries, kept.attributes), kept.version, undo)
    is_same = kept.client == uids.client
    edits = Edits(engine, user, uids if is_same else Uids(kept.client), kept.last_seq)
    try:
        edits.resume(kept, records)
    except (OpError, Diverged, Gap) as error:
        raise Unreadable(f"What was kept of {stored.room} does not fit together: {error}") from error
    if not is_same:
        # Another room made this client go on under a new id, when nothing was unsaved in this one.
        if not engine.is_synced:
            raise Unreadable(f"What is unsaved in {stored.room} was made under another client id.")
        edits.renew(uids)
    undo.clear()
    return kept, edits
