/**
 * A Jam, as a program sees it: one queue, one timeline, and the people who share them.
 *
 *     const jam = await tutti.startJam({ name: "Friday" });
 *     console.log((await jam.code()).code);
 *     const song = await jam.add({ track: "demo:1", title: "One", duration_ms: 180_000 });
 *     await jam.play();
 *     const performance = jam.playOn(player);
 *
 * Reads are synchronous and show own commands at once, in so far as they would be taken. What may be asked is
 * `jam-commands`', how a player is kept in time `conductor`'s.
 */

import type { ClientError } from "./errors.js";
import type { Lineup } from "./jam/lineup.js";
import type { Recap } from "./jam/recap.js";
import type { Settings } from "./jam/settings.js";
import { type Message, type Role, roleOf, type Status } from "./jam/state.js";
import { positionAt } from "./jam/timeline.js";
import { JamCommands } from "./jam-commands.js";
import type { JamReplica } from "./jam-replica.js";
import {
  INVITE_LIFE_S,
  type JamInvite,
  type JamRequests,
  type JoinCode,
  type Saved,
} from "./jam-requests.js";
import type { JamHost } from "./jam-room.js";
import { Observable } from "./observable.js";
import { Performance } from "./performance.js";
import type { Player } from "./player.js";
import type { Roster } from "./roster.js";
import { typists } from "./showing.js";
import {
  knocking,
  type NowPlaying,
  nowPlaying,
  type Person,
  peopleOf,
  queueOf,
  type Song,
  type Waiting,
} from "./songs.js";

/**
 * How well this device keeps time with the others, ms.
 *
 * The room's clock is ahead of the device's by `offsetMs` (null until it was measured), give or take
 * `clockErrorMs` (one sd), and by no more than `boundMs` besides for what no measurement can see; `rttMs` is the
 * way there and back. The player is `errorMs` behind where it should be (null while none plays), and `isLocked`
 * once it has settled.
 */
export interface Sync {
  readonly offsetMs: number | null;
  readonly clockErrorMs: number;
  readonly boundMs: number;
  readonly rttMs: number;
  readonly errorMs: number | null;
  readonly isLocked: boolean;
}

/**
 * A Jam at one moment, for who shows it. What moves by itself (`position`, countdowns, `sync`) is asked of the Jam
 * when it is drawn. `error`: why it is gone, if it is.
 */
export interface JamSnapshot {
  readonly id: string;
  readonly name: string;
  readonly queue: readonly Song[];
  readonly nowPlaying: NowPlaying | null;
  readonly members: readonly Person[];
  readonly present: number;
  readonly waiting: readonly Waiting[];
  readonly host: string;
  readonly role: Role | null;
  readonly settings: Settings;
  readonly chat: readonly Message[];
  readonly status: Status;
  readonly version: number;
  readonly isOpen: boolean;
  readonly isSettled: boolean;
  readonly error: ClientError | null;
}

/** See the module. Made by `Tutti.startJam`, `joinJam` and `openJam`. */
export class Jam extends JamCommands {
  readonly #requests: JamRequests;
  #performance: Performance | null = null;
  readonly #shown = new Observable(() => this.#snapshot());

  constructor(replica: JamReplica<Lineup>, roster: Roster, host: JamHost, requests: JamRequests) {
    super(replica, roster, host);
    this.#requests = requests;
  }

  // -- how it stands -----------------------------------------------------------------------------------------

