/**
 * A Jam's room, as a program sees it: what was asked of it, and what happens in it.
 *
 * Gives commands and tells what became of each; lets programs follow what is committed; ends when the room does.
 * Knows commands as values of `jam/commands`. What people may ask, and how the state reads, is `jam`'s.
 */

import { Changes, JAM_CHANGES, type JamChange } from "./changes.js";
import { type ClientError, CommandRefused, JamClosed } from "./errors.js";
import type { Rejected, ReplicaEvent } from "./events.js";
import { type Done, Given } from "./given.js";
import type { Host, View } from "./host.js";
import type { Command } from "./jam/commands.js";
import type { Lineup } from "./jam/lineup.js";
import type { JamReplica } from "./jam-replica.js";
import type { RoomClock } from "./room-clock.js";
import type { Roster } from "./roster.js";
import { Showing } from "./showing.js";
import { Signal } from "./signal.js";
import type { Body } from "./wire/messages.js";

/** What a Jam asks of the client besides. */
export interface JamHost extends Host {
  /** How the time in the rooms is measured. */
  readonly roomClock: RoomClock;

  /** The client's own monotonic clock. */
  nowMs(): number;
}

/** See the module. */
export class JamRoom implements View {
  /** What is behind it, for looking. */
  readonly replica: JamReplica<Lineup>;
  protected readonly roster: Roster;
  protected readonly host: JamHost;
  protected readonly showing = new Showing();
  readonly #signal = new Signal();
  readonly #presence = new Signal();
  readonly #changes = new Set<Changes<JamChange>>();
  readonly #listeners = new Set<(event: ReplicaEvent) => void>();
  /** By number, as many as may wait. */
  readonly #given = new Map<number, Given<unknown>>();
  /** The event of our own that was folded last: what its command became is told next. */
  #ownEvent: Body | null = null;
  #wasThrownOut = false;
  #isClosed = false;

  constructor(replica: JamReplica<Lineup>, roster: Roster, host: JamHost) {
    this.replica = replica;
    this.roster = roster;
    this.host = host;
  }

  get id(): string {
    return this.replica.room;
  }

  /** The last version that arrived from the server. */
  get version(): number {
    return this.replica.version;
  }

  /** Whether the server keeps this Jam up to date here at this moment. */
  get isOpen(): boolean {
    return this.replica.isOpen;
  }

  /** Whether no command waits for its outcome. */
  get isSettled(): boolean {
    return this.replica.isSynced;
  }

  /** Something of what is shown is not as it was. */
  protected shownChanged(): void {}

  // -- commands ----------------------------------------------------------------------------------------------

  /**
   * Any command, as `jam/commands` has them; what `Jam` has names for is better asked by these. Throws JamClosed,
   * ConnectionRefused, QueueFull and InvalidEdit at once; then nothing changed.
   */
  give(command: Command): Given<void> {
    return this.giveFor(command, () => undefined);
  }

  protected giveFor<T>(command: Command, result: (done: Done) => T, entry = ""): Given<T> {
    this.#throwFailure();
    const number = this.replica.give(command as unknown as Body, Math.floor(this.host.roomMs()));
    const given = new Given(result, entry);
    this.#given.set(number, given);
    this.host.wake();
    this.sent();
    return given;
  }

  /**
   * Resolves when every command given before this call has an outcome; each tells its own. Rejects with JamClosed
   * or ConnectionRefused.
   */
  async saved(): Promise<void> {
    const wanted = this.replica.made;
    while (this.replica.settled < wanted) {
      this.#throwFailure();
      await this.#signal.wait();
    }
  }

  // -- following it ------------------------------------------------------------------------------------------

