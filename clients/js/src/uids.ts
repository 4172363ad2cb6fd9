/**
 * Names for new entries.
 *
 * An entry's uid is `<client id>.<n>`, and no n is ever used twice, whichever playlist it went to. Shared by all
 * replicas that submit under one client id. Knows the client id. Does not draw it: ids are arguments.
 */

/** Counts from 1. A new client id means a new `Uids`. */
export class Uids {
  /** `taken`: how many an earlier life of this client took. */
  constructor(
    readonly client: string,
    public taken = 0,
  ) {}

  /** The next uid. */
  take(): string {
    this.taken += 1;
    return `${this.client}.${this.taken}`;
  }

  /** Whether the uid carries this client id. */
  owns(uid: string): boolean {
    return uid.startsWith(`${this.client}.`);
  }
}
