/**
 * Our Jam as a filter, beside the algebra's (`node dist/conformance.js` runs both).
 *
 * Questions are those of `tests/vectors/jam.jsonl` and `jam_logs.jsonl`: what a command of a client becomes
 * (`decide`), where events lead (`follow`), and how a queue stands (`order`). Knows questions. Does not know what
 * they are for.
 */

import { isMap } from "../ot/value.js";
import { listOf, Misfit, oneOf, record, text, whole } from "../shape.js";
import { decodeCommand } from "./commands.js";
import { decide } from "./decide.js";
import { digest, orderDigest } from "./digest.js";
import { decodeEvent } from "./events.js";
import { Lineup } from "./lineup.js";
import { order } from "./queue.js";
import { reduce } from "./reduce.js";
import { JamRefusal } from "./refusal.js";
import { load } from "./state.js";
import { follow, OrderDiffers } from "./step.js";

const QUESTION = record({ fn: oneOf("decide", "follow", "order"), state: load });
const DECIDE = record({ command: decodeCommand, by: record({ user: text, at_ms: whole }) });
const FOLLOW = record({ events: listOf(decodeEvent) });

/** What the filter says to one line; null if it asks nothing of a Jam. */
export function answer(line: string): object | null {
  const request = parsed(line);
  if (!isMap(request) || !Object.hasOwn(request, "state")) {
    return null;
  }
  try {
    return answered(request);
  } catch (error) {
    if (error instanceof JamRefusal) {
      return { refused: { code: error.code, retry_after_ms: error.retryAfterMs } };
    }
    if (error instanceof Misfit || error instanceof OrderDiffers) {
      return { error: { code: "jam_malformed", message: error.message } };
    }
    throw error;
  }
}

function answered(request: unknown): object {
  const { fn, state } = QUESTION(request);
  if (fn === "order") {
    const ids = order(state);
    return { order: ids, order_digest: orderDigest(ids), digest: digest(state) };
  }
  const lineup = new Lineup(state);
  if (fn === "follow") {
    return said(FOLLOW(request).events.reduce(follow, lineup));
  }
  const { command, by } = DECIDE(request);
  const event = decide(state, command, { user: by.user, atMs: by.at_ms, lineup });
  if (event === null) {
    return { nothing: true };
  }
  const after = lineup.followedBy(reduce(state, event));
  return { event: { ...event, order: orderDigest(after.order()) }, ...said(after) };
}

function said(lineup: Lineup): object {
  return { order: lineup.order(), digest: digest(lineup.jam) };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