  /**
   * An asynchronous iterator over what is committed from now on, as `happened`, own commands included, with
   * `reacted` for reactions and `reloaded` where everything is to be read anew.
   */
  changes(): Changes<JamChange> {
    const changes: Changes<JamChange> = new Changes(JAM_CHANGES, () => this.#changes.delete(changes));
    const failure = this.failure();
    if (failure === null) {
      this.#changes.add(changes);
    } else {
      changes.end(failure);
    }
    return changes;
  }

  /**
   * Calls `listener` with every event of this Jam, outcomes of commands included, while it happens; the function
   * that comes back ends it.
   */
  listen(listener: (event: ReplicaEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when something may have changed. Rejects with JamClosed or ConnectionRefused. */
  async changed(): Promise<void> {
    this.#throwFailure();
    await this.#signal.wait();
    this.#throwFailure();
  }

  /** Resolves when somebody came or went, or shows something else. Rejects with JamClosed or ConnectionRefused. */
  async membersChanged(): Promise<void> {
    this.#throwFailure();
    await this.#presence.wait();
    this.#throwFailure();
  }

  /**
   * Resolves when there is something to read, up to date if the server is there. Rejects with JamClosed or
   * ConnectionRefused.
   */
  async loaded(): Promise<void> {
    while (this.replica.version < 0 || (this.host.isConnected && !this.replica.isOpen)) {
      this.#throwFailure();
      await this.#signal.wait();
    }
  }

  // -- what we show of ourselves -----------------------------------------------------------------------------

  /** Tells the room how this device keeps up; for `performance`. */
  showSync(sync: Body): void {
    this.showing.sync = sync;
    this.show();
  }

  protected show(): void {
    this.roster.show(this.showing.state());
    this.host.wake();
  }

  // -- its end -----------------------------------------------------------------------------------------------

  /**
   * Closes the Jam here; one stays a member, who is away once no other device of theirs has it open. Commands that
   * wait are dropped.
   */
  close(): void {
    if (this.#isClosed || this.replica.closed !== null) {
      return;
    }
    this.#isClosed = true;
    this.host.forget(this.id, false);
    this.fail();
  }

  /** The Jam, or the connection, is gone for good: everybody who waits learns why. */
  fail(): void {
    const failure = this.failure();
    for (const changes of this.#changes) {
      changes.end(this.#isClosed ? null : failure);
    }
    this.#changes.clear();
    if (failure !== null) {
      for (const given of this.#given.values()) {
        given.fail(failure);
      }
      this.#given.clear();
    }
    this.#presence.notify();
    this.sent();
  }

  // -- what the client tells ---------------------------------------------------------------------------------

  receive(event: ReplicaEvent): void {
    switch (event.type) {
      case "happened":
        this.#ownEvent = event.own ? event.event : null;
        this.#wasThrownOut = throwsOut(event.event, this.replica.user);
        break;
      case "accepted":
        this.#take(event.number)?.settle(event.isEvent ? this.#ownEvent : null);
        break;
      case "rejected":
        this.#reject(event);
        break;
      case "renamed":
        for (const given of this.#given.values()) {
          given.rename(event.uids);
        }
    }
    this.#tell(event);
    if (event.type === "closed") {
      this.host.forget(this.id, true);
      this.fail();
    }
    this.sent();
  }

  receiveMembers(): void {
    for (const reaction of this.showing.reactionsOf(this.roster.members)) {
      this.#tell(reaction);
    }
    this.#presence.notify();
    this.sent();
  }

  sent(): void {
    this.#signal.notify();
    this.shownChanged();
  }

  #tell(event: ReplicaEvent): void {
    for (const changes of this.#changes) {
      changes.receive(event, this.version);
    }
    for (const listener of this.#listeners) {
      listener(event);
    }
  }

  #reject({ number, seq, code, message, retryAfterMs }: Rejected): void {
    const error = seq > 0 ? new CommandRefused(code, message, retryAfterMs) : new JamClosed(code, message);
    this.#take(number)?.fail(error);
  }

  #take(number: number): Given<unknown> | undefined {
    const given = this.#given.get(number);
    this.#given.delete(number);
    return given;
  }

  protected failure(): ClientError | null {
    const { closed } = this.replica;
    if (closed !== null) {
      return this.#wasThrownOut
        ? new JamClosed("kicked", "You were taken out of this Jam.")
        : new JamClosed(closed.code, closed.message);
    }
    return this.#isClosed ? new JamClosed("closed", "This Jam was closed here.") : this.host.failure;
  }

  #throwFailure(): void {
    const failure = this.failure();
    if (failure !== null) {
      throw failure;
    }
  }
}

function throwsOut(event: Body, user: string): boolean {
  return (event["event"] === "kicked" || event["event"] === "banned") && event["user"] === user;
}
