/**
 * Parts of the SDK that come when they are first needed.
 *
 * A page that only edits playlists should not load what Jams, the past and suggestions take; bundlers and browsers
 * make a file of its own of whatever is behind `import()`.
 */

import { Unreachable } from "./errors.js";

/** The part. Rejects with Unreachable if it cannot be had now: the page may be offline, or of another release. */
export async function lazily<T>(part: Promise<T>): Promise<T> {
  try {
    return await part;
  } catch (error) {
    throw new Unreachable("unreachable", `A part of this program did not load: ${(error as Error).message}`);
  }
}
