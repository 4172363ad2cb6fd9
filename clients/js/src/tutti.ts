/**
 * A client: one connection, many playlists and Jams.
 *
 * Edits may be made at any time, connected or not; they are saved when they can be. Knows what is open, by id, and
 * who we are. Sockets are the connection's, what is said on them the link's, what outlives the page the keeper's.
 */

import { type Clock, nowMs } from "./clock.js";
import type { Connection } from "./connection.js";
import {
  AwaitingApproval,
  type ClientError,
  ConnectionRefused,
  JamClosed,
  PlaylistClosed,
  Unreachable,
  UnsavedEdits,
} from "./errors.js";
import type { Refusal, ReplicaEvent } from "./events.js";
import type { History } from "./history.js";
import type { View } from "./host.js";
import type { Jam } from "./jam.js";
import type { JamRequests } from "./jam-requests.js";
import type { JamHost } from "./jam-room.js";
import type { Keeper } from "./keeper.js";
import { lazily } from "./lazy.js";
import type { LinkEvent } from "./link-events.js";
import { Observable } from "./observable.js";
import { isIdentity } from "./ot/op.js";
import type { Entry } from "./ot/value.js";
import { Playlist, type PlaylistHost } from "./playlist.js";
import type { RoomClock } from "./room-clock.js";
import { Signal } from "./signal.js";
import type { Suggestions } from "./suggestions.js";
import type { TokenSource } from "./tokens.js";
import { notified, paused } from "./waits.js";
import { sentenceOf } from "./wire/errors.js";
import { isId } from "./wire/ids.js";

export const TIMEOUT_MS = 30_000;
/** Who waits at a door looks this often whether it is open. */
export const KNOCK_EVERY_MS = 2_000;

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

/** A client that is connected, or will be again. Made by `connect`. */
export class Tutti implements PlaylistHost, JamHost {
  readonly #url: string;
  readonly #tokens: TokenSource;
  readonly #keeper: Keeper;
  readonly #clock: Clock;
  readonly #connection: Connection;
  readonly #views = new Map<string, View>();
  readonly #signal = new Signal();
  readonly #shown = new Observable(() => this.#snapshot());
  readonly #over = new AbortController();
  #failure: ClientError | null = null;
  #running: Promise<void> = Promise.resolve();

