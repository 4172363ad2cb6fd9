/**
 * What is kept for one server, as it stands after some batches.
 *
 * For stores that hold it in memory and write a log of batches. Knows rooms, records and refusals. Does not know
 * where they are written.
 */

import { type Batch, REFUSALS_MAX, type StoredRefusal, type StoredSession } from "./offline-store.js";
import type { Stored } from "./store.js";

interface Room {
  whole: string;
  records: string[];
  isUnsaved: boolean;
}

export class Kept {
  session: StoredSession | null = null;
  readonly #users = new Map<string, { rooms: Map<string, Room>; refusals: StoredRefusal[] }>();

  /** About how many characters it would take to write it anew. */
  get size(): number {
    let size = 0;
    for (const { rooms, refusals } of this.#users.values()) {
      for (const { whole, records } of rooms.values()) {
        size += records.reduce((sum, record) => sum + record.length, whole.length);
      }
      size += refusals.reduce((sum, { refusal }) => sum + refusal.length, 0);
    }
    return size;
  }

  unsavedRooms(user: string): Stored[] {
    return [...this.#of(user).rooms]
      .filter(([, { isUnsaved }]) => isUnsaved)
      .map(([room, { whole, records }]) => ({ room, whole, records }));
  }

  room(user: string, room: string): Stored | null {
    const known = this.#of(user).rooms.get(room);
    return known === undefined ? null : { room, whole: known.whole, records: known.records };
  }

  refusals(user: string): readonly StoredRefusal[] {
    return this.#of(user).refusals;
  }

  take({ session, writes, refusals, forgotten, dismissed }: Batch): void {
    this.session = session;
    const kept = this.#of(session.user);
    for (const { room, whole, records, isUnsaved } of writes) {
      const known = kept.rooms.get(room);
      if (whole !== null) {
        kept.rooms.set(room, { whole, records: [...records], isUnsaved });
      } else if (known !== undefined) {
        known.records.push(...records);
        known.isUnsaved = isUnsaved;
      }
    }
    for (const room of forgotten) {
      kept.rooms.delete(room);
    }
    const others = kept.refusals.filter(({ room }) => !dismissed.includes(room));
    kept.refusals = [...others, ...refusals].slice(-REFUSALS_MAX);
  }

  /** Batches after which it stands as it does. */
  batches(): Batch[] {
    const last = this.session;
    if (last === null) {
      return [];
    }
    // Whoever edits here now comes last.
    const users = [...this.#users].sort(
      ([one], [other]) => Number(one === last.user) - Number(other === last.user),
    );
    return users.map(([user, { rooms, refusals }]) => ({
      session: user === last.user ? last : { ...last, user },
      writes: [...rooms].map(([room, kept]) => ({ room, ...kept })),
      refusals,
      forgotten: [],
      dismissed: [],
    }));
  }

  #of(user: string) {
    const known = this.#users.get(user) ?? { rooms: new Map<string, Room>(), refusals: [] };
    this.#users.set(user, known);
    return known;
  }
}
