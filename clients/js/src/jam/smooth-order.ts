/**
 * A whole list in the order in which it plays most smoothly.
 *
 * The first song stays. From each song the walk goes on to the one that follows it most smoothly; then the roughest
 * places that this leaves are mended, by turning a stretch around or moving a song elsewhere (2-opt and or-opt:
 * Croes 1958, Or 1976). The best order is as hard to find as a travelling salesman's tour; this one takes bounded
 * time and is the same everywhere. Knows roughness. Does not know what the songs are.
 */

import type { Features } from "./features.js";
import { placeIn } from "./keys.js";
import { roughness, type Spot, spotOf } from "./smooth.js";

/**
 * How many pairs of songs may be compared, for the longest list. Up to 1,400 songs the walk sees all that are left;
 * in longer lists, those that are near in key and tempo.
 */
const WALK_PAIRS_MAX = 2_000_000;
const MEND_PAIRS_MAX = 1_000_000;

/** What the path gets smoother by, and where. */
type Gain = readonly [gain: number, at: number];
const NONE: Gain = [-Infinity, 0];

/** The indexes of the songs in their new order, which begins with the first. */
export function smoothOrder(songs: readonly Features[]): number[] {
  const spots = songs.map(spotOf);
  if (spots.length < 3) {
    return spots.map((_, index) => index);
  }
  const path = new Path(spots, walk(spots));
  path.mend(Math.floor(MEND_PAIRS_MAX / (2 * spots.length)));
  return path.order;
}

/** From each song to the one that follows most smoothly, of those near by that are left. */
function walk(spots: readonly Spot[]): number[] {
  function compare(one: number, other: number): number {
    const a = spots[one]!;
    const b = spots[other]!;
    return a.key - b.key || a.tempo - b.tempo || one - other;
  }

  // Neighbours here sound alike: a window around the last song holds the best that are left.
  const left = Array.from({ length: spots.length - 1 }, (_, index) => index + 1).sort(compare);
  const width = Math.max(32, Math.floor(WALK_PAIRS_MAX / spots.length));
  const order = [0];
  let at = placeIn(left, index => compare(index, 0) < 0);
  while (left.length > 0) {
    const start = Math.max(0, Math.min(at - (width >> 1), left.length - width));
    const from = spots[order[order.length - 1]!]!;
    const costs = left.slice(start, start + width).map(index => roughness(from, spots[index]!));
    at = start + costs.indexOf(Math.min(...costs));
    order.push(...left.splice(at, 1));
  }
  return order;
}

/** An order that is being mended. `costs[i]` is the roughness between stops i and i + 1. */
class Path {
  readonly order: number[];
  readonly #spots: Spot[];
  readonly #costs: number[] = [];

  constructor(spots: readonly Spot[], order: number[]) {
    this.order = order;
    this.#spots = order.map(index => spots[index]!);
    this.#costs.length = order.length - 1;
    this.#measure(...this.#costs.keys());
  }

  /** Takes the roughest places in turn, until nothing helps any more or there were enough attempts. */
  mend(attempts: number): void {
    const hopeless = new Set<string>();
    let hasChanged = false;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const at = this.#roughest(hopeless);
      if (at < 0) {
        if (!hasChanged) {
          return;
        }
        hasChanged = false;
        hopeless.clear();
      } else if (this.#mendAt(at)) {
        hasChanged = true;
      } else {
        hopeless.add(this.#pairAt(at));
      }
    }
  }

  /** Of the places for which there is hope; -1 for none. */
  #roughest(hopeless: ReadonlySet<string>): number {
    let most = 0;
    let found = -1;
    this.#costs.forEach((cost, at) => {
      if (cost > most && !hopeless.has(this.#pairAt(at))) {
        most = cost;
        found = at;
      }
    });
    return found;
  }

  #pairAt(at: number): string {
    return `${this.order[at]} ${this.order[at + 1]}`;
  }

  /**
   * Does what helps most against the roughness between `at` and the next stop. False if nothing does.
   *
   * Between u and v there are three ways. A turn joins u to some stop j and v to the one after j:
   *
   *     … u v … j k …   becomes   … u j … v k …        (or the other way round, if j comes before u)
   *
   * Else v moves to stand between two others, or u does. A gain is what the path gets smoother by.
   */
  #mendAt(at: number): boolean {
    const costs = this.#costs;
    const fromU = this.#costsFrom(at);
    const fromV = this.#costsFrom(at + 1);
    const turns = fromU.map((u, j) => (costs[j] ?? 0) - u - (fromV[j + 1] ?? 0));
    const [turned, turnAt] = best(turns, at);
    const turnGain = turned + costs[at]!;
    const [vGain, vTo] = this.#bestMove(fromV, at + 1);
    const [uGain, uTo] = at > 0 ? this.#bestMove(fromU, at) : NONE;
    const gain = Math.max(turnGain, vGain, uGain);
    if (gain <= 0) {
      return false;
    }
    if (turnGain === gain) {
      this.#turn(Math.min(at, turnAt) + 1, Math.max(at, turnAt));
    } else if (vGain === gain) {
      this.#move(at + 1, vTo);
    } else {
      this.#move(at, uTo);
    }
    return true;
  }

  /** What moving the stop `at` gains, and after which stop it should stand. */
  #bestMove(fromIt: readonly number[], at: number): Gain {
    const costs = this.#costs;
    const gains = fromIt.map((one, after) => (costs[after] ?? 0) - one - (fromIt[after + 1] ?? 0));
    const [gain, after] = best(gains, at - 1, at);
    const closed = at < costs.length ? costs[at]! - this.#cost(at - 1, at + 1) : 0;
    return [gain + costs[at - 1]! + closed, after];
  }

  /** Turns the stops from `first` to `last` around. */
  #turn(first: number, last: number): void {
    turnAround(this.order, first, last + 1);
    turnAround(this.#spots, first, last + 1);
    turnAround(this.#costs, first, last);
    this.#measure(first - 1, last);
  }

  /** Moves the stop `at` to stand after another one; where it was, its neighbours meet. */
  #move(at: number, after: number): void {
    const closed = at - 1;
    const opened = after > at ? after - 1 : after;
    this.order.splice(opened + 1, 0, ...this.order.splice(at, 1));
    this.#spots.splice(opened + 1, 0, ...this.#spots.splice(at, 1));
    // One cost fewer where it was, one more where it is now; those beside both places are measured.
    this.#costs.splice(Math.min(at, this.#costs.length - 1), 1);
    this.#costs.splice(opened, 0, 0);
    this.#measure(closed + (closed > opened ? 1 : 0), opened, opened + 1);
  }

  #measure(...places: number[]): void {
    for (const at of places) {
      if (at < this.#costs.length) {
        this.#costs[at] = this.#cost(at, at + 1);
      }
    }
  }

  #cost(one: number, other: number): number {
    return roughness(this.#spots[one]!, this.#spots[other]!);
  }

  #costsFrom(at: number): number[] {
    const from = this.#spots[at]!;
    return this.#spots.map(spot => roughness(from, spot));
  }
}

/** The largest gain and where it stands; the first of equals. */
function best(gains: number[], ...excluded: number[]): Gain {
  for (const at of excluded) {
    gains[at] = -Infinity;
  }
  const gain = Math.max(...gains);
  return [gain, gains.indexOf(gain)];
}

function turnAround<T>(list: T[], first: number, end: number): void {
  list.splice(first, end - first, ...list.slice(first, end).reverse());
}
