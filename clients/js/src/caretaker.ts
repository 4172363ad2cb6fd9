/**
 * What closed tabs left unsaved.
 *
 * A tab that ends while the server is away leaves its edits on its seat (see `seat`). Whoever is connected next finds
 * them and brings them to the server with a client of its own, which lives as long as that takes. Knows places.
 * Does not know edits.
 */

import type { OfflinePlace } from "./offline-store.js";
import type { Tutti } from "./tutti.js";
import { paused } from "./waits.js";

/** How often a client that is connected looks for them. */
export const LOOK_EVERY_MS = 60_000;
/** So long a client may take to save what it found; what it could not stays where it is. */
export const SAVE_TIMEOUT_MS = 30_000;

/** Looks now and then, as long as `tutti` lives. `connect` makes a client for a place that nobody has open. */
export async function takeCare(
  tutti: Tutti,
  orphans: (user: string) => Promise<readonly OfflinePlace[]>,
  connect: (place: OfflinePlace) => Promise<Tutti>,
): Promise<void> {
  while (!tutti.over.aborted) {
    if (tutti.isConnected) {
      // Whatever fails here concerns no edit of this page, and is tried again.
      await saveAll(await orphans(tutti.userId).catch(() => []), connect);
    }
    await paused(LOOK_EVERY_MS, tutti.over);
  }
}

async function saveAll(
  places: readonly OfflinePlace[],
  connect: (place: OfflinePlace) => Promise<Tutti>,
): Promise<void> {
  for (const place of places) {
    const other = await connect(place).catch(() => null);
    // What is refused is kept with its reason; the next page that takes the seat shows it.
    await other?.close({ timeoutMs: SAVE_TIMEOUT_MS }).catch(() => undefined);
  }
}
