/**
 * Who else is in a playlist, and what we show of ourselves.
 *
 * Newest wins, and nothing of this is stored: after a new connection the server tells who is here, and we tell
 * again what we show. Knows members and counters. Does not know what a state means: that is `playlist`'s.
 */

import { isMap, same, type Value } from "./ot/value.js";
import { type Body, type Member, type Presence, type SetPresence, setPresence } from "./wire/messages.js";

/** A cursor that moves all the time is told this often; what lies between is never sent. */
export const EVERY_MS = 100;
/** A server names about a hundred of a crowd. Who names more than this without end is not listened to any more. */
export const MEMBERS_MAX = 10_000;

/** The members of one room, by member id, and our own state there. */
export class Roster {
  #members = new Map<string, Member>();
  #list: readonly Member[] | null = null;
  #total = 0;
  #state: Body | null = null;
  #counter = 0;
  #isDue = false;
  #dueMs = 0;

  constructor(readonly room: string) {}

  /** The same list until somebody came or went, or shows something else. */
  get members(): readonly Member[] {
    this.#list ??= [...this.#members.values()];
    return this.#list;
  }

  /** How many connections are in the room: more than `members` where a crowd is not named. */
  get present(): number {
    return Math.max(this.#total, this.#members.size);
  }

  /** The room is open, on a connection that may be a new one. */
  opened(members: readonly Member[], total = 0): void {
    this.#list = null;
    this.#members = new Map(members.slice(0, MEMBERS_MAX).map(member => [member.id, member]));
    this.#total = total;
    this.#isDue = this.#state !== null;
  }

  receive(message: Presence): void {
    this.#list = null;
    for (const member of message.members) {
      const known = this.#members.get(member.id);
      const isNewer =
        known === undefined ? this.#members.size < MEMBERS_MAX : known.counter <= member.counter;
      if (isNewer) {
        this.#members.set(member.id, member);
      }
    }
    for (const id of message.left) {
      this.#members.delete(id);
    }
    this.#total = message.total;
  }

  /** Replaces what others see of us. */
  show(state: Body): void {
    this.#isDue ||= this.#state === null || !same(state as Value, this.#state as Value);
    this.#state = state;
  }

  /** What to send now, while the room is open. */
  outgoing(nowMs: number): SetPresence[] {
    if (!this.#isDue || this.#state === null || nowMs < this.#dueMs) {
      return [];
    }
    this.#isDue = false;
    this.#dueMs = nowMs + EVERY_MS;
    this.#counter += 1;
    return [setPresence(this.room, this.#counter, this.#state)];
  }

  /** When `outgoing` has something, in ms; null: not by waiting. */
  getTimer(): number | null {
    return this.#isDue ? this.#dueMs : null;
  }
}

/** A member of somebody's state that should be a map. */
export function shownMap(state: Body, name: string): Body {
  const shown = Object.hasOwn(state, name) ? state[name] : undefined;
  return isMap(shown) ? shown : {};
}
