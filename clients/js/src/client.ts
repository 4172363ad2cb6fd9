/**
 * One connection and what is open over it.
 *
 * Keeps the connection, hands what arrives to the views it is about, and lets go of everything in good order. Knows
 * views by id, and who we are. Sockets are the connection's, what is said on them the link's, what outlives the page
 * the keeper's; what can be opened is `tutti`'s.
 */

import { type Clock, nowMs } from "./clock.js";
import type { Connection } from "./connection.js";
import { type ClientError, ConnectionRefused, Unreachable, UnsavedEdits } from "./errors.js";
import type { Refusal, ReplicaEvent } from "./events.js";
import type { View } from "./host.js";
import type { JamHost } from "./jam-room.js";
import type { Keeper } from "./keeper.js";
import type { LinkEvent } from "./link-events.js";
import { Observable } from "./observable.js";
import { isIdentity } from "./ot/op.js";
import type { PlaylistHost } from "./playlist.js";
import type { RoomClock } from "./room-clock.js";
import { Signal } from "./signal.js";
import type { Suggestions } from "./suggestions.js";
import { type After, notified, paused } from "./waits.js";

export const TIMEOUT_MS = 30_000;

/** A client at one moment, for who shows it. `failure`: why it is gone for good, or what it keeps is. */
export interface TuttiSnapshot {
  readonly userId: string;
  readonly name: string;
  readonly isConnected: boolean;
  readonly isSaved: boolean;
  readonly failure: ClientError | null;
}

/** How long to wait. */
export interface Patience {
  readonly timeoutMs?: number;
}

/** See the module. `Tutti` is the one that programs hold. */
export abstract class Client implements PlaylistHost, JamHost {
  protected readonly keeper: Keeper;
  protected readonly clock: Clock;
  protected readonly views = new Map<string, View>();
  readonly #connection: Connection;
  readonly #signal = new Signal();
  readonly #shown = new Observable(() => this.#snapshot());
  readonly #over = new AbortController();
  #failure: ClientError | null = null;
  #running: Promise<void> = Promise.resolve();

