/**
 * One client's side of a session.
 *
 * Says hello, then carries many rooms over one connection: their replicas and rosters, the token's refresh, the
 * server's farewell. When a replica needs a new client id, no new submission is begun anywhere until those under way
 * are settled; then `renewalIsDue`, and the caller says `renew` and connects anew.
 *
 *     OFF ──connected──► GREETING ──welcome──► LIVE ──disconnected──► OFF
 *                                              │  ▲
 *                                              └──┘ move, to a session that `standby` prepared
 *
 * Pure: tokens, ids and `nowMs` are arguments. Does not know sockets, or when to come back.
 */

import { ConnectionRefused } from "./errors.js";
import type { JamReplica, Jams } from "./jam-replica.js";
import { inRoom, type LinkEvent, membersChanged, welcomed } from "./link-events.js";
import { PlaylistReplica } from "./playlist-replica.js";
import type { Replica, RoomMessage } from "./replica.js";
import { type MakeFilter, RoomClock } from "./room-clock.js";
import { Roster } from "./roster.js";
import { Standby } from "./standby.js";
import { Journal, type Stored, type Write } from "./store.js";
import { Uids } from "./uids.js";
import {
  type ClientMessage,
  type Goodbye,
  hello,
  leave,
  type Probe,
  refresh,
  type ServerMessage,
  type Time,
  type Welcome,
} from "./wire/messages.js";

export const SDK = "js";

interface Room {
  readonly replica: Replica;
  readonly roster: Roster;
  /** What measures the time there; null where nobody has to know it. */
  readonly makeFilter: MakeFilter | null;
}

type Entered<R> = readonly [R, Roster];

/**
 * Goes on where an earlier one stood, if `user` is known. `clockOffsetMs`: what is known of the server's clock before
 * the first welcome. `isKept`: `takeWrites` will be asked for.
 */
export interface LinkOptions {
  readonly user?: string;
  readonly uidsTaken?: number;
  readonly clockOffsetMs?: number;
  readonly isKept?: boolean;
}

/** See the module. `user`, `name` and `connection` (our member id) are known once it is live. */
export class Link {
  user: string;
  name = "";
  connection = "";
  tokenExpiresMs = 0;
  farewell: Goodbye | null = null;
  readonly roomClock = new RoomClock();
  #uids: Uids;
  readonly #isKept: boolean;
  #phase: "off" | "greeting" | "live" = "off";
  readonly #rooms = new Map<string, Room>();
  #queue: ClientMessage[] = [];
  /** The last seqs of rooms that were left with something in flight. */
  readonly #lastSeqs = new Map<string, number>();
  #clockOffsetMs: number;
  #standby: Standby | null = null;

  constructor(client: string, options: LinkOptions = {}) {
    this.user = options.user ?? "";
    this.#uids = new Uids(client, options.uidsTaken ?? 0);
    this.#clockOffsetMs = options.clockOffsetMs ?? 0;
    this.#isKept = options.isKept ?? false;
  }

  /** The client id of the session. */
  get client(): string {
    return this.#uids.client;
  }

  /** How many uids this client id has given to entries. */
  get uidsTaken(): number {
    return this.#uids.taken;
  }

  get isLive(): boolean {
    return this.#phase === "live";
  }

  /** Estimated wall time of the server, in ms; behind by what `welcome` took to arrive, never ahead. */
  serverMs(nowMs: number): number {
    return nowMs + this.#clockOffsetMs;
  }

