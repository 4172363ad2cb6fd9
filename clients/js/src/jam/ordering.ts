/**
 * Putting the queue in order by hand.
 *
 * Pins stand above all votes. In modes `queue` and `host` every entry has a place, and a move gives it another:
 * those between change places with it, so that ranks stay the same few numbers. A shuffle does that with all of
 * the fallback, by hashes that everybody computes alike.
 */

import { hex, sha256OfText } from "../ot/sha256.js";
import { compareText } from "../ot/value.js";
import { checkRoom } from "./adding.js";
import { type ById, count, found, having, mapped, put, without } from "./maps.js";
import { isByHand } from "./queue.js";
import { JamRefusal } from "./refusal.js";
import { becomes, isSteering, type Rules, type Steps } from "./rules.js";
import { type Entry, type Jam, roleOf } from "./state.js";
import { codePoints } from "./text.js";
import { entryOf } from "./voting.js";

const SEED_CODE_POINTS_MAX = 64;

export const RULES = {
  remove(jam, { entry: id }, by) {
    const entry = entryOf(jam, id);
    if (entry.added_by !== by.user && !isSteering(roleOf(jam, by.user))) {
      throw new JamRefusal("forbidden");
    }
    if (id === jam.timeline.entry) {
      throw new JamRefusal("entry_fixed");
    }
    return becomes(by, "removed", { entry: id });
  },

  clear(jam, _, by) {
    return count(jam.entries, entry => !outlastsClear(jam, entry)) ? becomes(by, "cleared", {}) : null;
  },

  pin(jam, { entry: id, before }, by) {
    const entry = movable(jam, id);
    if (before && !entryOf(jam, before).pin) {
      throw new JamRefusal("entry_fixed");
    }
    const pinned = pins(jam);
    if (entry.pin && pinnedIds(jam, id, before).every((other, at) => other === pinned[at])) {
      return null;
    }
    return becomes(by, "pinned", { entry: id, before });
  },

  unpin(jam, { entry: id }, by) {
    return entryOf(jam, id).pin ? becomes(by, "unpinned", { entry: id }) : null;
  },

  move(jam, { entry: id, before }, by) {
    if (!isByHand(jam)) {
      throw new JamRefusal("not_by_hand");
    }
    if (jam.settings.mode === "host" && !isSteering(roleOf(jam, by.user))) {
      throw new JamRefusal("forbidden");
    }
    const entry = movable(jam, id);
    if (before === id) {
      return null;
    }
    const other = before ? movable(jam, before) : entry;
    if (entry.pin || other.pin) {
      throw new JamRefusal("entry_fixed");
    }
    const moved = movedEntries(jam, id, before);
    if (!count(moved, entry => entry !== jam.entries[entry.id])) {
      return null;
    }
    if (found(moved, id).fallback !== entry.fallback) {
      checkRoom(jam);
    }
    return becomes(by, "moved", { entry: id, before });
  },

  shuffle(jam, { seed }, by) {
    if (codePoints(seed) > SEED_CODE_POINTS_MAX) {
      throw new JamRefusal("command_malformed");
    }
    return count(jam.entries, entry => entry.fallback) ? becomes(by, "shuffled", { seed }) : null;
  },
} satisfies Partial<Rules>;

/** Throws JamRefusal: entry_gone, entry_fixed. */
function movable(jam: Jam, id: string): Entry {
  const entry = entryOf(jam, id);
  if (id === jam.timeline.entry || id === jam.next) {
    throw new JamRefusal("entry_fixed");
  }
  return entry;
}

// -- what events make of it

export const STEPS = {
  removed: (jam, { entry: id }) => withEntries(jam, without(jam.entries, id)),

  cleared: jam =>
    withEntries(
      jam,
      having(jam.entries, entry => outlastsClear(jam, entry)),
    ),

  pinned(jam, { entry: id, before }) {
    const ids = pinnedIds(jam, id, before);
    const entries = mapped(jam.entries, entry => {
      const pin = ids.indexOf(entry.id) + 1;
      return pin && pin !== entry.pin ? { ...entry, pin } : entry;
    });
    return { ...jam, entries };
  },

  unpinned(jam, { entry: id }) {
    return { ...jam, entries: put(jam.entries, id, { ...found(jam.entries, id), pin: 0 }) };
  },

  moved(jam, { entry: id, before }) {
    return { ...jam, entries: movedEntries(jam, id, before) };
  },

  shuffled(jam, { seed }) {
    const kind = ranked(jam.entries).filter(entry => entry.fallback);
    const hashed = kind.map(entry => ({ entry, hash: hex(sha256OfText(seed + entry.id)) }));
    hashed.sort((one, other) => compareText(one.hash, other.hash));
    return {
      ...jam,
      entries: withRanks(
        jam.entries,
        kind,
        hashed.map(({ entry }) => entry),
      ),
    };
  },
} satisfies Partial<Steps>;

function outlastsClear(jam: Jam, entry: Entry): boolean {
  return entry.fallback || entry.id === jam.timeline.entry;
}

/** What was to be next is so no longer if it is not there. */
function withEntries(jam: Jam, entries: ById<Entry>): Jam {
  return { ...jam, entries, next: Object.hasOwn(entries, jam.next) ? jam.next : "" };
}

/** The pinned ones in their order once this one stands there. */
function pinnedIds(jam: Jam, id: string, before: string): string[] {
  found(jam.entries, id);
  return before === id ? pins(jam) : placedBefore(pins(jam), id, before);
}

/** The ids of what is pinned and waits, in order. */
function pins(jam: Jam): string[] {
  return Object.values(jam.entries)
    .filter(entry => entry.pin && entry.id !== jam.timeline.entry)
    .sort((one, other) => one.pin - other.pin)
    .map(entry => entry.id);
}

/** The ids with this one before the other, or else at the end. */
function placedBefore(ids: readonly string[], id: string, before: string): string[] {
  const others = ids.filter(other => other !== id);
  const place = others.indexOf(before);
  others.splice(place < 0 ? others.length : place, 0, id);
  return others;
}

/**
 * The entries once this one stands before the other, or (empty) at the end of its kind. A song of the fallback that
 * is put among people's becomes one of theirs; one of theirs goes no lower than their end.
 */
function movedEntries(jam: Jam, id: string, before: string): ById<Entry> {
  let entries = jam.entries;
  let moved = found(entries, id);
  if (moved.fallback && before && !found(entries, before).fallback) {
    moved = { ...moved, fallback: false };
    entries = put(entries, id, moved);
  }
  const kind = ranked(entries).filter(entry => entry.fallback === moved.fallback);
  const ids = placedBefore(
    kind.map(entry => entry.id),
    id,
    before,
  );
  return withRanks(
    entries,
    kind,
    ids.map(other => found(entries, other)),
  );
}

/** `kind`, in its present order, gives its places to `target`, the same in the new one. */
function withRanks(entries: ById<Entry>, kind: readonly Entry[], target: readonly Entry[]): ById<Entry> {
  const moved = target.map((entry, at): [string, Entry] => {
    const { rank } = kind[at]!;
    return [entry.id, entry.rank === rank ? entry : { ...entry, rank }];
  });
  return { ...entries, ...Object.fromEntries(moved) };
}

function ranked(entries: ById<Entry>): Entry[] {
  return Object.values(entries).sort(
    (one, other) => one.rank - other.rank || one.added_seq - other.added_seq,
  );
}
