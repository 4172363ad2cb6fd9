/**
 * Which tab writes where.
 *
 * What is unsaved has one owner. Each tab of a browser takes a seat, the lowest that is free, and writes only there;
 * when a tab ends, however it ends, its seat is free, and whoever comes next goes on with what was left on it. With
 * Web Locks the browser itself says who is alive. Where there are none (plain http), a lease in the database does: it
 * is renewed now and then, given back by a page that is left, looked at with every write, and a tab that slept until
 * another took its seat learns so.
 *
 * Knows locks and leases. Does not know what is kept.
 */

import { StoreInUse } from "./errors.js";

/** More tabs than this keep nothing; a person has not so many. */
export const SEATS_MAX = 32;
/** Browsers call the timers of hidden tabs once a minute at worst: a lease outlives two of these. */
export const LEASE_MS = 150_000;
const RENEW_MS = 40_000;
/** Where a page that is left says who it was, so that its reload is not taken for another tab. */
const LEFT = "tutti-seat";

/** As it stands in the database. `untilMs` is the device's wall time. */
export interface Lease {
  readonly owner: string;
  readonly untilMs: number;
}

/** A seat that is ours. */
export interface Seat {
  readonly number: number;
  /** Whose lease must stand in the database whenever something is written; null: the browser's lock says enough. */
  readonly owner: string | null;
  leave(): void;
}

/** The leases in the database. */
export interface Leases {
  /** Reads and changes one in one transaction: what `change` returns stands afterwards, null for none. */
  change(seat: number, change: (lease: Lease | null) => Lease | null): Promise<void>;

  /** Ends one, asked in the last moment of a page: nothing here may wait for an answer. */
  drop(seat: number): void;
}

/** The lowest free seat, from `first` up to `last`. Rejects with StoreInUse if none is. */
export async function takeSeat(name: string, leases: Leases, first = 0, last = SEATS_MAX - 1): Promise<Seat> {
  const owner = globalThis.navigator?.locks === undefined ? ownerOfThisPage() : null;
  for (let number = first; number <= last; number += 1) {
    const seat =
      owner === null ? await locked(`${name}#${number}`, number) : await leased(leases, number, owner);
    if (seat !== null) {
      return seat;
    }
  }
  throw new StoreInUse("store_in_use", "Another tab edits here; close it, or go on there.");
}

/** A lock that is held until `leave`; null if somebody else holds it. */
function locked(name: string, number: number): Promise<Seat | null> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, lock => {
        if (lock === null) {
          resolve(null);
          return;
        }
        return new Promise<void>(leave => resolve({ number, owner: null, leave }));
      })
      .catch(reject);
  });
}

async function leased(leases: Leases, number: number, owner: string): Promise<Seat | null> {
  let isOurs = false;
  const claim = (lease: Lease | null): Lease | null => {
    isOurs = lease === null || lease.owner === owner || lease.untilMs <= Date.now();
    return isOurs ? { owner, untilMs: Date.now() + LEASE_MS } : lease;
  };
  await leases.change(number, claim);
  if (!isOurs) {
    return null;
  }
  // A lease that another has taken meanwhile stays theirs; the next write says so.
  const renew = () => void leases.change(number, claim).catch(() => undefined);
  const timer = setInterval(renew, RENEW_MS);
  const hide = () => {
    remembered(owner);
    if (isOurs) {
      leases.drop(number);
    }
  };
  const page = globalThis as Partial<EventTarget>;
  page.addEventListener?.("pagehide", hide);
  page.addEventListener?.("pageshow", renew);
  return {
    number,
    owner,
    leave() {
      clearInterval(timer);
      page.removeEventListener?.("pagehide", hide);
      page.removeEventListener?.("pageshow", renew);
      void leases.change(number, lease => (lease?.owner === owner ? null : lease)).catch(() => undefined);
    },
  };
}

/**
 * The name of this page, and of the one that it reloads. It is in the tab's storage only while no page is shown: a
 * tab that is duplicated takes a copy of that storage with it, and is another one.
 */
function ownerOfThisPage(): string {
  try {
    const left = sessionStorage.getItem(LEFT);
    sessionStorage.removeItem(LEFT);
    return left ?? newOwner();
  } catch {
    // Storage is denied, or this is no page.
    return newOwner();
  }
}

function remembered(owner: string): void {
  try {
    sessionStorage.setItem(LEFT, owner);
  } catch {
    // A reload is then another tab, and waits for the lease to end.
  }
}

function newOwner(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), word => word.toString(36)).join("");
}
