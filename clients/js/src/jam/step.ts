/**
 * One step of a Jam, as a replica takes it: a committed event in, the Jam and its order after it out.
 *
 * Here the order's digest that an event brings is compared.
 */

import { orderDigest } from "./digest.js";
import type { Event } from "./events.js";
import type { Lineup } from "./lineup.js";
import { reduce } from "./reduce.js";

/** The event was decided over another order of the queue: fetch a snapshot. */
export class OrderDiffers extends Error {
  override readonly name = "OrderDiffers";
}

/** The lineup after a committed event. Throws OrderDiffers, and Misfit as `reduce`. */
export function follow(lineup: Lineup, event: Event): Lineup {
  const after = lineup.followedBy(reduce(lineup.jam, event));
  if (orderDigest(after.order()) !== event.order) {
    throw new OrderDiffers(event.order);
  }
  return after;
}
