/**
 * Which entries are chosen, and where they go.
 *
 * A choice is kept by uid, so that it stays with its entries when others move them; what is done with it is said in
 * places, of the list as it is at that moment. Pure. Does not know how an entry looks, or what a pointer is.
 */

/** Chosen uids, and the one from which a range is drawn. */
export interface Choice {
  readonly uids: ReadonlySet<string>;
  readonly anchor: string | null;
}

export const NOTHING: Choice = { uids: new Set(), anchor: null };

/** How a press changes a choice: alone, one more or less, or everything up to here. */
export type Press = "alone" | "toggle" | "range";

/** Indexes `start`, …, `start + count - 1`. */
export interface Run {
  readonly start: number;
  readonly count: number;
}

/** One `playlist.move`: of the list as the moves before have left it. */
export interface Move extends Run {
  readonly to: number;
}

/** The choice after a press on `uid` in a list with these uids. */
export function pressed(choice: Choice, uid: string, press: Press, order: readonly string[]): Choice {
  if (press === "range" && choice.anchor !== null) {
    const from = order.indexOf(choice.anchor);
    const to = order.indexOf(uid);
    if (from >= 0 && to >= 0) {
      const [first, last] = from < to ? [from, to] : [to, from];
      return { uids: new Set(order.slice(first, last + 1)), anchor: choice.anchor };
    }
  }
  if (press === "toggle") {
    const uids = new Set(choice.uids);
    if (!uids.delete(uid)) {
      uids.add(uid);
    }
    return { uids, anchor: uid };
  }
  return { uids: new Set([uid]), anchor: uid };
}

/** The choice without what is gone; the same object if nothing is. */
export function remaining(choice: Choice, present: ReadonlySet<string>): Choice {
  const uids = [...choice.uids].filter(uid => present.has(uid));
  if (uids.length === choice.uids.size) {
    return choice;
  }
  const anchor = choice.anchor !== null && present.has(choice.anchor) ? choice.anchor : null;
  return { uids: new Set(uids), anchor };
}

/** Where the chosen stand, as few runs as that takes, in order. */
export function runsOf(uids: ReadonlySet<string>, order: readonly string[]): Run[] {
  const runs: { start: number; count: number }[] = [];
  for (const [index, uid] of order.entries()) {
    if (uids.has(uid)) {
      const last = runs.at(-1);
      if (last !== undefined && last.start + last.count === index) {
        last.count += 1;
      } else {
        runs.push({ start: index, count: 1 });
      }
    }
  }
  return runs;
}

/**
 * The moves that bring runs together before the entry that is now at `to` (the length: the end), in their order. What
 * stands there already is not moved.
 */
export function movesTo(runs: readonly Run[], to: number): Move[] {
  const moves: Move[] = [];
  let before = to;
  // From the target outwards: those above it are put before what was put there, those below after it.
  for (const { start, count } of [...runs].reverse()) {
    const above = Math.min(count, Math.max(0, to - start));
    if (above > 0) {
      if (start + above !== before) {
        moves.push({ start, count: above, to: before });
      }
      before -= above;
    }
  }
  let after = to;
  for (const { start, count } of runs) {
    const first = Math.max(start, to);
    const below = start + count - first;
    if (below > 0) {
      if (first !== after) {
        moves.push({ start: first, count: below, to: after });
      }
      after += below;
    }
  }
  return moves;
}
