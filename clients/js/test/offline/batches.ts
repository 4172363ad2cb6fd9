/** What a client would write. */

import type { Batch } from "../../src/offline-store.js";

export const SERVER = "wss://tutti.example/v1/socket";
export const USER = "ada";

export function batch({
  user = USER,
  uids = 0,
  ...given
}: Partial<Omit<Batch, "session">> & { user?: string; uids?: number }): Batch {
  return {
    session: { user, client: "device", uids, clockAheadMs: 0 },
    writes: [],
    refusals: [],
    forgotten: [],
    dismissed: [],
    ...given,
  };
}
