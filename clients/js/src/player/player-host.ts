/** What a player asks of the client. */

import type { After } from "../waits.js";
import type { Streams } from "./download.js";

/** A `Tutti` is one. */
export interface PlayerHost extends Streams {
  /** The client's own monotonic clock, ms. */
  nowMs(): number;
  /** Its timers: those of a worker run on while nobody sees the page. */
  readonly after: After;
}