  /** `connection` makes the one that carries the keeper's link; it tells what arrived, and when it has sent. */
  constructor(
    keeper: Keeper,
    clock: Clock,
    connection: (receive: (event: LinkEvent) => void, sent: () => void) => Connection,
  ) {
    this.keeper = keeper;
    this.clock = clock;
    this.#connection = connection(
      event => this.#receive(event),
      () => this.#sent(),
    );
    keeper.onFailure = () => this.#sent();
  }

  // -- who, where --------------------------------------------------------------------------------------------

  get userId(): string {
    return this.link.user;
  }

  /** Our display name. */
  get name(): string {
    return this.link.name;
  }

  /** The id under which this client's submissions are counted; it may be replaced (see `Replica`). */
  get clientId(): string {
    return this.link.client;
  }

  /** Which of a playlist's `members` we are, on the connection that stands now. */
  get memberId(): string {
    return this.link.connection;
  }

  get isConnected(): boolean {
    return this.link.isLive && this.#connection.isOnline;
  }

  /** How often the server has welcomed this client; the first time included. */
  get sessions(): number {
    return this.#connection.sessions;
  }

  /** Why the connection is gone for good, or what is kept here, if one is. */
  get failure(): ClientError | null {
    return this.#failure ?? this.keeper.failure;
  }

  /** Is aborted when the connection is gone for good. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Whether everything edited here is durable. */
  get isSaved(): boolean {
    return [...this.views.values()].every(({ replica }) => replica.settled === replica.made);
  }

  /** Calls `listener` after anything of `getSnapshot` changed; the function that comes back ends it. */
  get subscribe(): (listener: () => void) => () => void {
    return this.#shown.subscribe;
  }

  /** All that there is to show, immutable, and the same object until something changes. */
  get getSnapshot(): () => TuttiSnapshot {
    return this.#shown.getSnapshot;
  }

  #snapshot(): TuttiSnapshot {
    const { userId, name, isConnected, isSaved, failure } = this;
    return { userId, name, isConnected, isSaved, failure };
  }

  protected get link() {
    return this.keeper.link;
  }

  // -- what is unsaved, and what was refused --------------------------------------------------------------------

  /**
   * What the server refused for good and nobody dismissed yet, by playlist; with `offline` also of earlier pages.
   * See `Playlist.refusals`.
   */
  refusals(): ReadonlyMap<string, readonly Refusal[]> {
    return new Map(this.keeper.refusedRooms.map(room => [room, this.keeper.refusals(room)]));
  }

  /** What was refused in this playlist need not be kept any longer. */
  dismiss(playlist: string): void {
    this.keeper.dismiss(playlist);
  }

  /**
   * Resolves when every edit made so far, in any playlist, is kept on this device: it survives the page, the
   * machine's power, and arrives exactly once. Rejects with StoreFailed, and CallerError without `offline`.
   */
  stored(): Promise<void> {
    return this.keeper.stored();
  }

  /**
   * Resolves when everything edited so far is durable, in all playlists. Rejects with EditsRefused as
   * `Playlist.saved` does, and UnsavedEdits if it takes longer than `timeoutMs`.
   */
  async saved({ timeoutMs }: Patience = {}): Promise<void> {
    const all = Promise.all([...this.views.values()].map(view => view.saved())).then(() => undefined);
    if (timeoutMs === undefined) {
      await all;
    } else if (!(await within(timeoutMs, all))) {
      throw new UnsavedEdits(`Some edits could not be saved within ${timeoutMs / 1000} s.`);
    }
  }

  // -- the connection ----------------------------------------------------------------------------------------

  /** Disconnects and stays away; edits are kept. */
  goOffline(): void {
    this.#connection.goOffline();
    this.#shown.changed();
  }

  /** Connects again, and sends what waits. */
  goOnline(): void {
    this.#connection.goOnline();
    this.#shown.changed();
  }

  /** There is something to write and to send; for views. */
  wake(): void {
    // Whoever sends is woken first, so that what leaves at once is written together with why.
    this.#connection.wake();
    this.keeper.keep();
    this.#shown.changed();
  }

  /** Estimated wall time of the server, ms. */
  serverMs(): number {
    return this.link.serverMs(nowMs(this.clock));
  }

  /** The time here, by the monotonic clock that `roomMs` is measured against. */
  nowMs(): number {
    return this.clock.monotonicMs();
  }

  /** The timers of the connection. */
  get after(): After {
    return this.#connection.after;
  }

  /** How the time in the rooms is measured, for looking. */
  get roomClock(): RoomClock {
    return this.link.roomClock;
  }

  /** Resolves when `roomMs` is measured. Rejects with ConnectionRefused. */
  async timeSet(): Promise<void> {
    while (this.roomClock.offsetMs(this.nowMs()) === null) {
      if (this.failure !== null) {
        throw this.failure;
      }
      await this.#signal.wait();
    }
  }

  /** The time in the rooms of this server: measured while a Jam is open, else as `serverMs`. */
  roomMs(): number {
    return this.link.roomMs(this.nowMs());
  }

  abstract suggestions(playlistId: string, limit: number): Promise<Suggestions>;

  refusalsOf(playlist: string): readonly Refusal[] {
    return this.keeper.refusals(playlist);
  }

  /** A view is closed; for that view. `forGood`: also what is kept of it goes. */
  forget(room: string, forGood: boolean): void {
    this.views.delete(room);
    if (!forGood) {
      this.keeper.keep(true);
    }
    this.link.leave(room);
    if (forGood) {
      this.keeper.forget(room);
    }
    this.wake();
  }

  /** Keeps the connection from now on; for `connect`. */
  start(): void {
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    try {
      await this.#connection.run();
      this.#failure = new ConnectionRefused("closed", "The client was closed.");
    } catch (error) {
      this.#failure =
        error instanceof ConnectionRefused
          ? error
          : new ConnectionRefused("internal", `The client failed: ${String(error)}`);
    } finally {
      this.#over.abort();
      this.#signal.notify();
      for (const view of [...this.views.values()]) {
        view.fail();
      }
      this.#shown.changed();
    }
  }

  /**
   * Closes the connection, once all is saved or, with `offline`, kept on this device. Rejects with UnsavedEdits,
   * and closes nothing, if that takes longer than `timeoutMs`; with `discard` what is unsaved may go.
   */
  async close({ timeoutMs = TIMEOUT_MS, discard = false } = {}): Promise<void> {
    try {
      if (!discard && this.#failure === null) {
        await this.#finish(timeoutMs);
      }
    } catch (error) {
      if (error instanceof UnsavedEdits) {
        throw error;
      }
      await this.#end();
      throw error;
    }
    await this.#end();
  }

  async #finish(timeoutMs: number): Promise<void> {
    if (!this.keeper.hasStore) {
      await this.saved({ timeoutMs });
      return;
    }
    const untilMs = this.nowMs() + timeoutMs;
    while (this.isConnected && !this.isSaved && this.nowMs() < untilMs) {
      await notified(this.#signal, untilMs - this.nowMs());
    }
    await this.keeper.stored();
    if (this.isSaved) {
      await this.saved();
    }
  }

  async #end(): Promise<void> {
    this.#connection.close();
    await this.#running;
    await this.keeper.close();
  }

  /**
   * Resolves at the first welcome, or when we know who we are and no server answers. Rejects with Unreachable or
   * ConnectionRefused.
   */
  async ready(timeoutMs: number): Promise<void> {
    const untilMs = this.nowMs() + timeoutMs;
    while (this.sessions === 0) {
      if (this.#failure !== null) {
        throw this.#failure;
      }
      if (this.link.user && (this.#connection.lastEnd || this.nowMs() >= untilMs)) {
        return;
      }
      if (this.nowMs() >= untilMs) {
        const reason = this.#connection.lastEnd || "no answer";
        throw new Unreachable("unreachable", `No server within ${timeoutMs / 1000} s: ${reason}`);
      }
      await notified(this.#signal, untilMs - this.nowMs());
    }
  }

  #receive(event: LinkEvent): void {
    switch (event.type) {
      case "in_room":
        this.#noteRefusal(event.room, event.event);
        this.views.get(event.room)?.receive(event.event);
        break;
      case "members_changed":
        this.views.get(event.room)?.receiveMembers();
        break;
      case "welcomed":
      case "time_set":
        this.#signal.notify();
        this.#shown.changed();
    }
  }

  /** What was refused is kept until somebody has seen it. */
  #noteRefusal(room: string, event: ReplicaEvent): void {
    if (event.type === "refusal") {
      this.keeper.refused(room, event);
    } else if (event.type === "closed" && !isIdentity(event.op)) {
      const [replica] = this.link.enter(room);
      const { code, message, op } = event;
      const edits = replica.made - replica.settled;
      this.keeper.refused(room, {
        type: "refusal",
        client: replica.client,
        seq: 0,
        code,
        message,
        op,
        edits,
      });
    }
  }

  #sent(): void {
    this.keeper.keep();
    this.#signal.notify();
    for (const view of this.views.values()) {
      view.sent();
    }
    this.#shown.changed();
  }

  /** Resolves when there is something to read. Rejects with Unreachable after `timeoutMs` if there is nothing yet. */
  protected async loaded(view: View, timeoutMs: number): Promise<void> {
    const isInTime = await within(timeoutMs, view.loaded());
    if (!isInTime && view.replica.version < 0) {
      throw new Unreachable(
        "unreachable",
        `The ${view.replica.kind} did not come within ${timeoutMs / 1000} s.`,
      );
    }
  }
}

/** Whether it came within so many ms; what it rejects with is passed on. */
async function within(ms: number, awaited: Promise<void>): Promise<boolean> {
  const late = new AbortController();
  try {
    return await Promise.race([awaited.then(() => true), paused(ms, late.signal).then(() => false)]);
  } finally {
    late.abort();
    awaited.catch(() => undefined);
  }
}
