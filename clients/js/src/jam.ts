/**
 * A Jam, as a program sees it: one queue, one timeline, and the people who share them.
 *
 *     const jam = await tutti.startJam({ name: "Friday" });
 *     console.log((await jam.code()).code);
 *     const song = await jam.add({ track: "demo:1", title: "One", duration_ms: 180_000 });
 *     await jam.play();
 *     const performance = jam.playOn(player);
 *
 * Reads are synchronous and show own commands at once, in so far as they would be taken. A command counts when it
 * is given; awaiting it tells what became of it, or rejects with CommandRefused. Those of host and co-host name the
 * reign that stands here at that moment: a device that is host no longer changes nothing. How commands travel is
 * `jam-room`'s, how a player is kept in time `conductor`'s.
 */

import { type ClientError, JamClosed } from "./errors.js";
import type { Done, Given } from "./given.js";
import { commandOf } from "./jam/commands.js";
import type { Lineup } from "./jam/lineup.js";
import type { Recap } from "./jam/recap.js";
import { recording } from "./jam/recordings.js";
import type { Settings } from "./jam/settings.js";
import {
  type Jam as JamState,
  type Message,
  type Role,
  roleOf,
  type Standing,
  type Status,
} from "./jam/state.js";
import { positionAt } from "./jam/timeline.js";
import type { JamReplica } from "./jam-replica.js";
import {
  INVITE_LIFE_S,
  type JamInvite,
  type JamRequests,
  type JoinCode,
  type Saved,
} from "./jam-requests.js";
import { type JamHost, JamRoom } from "./jam-room.js";
import { Observable } from "./observable.js";
import type { Entry, Value } from "./ot/value.js";
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
import { asList, makeSong, type Track } from "./tracks.js";

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
export class Jam extends JamRoom {
  readonly #requests: JamRequests;
  #performance: Performance | null = null;
  readonly #shown = new Observable(() => this.#snapshot());

  constructor(replica: JamReplica<Lineup>, roster: Roster, host: JamHost, requests: JamRequests) {
    super(replica, roster, host);
    this.#requests = requests;
  }

  // -- how it stands -----------------------------------------------------------------------------------------

  /** All of it, as the rules know it, with own commands that wait. */
  get state(): JamState {
    return this.#lineup.jam;
  }

  /** What waits, in the order in which it will play. */
  get queue(): readonly Song[] {
    return queueOf(this.#lineup, this.replica.user, this.#roomMs());
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

  get #lineup(): Lineup {
    const lineup = this.replica.state;
    if (lineup === null) {
      throw new JamClosed("not_open", "The Jam is not loaded yet.");
    }
    return lineup;
  }

  #roomMs(): number {
    return Math.floor(this.host.roomMs());
  }

  // -- the queue ---------------------------------------------------------------------------------------------
  // All commands throw JamClosed, ConnectionRefused and QueueFull when they are given; awaited they reject with
  // CommandRefused with the Jam's reason, and how long to wait where that would help.

  /**
   * Adds a song to the queue, with our vote. Gives the id of its entry: if the recording waits already, that one
   * gets our vote instead. `override`: even if it was played lately (host and co-host). Throws InvalidEdit if songs
   * cannot have these fields.
   */
  add(track: Track, { override = false } = {}): Given<string> {
    const song = makeSong(track);
    const entry = this.replica.takeUid();
    return this.giveFor(
      commandOf("add", { entry, track: song, override }),
      done => this.#entryOf(song, done),
      entry,
    );
  }

