/**
 * A replica that begins where an earlier one stood.
 *
 * Plays what happened since over what was kept, with the same engine that it happened in: what the user saw, and
 * what was sent, is there again to the letter. Knows the stored form. Does not know the connection.
 */

import { Edits } from "./edits.js";
import { Engine } from "./ot/client.js";
import { Diverged } from "./ot/inflight.js";
import { OpError } from "./ot/op.js";
import type { UndoStack } from "./ot/undo.js";
import { documentOf } from "./snapshot.js";
import { type Kept, read, type Stored, Unreadable } from "./store.js";
import { Gap } from "./submissions.js";
import { Uids } from "./uids.js";

/**
 * What was kept, and the edits as they were when the last record was written; they go on under `uids`. `undo`
 * begins anew. Throws Unreadable.
 */
export function revived(
  stored: Stored,
  user: string,
  uids: Uids,
  undo: UndoStack,
): { kept: Kept; edits: Edits } {
  const { kept, records } = read(stored);
  const isSame = kept.client === uids.client;
  let edits: Edits;
  try {
    const engine = new Engine(documentOf({ ...kept }), kept.version, undo);
    edits = new Edits(engine, user, isSame ? uids : new Uids(kept.client), kept.last_seq);
    edits.resume(kept, records);
  } catch (error) {
    if (error instanceof OpError || error instanceof Diverged || error instanceof Gap) {
      throw new Unreadable(`What was kept of ${stored.room} does not fit together: ${error.message}`);
    }
    throw error;
  }
  if (!isSame) {
    // Another room made this client go on under a new id, when nothing was unsaved in this one.
    if (!edits.engine.isSynced) {
      throw new Unreadable(`What is unsaved in ${stored.room} was made under another client id.`);
    }
    edits.renew(uids);
  }
  undo.clear();
  return { kept, edits };
}