  /** The room's time, as the clock probes have it; before the first answers, and without a Jam, as `serverMs`. */
  roomMs(nowMs: number): number {
    return nowMs + (this.roomClock.offsetMs(nowMs) ?? this.#clockOffsetMs);
  }

  // -- rooms -------------------------------------------------------------------------------------------------

  /** Those that were entered and not left. */
  get rooms(): readonly string[] {
    return [...this.#rooms.keys()];
  }

  /**
   * The replica and the roster of a playlist; it is opened as soon as the link is live. The caller knows what it
   * entered as what. `stored` is where the replica was in an earlier life; throws Unreadable if it cannot go on from
   * there.
   */
  enter(room: string, stored?: Stored, nowMs?: number): Entered<PlaylistReplica> {
    const known = this.#rooms.get(room);
    if (known !== undefined) {
      return [known.replica as PlaylistReplica, known.roster];
    }
    const journal = this.#isKept ? new Journal() : null;
    const replica = new PlaylistReplica(room, this.#who(), this.#uids, this.#lastSeqs.get(room), journal);
    if (stored !== undefined) {
      replica.resume(stored);
    }
    return [replica, this.#enter(replica, null, nowMs)];
  }

  /** As `enter`, for a Jam. */
  enterJam<State>(room: string, jams: Jams<State>, nowMs?: number): Entered<JamReplica<State>> {
    const known = this.#rooms.get(room);
    if (known !== undefined) {
      return [known.replica as JamReplica<State>, known.roster];
    }
    const replica = jams.replica(room, this.#who(), this.#uids, this.#lastSeqs.get(room));
    return [replica, this.#enter(replica, jams.makeFilter, nowMs)];
  }

  #who(): string {
    if (this.user === "") {
      throw new Error("Rooms are entered by somebody: after the first welcome.");
    }
    return this.user;
  }

  #enter(replica: Replica, makeFilter: MakeFilter | null, nowMs: number | undefined): Roster {
    const roster = new Roster(replica.room);
    this.#lastSeqs.delete(replica.room);
    this.#rooms.set(replica.room, { replica, roster, makeFilter });
    this.#wantTime();
    if (this.isLive) {
      replica.connected(nowMs === undefined ? null : this.serverMs(nowMs));
    }
    return roster;
  }

  /** What is to be written now, together; `final`: also what could wait. */
  takeWrites(final = false): Write[] {
    return [...this.#rooms.values()]
      .map(({ replica }) => replica.takeWrite(final))
      .filter(write => write !== null);
  }

  /** Forgets a room, with what was unsaved there. */
  leave(room: string): void {
    const known = this.#rooms.get(room);
    if (known === undefined) {
      return;
    }
    this.#rooms.delete(room);
    if (known.replica.hasInflight) {
      this.#lastSeqs.set(room, known.replica.lastSeq);
    }
    if (this.isLive && known.replica.closed === null) {
      this.#queue.push(leave(room));
    }
    this.#wantTime();
  }

  #wantTime(): void {
    const makers = [...this.#rooms.values()].map(({ makeFilter }) => makeFilter);
    this.roomClock.want(makers.find(make => make !== null) ?? null);
  }

  /** Whether a replica needs a new client id and nothing is under way under the old one. */
  get renewalIsDue(): boolean {
    return this.#needsClient() && !this.#present().some(([, { replica }]) => replica.hasInflight);
  }

  /** Goes on under a new client id; `connected` comes next. */
  renew(client: string): LinkEvent[] {
    this.#uids = new Uids(client);
    this.#lastSeqs.clear();
    this.disconnected();
    return this.#present().flatMap(([name, { replica }]) =>
      replica.renew(this.#uids).map(event => inRoom(name, event)),
    );
  }

  #needsClient(): boolean {
    return this.#present().some(([, { replica }]) => replica.needsClient);
  }

  /** The rooms that are not gone for us. */
  #present(): [string, Room][] {
    return [...this.#rooms].filter(([, { replica }]) => replica.closed === null);
  }

  // -- the connection ----------------------------------------------------------------------------------------

  /** A socket is open. `token` proves who we are. */
  connected(token: string): void {
    this.#phase = "greeting";
    this.farewell = null;
    this.#queue = [hello(token, this.client, SDK)];
  }

  disconnected(): void {
    this.#phase = "off";
    this.#standby = null;
    this.#queue = [];
    this.roomClock.disconnected();
    for (const { replica } of this.#rooms.values()) {
      replica.disconnected();
    }
  }

  /** A socket to another node is open, while this session goes on: what to say there. */
  prepare(token: string): Standby {
    this.#standby = new Standby(
      hello(token, this.client, SDK),
      () => new Map([...this.#rooms].map(([name, { replica }]) => [name, replica])),
    );
    return this.#standby;
  }

  /** Nothing came of that. */
  stay(): void {
    this.#standby = null;
  }

  /**
   * Goes on on the other socket; what the old one still says counts no more. Throws ConnectionRefused as `receive`
   * does; then nothing changed.
   */
  move(standby: Standby, nowMs: number): LinkEvent[] {
    const { welcome } = standby;
    if (welcome === null) {
      throw new Error("The caller waits until it is ready.");
    }
    this.#checkUser(welcome);
    this.#standby = null;
    this.farewell = null;
    this.#queue = standby.rooms.filter(room => !this.#rooms.has(room)).map(room => leave(room));
    this.roomClock.disconnected();
    const rooms = [...this.#rooms];
    const takenOver = rooms.filter(([name, { replica }]) => standby.takesOver(name, replica));
    for (const [, { replica }] of rooms) {
      replica.disconnected();
    }
    const events = this.#receiveWelcome(welcome, standby.welcomedMs);
    for (const [, { replica }] of takenOver) {
      replica.moved();
    }
    for (const message of standby.messages) {
      events.push(...this.receive(message, nowMs));
    }
    return events;
  }

  /** A new token of the same user. */
  refresh(token: string): void {
    if (this.isLive) {
      this.#queue.push(refresh(token));
    }
  }

  /** What to send now, in order. Taking it counts as sending it. */
  outgoing(nowMs: number): ClientMessage[] {
    const messages = this.#queue;
    this.#queue = [];
    if (this.isLive) {
      const freeze = !((this.#standby?.holds(nowMs) ?? false) || this.#needsClient());
      for (const { replica, roster } of this.#rooms.values()) {
        messages.push(...replica.outgoing(nowMs, freeze));
        if (replica.isOpen) {
          messages.push(...roster.outgoing(nowMs));
        }
      }
    }
    return messages;
  }

  /** What happened in `outgoing`. */
  takeEvents(): LinkEvent[] {
    return [...this.#rooms].flatMap(([name, { replica }]) =>
      replica.takeEvents().map(event => inRoom(name, event)),
    );
  }

  /**
   * A question for the server's time, stamped with `nowMs`: to be sent at once, by itself. Null: not now. Asked only
   * while a Jam is here.
   */
  takeProbe(nowMs: number): Probe | null {
    return this.roomClock.probe(nowMs);
  }

  /** When `outgoing` or `takeProbe` has something that it does not have now, in ms; null: not by waiting. */
  getTimer(): number | null {
    const timers = [this.roomClock.getTimer()];
    for (const { replica, roster } of this.isLive ? this.#rooms.values() : []) {
      timers.push(replica.getTimer(), replica.isOpen ? roster.getTimer() : null);
    }
    const due = timers.filter(timer => timer !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  // -- what arrives ------------------------------------------------------------------------------------------

  /** One message of the server. Throws ConnectionRefused if the session is now somebody else's. */
  receive(message: ServerMessage, nowMs: number): LinkEvent[] {
    switch (message.type) {
      case "opened":
      case "ops":
      case "ack":
      case "refused":
      case "digest":
      case "role":
        return this.#receiveInRoom(message, nowMs);
      case "presence": {
        const known = this.#rooms.get(message.room);
        known?.roster.receive(message);
        return known === undefined ? [] : [membersChanged(message.room)];
      }
      case "welcome":
        return this.#receiveWelcome(message, nowMs);
      case "refresh":
        return [{ type: "token_wanted", withinMs: message.within_ms }];
      case "drain":
        return [{ type: "move_wanted", afterMs: message.after_ms }];
      case "goodbye":
        this.farewell = message;
        return [];
      default:
        // `receiveTime` takes answers to probes, and the connection has put parts together.
        return [];
    }
  }

  /** The answer to a probe, whose bytes came at `cameMs`; those of the probe left `lateMs` after its stamp. */
  receiveTime(answer: Time, cameMs: number, lateMs = 0): LinkEvent[] {
    return this.roomClock.receive(answer, cameMs, lateMs) ? [{ type: "time_set" }] : [];
  }

  #receiveWelcome(message: Welcome, nowMs: number): LinkEvent[] {
    this.#checkUser(message);
    this.#phase = "live";
    this.roomClock.connected();
    this.user = message.user;
    this.name = message.name;
    this.connection = message.connection;
    this.tokenExpiresMs = message.token_expires_ms;
    this.#clockOffsetMs = Math.floor(message.time_us / 1000) - nowMs;
    const serverMs = this.serverMs(nowMs);
    const events: LinkEvent[] = [welcomed(message)];
    for (const [name, { replica }] of this.#rooms) {
      events.push(...replica.connected(serverMs).map(event => inRoom(name, event)));
    }
    return events;
  }

  #checkUser(message: Welcome): void {
    if (this.user !== "" && this.user !== message.user) {
      throw new ConnectionRefused("token_invalid", "The token is now another user's.");
    }
  }

  #receiveInRoom(message: RoomMessage, nowMs: number): LinkEvent[] {
    const known = this.#rooms.get(message.room);
    if (known === undefined) {
      return [];
    }
    const { replica, roster } = known;
    const events: LinkEvent[] = replica.receive(message, nowMs).map(event => inRoom(message.room, event));
    if (message.type === "opened") {
      if (replica.closed !== null) {
        // It is a document of another kind; the server need not keep us up to date.
        this.#queue.push(leave(message.room));
        return events;
      }
      roster.opened(message.members, message.total);
      events.push(membersChanged(message.room));
    }
    return events;
  }
}
