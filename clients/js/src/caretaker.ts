/**
 * What closed tabs left unsaved.
 *
 * A tab that ends while the server is away leaves its edits on its seat (see `seat`). Whoever is connected next finds
 * them and brings them to the server with a client of its own, which lives as long as that takes. Knows places.
 * Does not know edits.
 */

import type { OfflinePlace } from "./offline-store.js";
import { Signal } from "./signal.js";
import type { Tutti } from "./tutti.js";
import { notified } from "./waits.js";

/** How often a client that stays connected looks for them; it also does so whenever the server is back. */
export const LOOK_EVERY_MS = 60_000;
/** So long a client may take to save what it found; what it could not stays where it is. */
export const SAVE_TIMEOUT_MS = 30_000;

/** Looks now and then, as long as `tutti` lives. `connect` makes a client for a place that nobody has open. */
export async function takeCare(
  tutti: Tutti,
  orphans: (user: string) => Promise<readonly OfflinePlace[]>,
  connect: (place: OfflinePlace) => Promise<Tutti>,
): Promise<void> {
  const changed = new Signal();
  const unsubscribe = tutti.subscribe(() => changed.notify());
  while (!tutti.over.aborted) {
    const { sessions } = tutti;
    if (tutti.isConnected) {
      // Whatever fails here concerns no edit of this page, and is tried again.
      await saveAll(await orphans(tutti.userId).catch(() => []), connect);
    }
    const untilMs = tutti.nowMs() + LOOK_EVERY_MS;
    while (tutti.sessions === sessions && tutti.nowMs() < untilMs && !tutti.over.aborted) {
      await notified(changed, untilMs - tutti.nowMs(), tutti.over);
    }
  }
  unsubscribe();
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
