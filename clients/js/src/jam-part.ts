/**
 * All that a client needs for Jams, in one piece.
 *
 * Most of the SDK is about Jams. It is loaded when the first one is asked for (`import()` in `tutti`); nothing that
 * an app loads at first may import it otherwise than by type.
 */

import { JAM_FOLD } from "./jam-fold.js";
import { jamsBy } from "./jam-replica.js";

export { Jam } from "./jam.js";
export { JamRequests } from "./jam-requests.js";

export const JAMS = jamsBy(JAM_FOLD);