  /** `connection` makes the one that carries the keeper's link; it tells what arrived, and when it has sent. */
  constructor(
    url: string,
    tokens: TokenSource,
    keeper: Keeper,
    clock: Clock,
    connection: (receive: (event: LinkEvent) => void, sent: () => void) => Connection,
  ) {
    this.#url = url;
    this.#tokens = tokens;
    this.#keeper = keeper;
    this.#clock = clock;
    this.#connection = connection(
      event => this.#receive(event),
      () => this.#sent(),
    );
    keeper.onFailure = () => this.#sent();
    // Also those that wait to be saved from an earlier life, so that what becomes of it is noticed.
    for (const room of keeper.link.rooms) {
      this.#views.set(room, new Playlist(...keeper.link.enter(room), this));
    }
  }

  // -- who, where --------------------------------------------------------------------------------------------

  get userId(): string {
    return this.#link.user;
  }

  /** Our display name. */
  get name(): string {
    return this.#link.name;
  }

  /** The id under which this client's submissions are counted; it may be replaced (see `Replica`). */
  get clientId(): string {
    return this.#link.client;
  }

  /** Which of a playlist's `members` we are, on the connection that stands now. */
  get memberId(): string {
    return this.#link.connection;
  }

  get isConnected(): boolean {
    return this.#link.isLive && this.#connection.isOnline;
  }

  /** How often the server has welcomed this client; the first time included. */
  get sessions(): number {
    return this.#connection.sessions;
  }

  /** Why the connection is gone for good, or what is kept here, if one is. */
  get failure(): ClientError | null {
    return this.#failure ?? this.#keeper.failure;
  }

  /** Is aborted when the connection is gone for good. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Whether everything edited here is durable. */
  get isSaved(): boolean {
    return [...this.#views.values()].every(({ replica }) => replica.settled === replica.made);
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

  get #link() {
    return this.#keeper.link;
  }

  // -- playlists ---------------------------------------------------------------------------------------------

  /**
   * The playlist with this id; the same object each time until it is closed. While the server cannot be reached it
   * is as it was kept, with the unsaved edits. Rejects with PlaylistClosed if there is none or it is not for this
   * user, Unreachable after `timeoutMs` if nothing was kept, ConnectionRefused, StoreFailed.
   */
  async openPlaylist(playlistId: string, { timeoutMs = TIMEOUT_MS }: Patience = {}): Promise<Playlist> {
    if (!isId(playlistId)) {
      throw new PlaylistClosed("not_found", sentenceOf("not_found"));
    }
    if (!this.#views.has(playlistId)) {
      await this.#keeper.load(playlistId);
    }
    if (!(this.#views.has(playlistId) || this.#link.user)) {
      await this.ready(timeoutMs);
    }
    let playlist = this.#views.get(playlistId);
    if (playlist === undefined) {
      playlist = new Playlist(...this.#link.enter(playlistId), this);
      this.#views.set(playlistId, playlist);
      this.wake();
    }
    if (!(playlist instanceof Playlist)) {
      throw new PlaylistClosed("not_found", sentenceOf("not_found"));
    }
    await this.#loaded(playlist, timeoutMs);
    return playlist;
  }

  async #loaded(view: View, timeoutMs: number): Promise<void> {
    const isInTime = await within(timeoutMs, view.loaded());
    if (!isInTime && view.replica.version < 0) {
      throw new Unreachable(
        "unreachable",
        `The ${view.replica.kind} did not come within ${timeoutMs / 1000} s.`,
      );
    }
  }

  /** The past of a playlist, whether or not it is open here. Rejects with Unreachable if this part does not load. */
  async history(playlistId: string): Promise<History> {
    const { History } = await lazily(import("./asked-part.js"));
    return new History(this.#url, playlistId, this.#tokens);
  }

  /**
   * At most `limit` tracks (of at most 50) that would go well with a playlist, whether or not it is open here, and
   * why. Rejects with RequestRefused and Unreachable.
   */
  async suggestions(playlistId: string, limit = 20): Promise<Suggestions> {
    const { suggestions } = await lazily(import("./asked-part.js"));
    return suggestions(this.#url, playlistId, this.#tokens, limit);
  }

  /**
   * What the server refused for good and nobody dismissed yet, by playlist; with `offline` also of earlier pages.
   * See `Playlist.refusals`.
   */
  refusals(): ReadonlyMap<string, readonly Refusal[]> {
    return new Map(this.#keeper.refusedRooms.map(room => [room, this.#keeper.refusals(room)]));
  }

  /** What was refused in this playlist need not be kept any longer. */
  dismiss(playlist: string): void {
    this.#keeper.dismiss(playlist);
  }

  /**
   * Resolves when every edit made so far, in any playlist, is kept on this device: it survives the page, the
   * machine's power, and arrives exactly once. Rejects with StoreFailed, and CallerError without `offline`.
   */
  stored(): Promise<void> {
    return this.#keeper.stored();
  }

  /**
   * Resolves when everything edited so far is durable, in all playlists. Rejects with EditsRefused as
   * `Playlist.saved` does, and UnsavedEdits if it takes longer than `timeoutMs`.
   */
  async saved({ timeoutMs }: Patience = {}): Promise<void> {
    const all = Promise.all([...this.#views.values()].map(view => view.saved())).then(() => undefined);
    if (timeoutMs === undefined) {
      await all;
    } else if (!(await within(timeoutMs, all))) {
      throw new UnsavedEdits(`Some edits could not be saved within ${timeoutMs / 1000} s.`);
    }
  }

  // -- Jams --------------------------------------------------------------------------------------------------

  /**
   * A new Jam with us as host. `playlist`, or its id, gives the songs that play when people have added none; the
   * other settings are those of `jam/settings`, such as `mode: "votes"`. Rejects with RequestRefused (`not_found`
   * for the playlist, `setting_invalid`), Unreachable and ConnectionRefused.
   */
  async startJam(
    { playlist, ...settings }: { playlist?: Playlist | string; name?: string } & Entry = {},
    patience: Patience = {},
  ): Promise<Jam> {
    const source = (playlist instanceof Playlist ? playlist.id : playlist) ?? null;
    const requests = await this.#jamRequests();
    return this.openJam(await requests.create(source as string | null, settings), patience);
  }

  /**
   * The Jam that a code opens, however it is typed, or a link, or an invite's secret. Rejects with AwaitingApproval
   * if the host has to let us in first, RequestRefused (`key_invalid` for whatever opens nothing, `rate_limited`,
   * `jam_full`), Unreachable and ConnectionRefused.
   */
  async joinJam(key: string, patience: Patience = {}): Promise<Jam> {
    const requests = await this.#jamRequests();
    const { jam, role } = await requests.join(key);
    if (role === null) {
      throw new AwaitingApproval(jam);
    }
    return this.openJam(jam, patience);
  }

  /**
   * The Jam at whose door we wait, once the host lets us in: give it as long as you like, and `signal` when it is
   * enough. Rejects with JamClosed if we are denied, RequestRefused, Unreachable and ConnectionRefused, and with the
   * signal's reason.
   */
  async admitted(jamId: string, signal?: AbortSignal): Promise<Jam> {
    const requests = await this.#jamRequests();
    while (!(await requests.isMember(jamId))) {
      // Between these two questions we may have been let in.
      if (!(await requests.waits(jamId)) && !(await requests.isMember(jamId))) {
        throw new JamClosed("not_found", "The host did not let us in.");
      }
      await paused(KNOCK_EVERY_MS, signal);
      signal?.throwIfAborted();
    }
    return this.openJam(jamId);
  }

  /**
   * The Jam with this id; the same object each time until it is closed. Rejects with JamClosed if there is none or
   * we are no member of it, Unreachable after `timeoutMs`, ConnectionRefused.
   */
  async openJam(jamId: string, { timeoutMs = TIMEOUT_MS }: Patience = {}): Promise<Jam> {
    if (!isId(jamId)) {
      throw new JamClosed("not_found", sentenceOf("not_found"));
    }
    const { Jam, JAMS } = await this.#jamPart();
    const requests = await this.#jamRequests();
    if (!this.#link.user) {
      await this.ready(timeoutMs);
    }
    let jam = this.#views.get(jamId);
    if (jam === undefined) {
      jam = new Jam(...this.#link.enterJam(jamId, JAMS, nowMs(this.#clock)), this, requests);
      this.#views.set(jamId, jam);
      this.wake();
    }
    if (!(jam instanceof Jam)) {
      throw new JamClosed("not_found", sentenceOf("not_found"));
    }
    await this.#loaded(jam, timeoutMs);
    return jam;
  }

  /** What only Jams need; none of it is here before one is asked for. */
  #jamPart() {
    return lazily(import("./jam-part.js"));
  }

  async #jamRequests(): Promise<JamRequests> {
    const { JamRequests } = await this.#jamPart();
    return new JamRequests(this.#url, this.#tokens);
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
    this.#keeper.keep();
    this.#connection.wake();
    this.#shown.changed();
  }

  /** Estimated wall time of the server, ms. */
  serverMs(): number {
    return this.#link.serverMs(nowMs(this.#clock));
  }

  /** The time here, by the monotonic clock that `roomMs` is measured against. */
  nowMs(): number {
    return this.#clock.monotonicMs();
  }

  /** How the time in the rooms is measured, for looking. */
  get roomClock(): RoomClock {
    return this.#link.roomClock;
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
    return this.#link.roomMs(this.nowMs());
  }

  refusalsOf(playlist: string): readonly Refusal[] {
    return this.#keeper.refusals(playlist);
  }

  /** A view is closed; for that view. `forGood`: also what is kept of it goes. */
  forget(room: string, forGood: boolean): void {
    this.#views.delete(room);
    if (!forGood) {
      this.#keeper.keep(true);
    }
    this.#link.leave(room);
    if (forGood) {
      this.#keeper.forget(room);
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
      for (const view of [...this.#views.values()]) {
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
    if (!this.#keeper.hasStore) {
      await this.saved({ timeoutMs });
      return;
    }
    const untilMs = this.nowMs() + timeoutMs;
    while (this.isConnected && !this.isSaved && this.nowMs() < untilMs) {
      await notified(this.#signal, untilMs - this.nowMs());
    }
    await this.#keeper.stored();
    if (this.isSaved) {
      await this.saved();
    }
  }

  async #end(): Promise<void> {
    this.#connection.close();
    await this.#running;
    await this.#keeper.close();
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
      if (this.#link.user && (this.#connection.lastEnd || this.nowMs() >= untilMs)) {
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
        this.#views.get(event.room)?.receive(event.event);
        break;
      case "members_changed":
        this.#views.get(event.room)?.receiveMembers();
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
      this.#keeper.refused(room, event);
    } else if (event.type === "closed" && !isIdentity(event.op)) {
      const [replica] = this.#link.enter(room);
      const { code, message, op } = event;
      const edits = replica.made - replica.settled;
      this.#keeper.refused(room, {
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
    this.#keeper.keep();
    this.#signal.notify();
    for (const view of this.#views.values()) {
      view.sent();
    }
    this.#shown.changed();
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
