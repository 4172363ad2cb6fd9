/**
 * A Jam's room, as a program sees it: what was asked of it, and what happens in it.
 *
 * Gives commands and tells what became of each. Knows commands as values of `jam/commands`. What people may
 * ask, and how the state reads, is `jam`'s.
 */

import { JAM_CHANGES, type JamChange } from "./changes.js";
import { type ClientError, CommandRefused, JamClosed } from "./errors.js";
import type { Rejected, ReplicaEvent } from "./events.js";
import { type Done, Given } from "./given.js";
import type { Host } from "./host.js";
import type { Command } from "./jam/commands.js";
import type { Lineup } from "./jam/lineup.js";
import type { JamReplica } from "./jam-replica.js";
import { Room } from "./room.js";
import type { RoomClock } from "./room-clock.js";
import type { Roster } from "./roster.js";
import { Showing } from "./showing.js";
import type { After } from "./waits.js";
import type { Body } from "./wire/messages.js";

/** What a Jam asks of the client besides. */
export interface JamHost extends Host {
  /** How the time in the rooms is measured. */
  readonly roomClock: RoomClock;

  /** Timers that may be relied on also while nobody sees the page, if there are such. */
  readonly after: After;

  /** The client's own monotonic clock. */
  nowMs(): number;
}

/** See the module. */
export abstract class JamRoom extends Room<JamReplica<Lineup>, JamChange, JamHost> {
  protected readonly showing = new Showing();
  /** By number, as many as may wait. */
  readonly #given = new Map<number, Given<unknown>>();
  /** The event of our own that was folded last: what its command became is told next. */
  #ownEvent: Body | null = null;
  #wasThrownOut = false;

  constructor(replica: JamReplica<Lineup>, roster: Roster, host: JamHost) {
    super(replica, roster, host, JAM_CHANGES);
  }

  /** Whether no command waits for its outcome. */
  get isSettled(): boolean {
    return this.replica.isSynced;
  }

  // -- commands ----------------------------------------------------------------------------------------------

  /**
   * Any command, as `jam/commands` has them; what `Jam` has names for is better asked by these. Throws JamClosed,
   * ConnectionRefused, QueueFull and InvalidEdit at once; then nothing changed.
   */
  give(command: Command): Given<void> {
    return this.giveFor(command, () => undefined);
  }

  protected giveFor<T>(command: Command, result: (done: Done) => T, entry = ""): Given<T> {
    this.throwFailure();
    const number = this.replica.give(command as unknown as Body, Math.floor(this.host.roomMs()));
    const given = new Given(result, entry);
    this.#given.set(number, given);
    this.host.wake();
    this.sent();
    return given;
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
    if (this.isClosed || this.replica.closed !== null) {
      return;
    }
    this.isClosed = true;
    this.host.forget(this.id, false);
    this.fail();
  }

  override fail(): void {
    const failure = this.failure();
    if (failure !== null) {
      for (const given of this.#given.values()) {
        given.fail(failure);
      }
      this.#given.clear();
    }
    super.fail();
  }

  // -- what the client tells ---------------------------------------------------------------------------------

  override receive(event: ReplicaEvent): void {
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
    super.receive(event);
  }

  override receiveMembers(): void {
    for (const reaction of this.showing.reactionsOf(this.roster.members)) {
      this.tell(reaction);
    }
    super.receiveMembers();
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
    return this.isClosed ? new JamClosed("closed", "This Jam was closed here.") : this.host.failure;
  }
}

function throwsOut(event: Body, user: string): boolean {
  return (event["event"] === "kicked" || event["event"] === "banned") && event["user"] === user;
}