  #entryOf(song: Entry, done: Done): string {
    if (done.event !== null) {
      return String(done.event["entry"]);
    }
    const { entries } = this.state;
    if (!Object.hasOwn(entries, done.entry)) {
      const wanted = recording(song);
      const merged = Object.values(entries).find(entry => recording(entry.track) === wanted);
      return merged?.id ?? done.entry;
    }
    return done.entry;
  }

  /** Sets our vote for a song: 1, 0 or, where the Jam allows it, −1. */
  vote(entry: string, value = 1): Given<void> {
    return this.give(commandOf("vote", { entry, value }));
  }

  /** Takes a song out: one's own, or any for host and co-host. */
  remove(entry: string): Given<void> {
    return this.give(commandOf("remove", { entry, reign: this.#reign }));
  }

  /** Puts a song above all votes, before another pinned one or behind them all. */
  pin(entry: string, { before = "" } = {}): Given<void> {
    return this.give(commandOf("pin", { entry, before, reign: this.#reign }));
  }

  /** Lets votes place it again. */
  unpin(entry: string): Given<void> {
    return this.give(commandOf("unpin", { entry, reign: this.#reign }));
  }

  /** Reorders by hand, in modes `queue` and `host`: before another song, or to the end. */
  move(entry: string, { before = "" } = {}): Given<void> {
    return this.give(commandOf("move", { entry, before, reign: this.#reign }));
  }

  /** Takes out all that people added and that waits. */
  clear(): Given<void> {
    return this.give(commandOf("clear", { reign: this.#reign }));
  }

  /** Replaces the songs that play when people's are out. Throws InvalidEdit. */
  setFallback(tracks: Track | Iterable<Track>): Given<void> {
    const entries = asList(tracks)
      .map(makeSong)
      .map(song => [this.replica.takeUid(), song] as const);
    return this.give(commandOf("fallback", { tracks: entries, reign: this.#reign }));
  }

  /** Reorders the fallback. */
  shuffle(): Given<void> {
    const seed = Array.from(crypto.getRandomValues(new Uint8Array(8)), byte =>
      byte.toString(16).padStart(2, "0"),
    ).join("");
    return this.give(commandOf("shuffle", { seed, reign: this.#reign }));
  }

  // -- the music ---------------------------------------------------------------------------------------------

  /** Starts the music, or goes on with it. */
  play(): Given<void> {
    return this.give(commandOf("play", { reign: this.#reign }));
  }

  /** Stops the music where it is, for everybody. */
  pause(): Given<void> {
    return this.give(commandOf("pause", { reign: this.#reign }));
  }

  /** Goes on at this position, for everybody. */
  seek(positionMs: number): Given<void> {
    return this.give(
      commandOf("seek", { play: this.#play, position_ms: Math.round(positionMs), reign: this.#reign }),
    );
  }

  /** Ends what plays now; refused if that is over already. */
  next(): Given<void> {
    return this.give(commandOf("next", { play: this.#play, reign: this.#reign }));
  }

  /** Starts the song again or, in its first seconds, the one before. */
  previous(): Given<void> {
    return this.give(commandOf("previous", { play: this.#play, reign: this.#reign }));
  }

  /** Ends what plays and starts this one. */
  playNow(entry: string): Given<void> {
    return this.give(commandOf("play_now", { entry, reign: this.#reign }));
  }

  /** Asks, or no longer asks, for the next song; who added what plays withdraws it with this. */
  skip(value = true): Given<void> {
    return this.give(commandOf("skip", { play: this.#play, value }));
  }

  /** Stops the countdown to a skip that was voted. */
  veto(): Given<void> {
    return this.give(commandOf("veto", { play: this.#play, reign: this.#reign }));
  }

  /** Says that what plays cannot be played. */
  unplayable(): Given<void> {
    return this.give(commandOf("unplayable", { play: this.#play }));
  }

  /**
   * From now on the player plays what the Jam plays, when it plays it, until `stop` of what comes back. One player
   * at a time: another one stops the first.
   */
  playOn(player: Player): Performance {
    void this.#performance?.stop().catch(() => undefined);
    this.#performance = new Performance(this, player, this.host);
    return this.#performance;
  }

  // -- people ------------------------------------------------------------------------------------------------

  /** Makes somebody host who is here and takes part; we become a co-host. */
  handOver(user: string): Given<void> {
    return this.give(commandOf("hand_over", { user, reign: this.#reign }));
  }

  /** Makes somebody a co-host, a guest or a listener. */
  promote(user: string, role: Standing): Given<void> {
    return this.give(commandOf("promote", { user, role, reign: this.#reign }));
  }

  /** Throws somebody out and ends all codes and links; by a new one they may return. */
  kick(user: string): Given<void> {
    return this.give(commandOf("kick", { user, reign: this.#reign }));
  }

  /** As `kick`, and no key lets them in. */
  ban(user: string): Given<void> {
    return this.give(commandOf("ban", { user, reign: this.#reign }));
  }

  /** A key lets them in again. */
  unban(user: string): Given<void> {
    return this.give(commandOf("unban", { user, reign: this.#reign }));
  }

  /** Lets somebody in who waits. */
  approve(user: string): Given<void> {
    return this.give(commandOf("approve", { user, reign: this.#reign }));
  }

  /** Sends somebody away who waits. */
  deny(user: string): Given<void> {
    return this.give(commandOf("deny", { user, reign: this.#reign }));
  }

  /** Locks or unlocks the door; old codes and links do not open it again. */
  lock(locked = true): Given<void> {
    return this.give(commandOf("lock", { locked, reign: this.#reign }));
  }

  /** Changes settings by name, such as `{ mode: "votes" }`; see `jam/settings`. */
  set(settings: { readonly [name: string]: Value }): Given<void> {
    return this.give(commandOf("set", { settings, reign: this.#reign }));
  }

  /** Leaves for good; the host has to hand over or end first. Rejects with CommandRefused (`host_leaves`). */
  async leave(): Promise<void> {
    try {
      await this.give(commandOf("leave", {}));
    } catch (error) {
      // The server may show us the door before it says that the command was taken.
      if (!(error instanceof JamClosed && this.replica.closed !== null)) {
        throw error;
      }
    }
    this.close();
  }

  /** The Jam is over for everybody: it can be read, and nothing else. */
  end(): Given<void> {
    return this.give(commandOf("end", { reign: this.#reign }));
  }

  // -- chat --------------------------------------------------------------------------------------------------

  /** Writes a line into the chat. */
  say(text: string): Given<void> {
    if (this.showing.typing) {
      this.typing(false);
    }
    return this.give(commandOf("say", { text }));
  }

  /** One's own, or any for host and co-host. */
  deleteMessage(message: number): Given<void> {
    return this.give(commandOf("delete_message", { message, reign: this.#reign }));
  }

  /** Shows everybody who is here a reaction, once. Throws CallerError for more than a word. */
  react(text: string): void {
    this.showing.react(text);
    this.show();
  }

  /** Shows others that we write something, or no longer. */
  typing(isTyping = true): void {
    this.showing.typing = isTyping;
    this.show();
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

  /** What was played, as a playlist of ours; by default it is called as the Jam. */
  saveAsPlaylist(name?: string): Promise<Saved> {
    return this.#requests.save(this.id, name);
  }

  get #reign(): number {
    return this.state.reign;
  }

  /** The one that everybody hears. Not the one that our own `next` will start: two presses mean one. */
  get #play(): number {
    return this.replica.committed?.jam.timeline.play ?? 0;
  }
}