  /** What waits, in the order in which it will play. */
  get queue(): readonly Song[] {
    return queueOf(this.lineup, this.replica.user, this.#roomMs());
  }

  get nowPlaying(): NowPlaying | null {
    return nowPlaying(this.state, this.replica.user, this.#roomMs());
  }

  /** Where the music is at this moment, in ms of what plays; 0 if nothing does. */
  position(): number {
    return positionAt(this.state, this.#roomMs());
  }

  /** Host first. */
  get members(): readonly Person[] {
    return peopleOf(this.state, typists(this.roster.members));
  }

  /** Who waits to be let in. */
  get waiting(): readonly Waiting[] {
    return knocking(this.state);
  }

  /** The user id of who steers. */
  get hostUser(): string {
    return this.state.host;
  }

  /** What we are here; null: no member any more. */
  get role(): Role | null {
    return roleOf(this.state, this.replica.user);
  }

  get name(): string {
    return this.state.settings.name;
  }

  get settings(): Settings {
    return this.state.settings;
  }

  /** The last messages, oldest first; a deleted one has no text. */
  get chat(): readonly Message[] {
    return this.state.chat;
  }

  /** `live`, `dormant` while nobody was here for long, or `ended`. */
  get status(): Status {
    return this.state.status;
  }

  get sync(): Sync {
    const measured = this.host.roomClock.filter;
    const nowMs = this.host.nowMs();
    const errorMs = this.#performance?.errorMs ?? null;
    const isLocked = this.#performance?.isLocked ?? false;
    if (!measured?.isSet) {
      return { offsetMs: null, clockErrorMs: 0, boundMs: 0, rttMs: 0, errorMs, isLocked };
    }
    return {
      offsetMs: measured.offsetMs(nowMs),
      clockErrorMs: measured.sdMs(nowMs),
      boundMs: measured.boundMs,
      rttMs: measured.rttMs,
      errorMs,
      isLocked,
    };
  }

  /** Calls `listener` after anything of `getSnapshot` changed; the function that comes back ends it. */
  get subscribe(): (listener: () => void) => () => void {
    return this.#shown.subscribe;
  }

  /** All that there is to show, immutable, and the same object until something changes. */
  get getSnapshot(): () => JamSnapshot {
    return this.#shown.getSnapshot;
  }

  #snapshot(): JamSnapshot {
    const { id, name, queue, nowPlaying: playing, members, present, waiting, hostUser, role } = this;
    const { settings, chat, status, version, isOpen, isSettled } = this;
    const error = this.failure();
    return {
      ...{ id, name, queue, nowPlaying: playing, members, present, waiting, host: hostUser, role },
      ...{ settings, chat, status, version, isOpen, isSettled, error },
    };
  }

  protected shownChanged(): void {
    this.#shown.changed();
  }

  #roomMs(): number {
    return Math.floor(this.host.roomMs());
  }

  // -- the music on this device -------------------------------------------------------------------------------

  /**
   * From now on the player plays what the Jam plays, when it plays it, until `stop` of what comes back. One player
   * at a time: another one stops the first.
   */
  playOn(player: Player): Performance {
    void this.#performance?.stop().catch(() => undefined);
    this.#performance = new Performance(this, player, this.host);
    return this.#performance;
  }

  // -- keys, and looking back --------------------------------------------------------------------------------
  // Asked over HTTP. All reject with RequestRefused and Unreachable.

  /** What people type or scan to come in. */
  code(): Promise<JoinCode> {
    return this.#requests.code(this.id);
  }

  /** A new code; the old one and all invite links open nothing any more. */
  rotate(): Promise<JoinCode> {
    return this.#requests.rotate(this.id);
  }

  /** The secret of a link that lets people in as `guest` or `listener`. */
  invite(role = "guest", { expiresInS = INVITE_LIFE_S } = {}): Promise<JamInvite> {
    return this.#requests.invite(this.id, role, expiresInS);
  }

  /** The code's address as a picture to scan, an SVG document. */
  qr(): Promise<string> {
    return this.#requests.qr(this.id);
  }

  /** What the evening was: plays, likes, people, how well all heard the same. */
  recap(): Promise<Recap> {
    return this.#requests.recap(this.id);
  }

  /** The same as a picture to share, an SVG document of 1200 × 630. */
  recapPicture(): Promise<string> {
    return this.#requests.recapPicture(this.id);
  }

  /** What was played, as a playlist of ours; by default it is called as the Jam. */
  saveAsPlaylist(name?: string): Promise<Saved> {
    return this.#requests.save(this.id, name);
  }
}
