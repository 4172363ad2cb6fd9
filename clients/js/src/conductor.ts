/**
 * What a player must do, and when, so that it plays what the Jam plays.
 *
 * Compares the Jam's timeline with what the player was told: starts are handed to it before they are due, the next
 * song while the last one still plays, so that there is no gap and nobody has to be asked at that moment. In
 * between, `jam/drift` keeps it in place. Who joins late, or fetches slowly, catches up alone.
 *
 *     conduct(jam, offsetMs, nowMs)      now, when something has changed, and at getTimer(nowMs)
 *
 * Pure but for the player it drives: time is an argument, in ms of the client's own clock, which the room's is
 * ahead of by `offsetMs`. Does not know sockets, or where the Jam's state comes from.
 */

import { nextEntry } from "./jam/choice.js";
import { INTERVAL_MS, PlaybackController, START_INTERVAL_MS } from "./jam/drift.js";
import { type Jam, NORMAL_RATE_PPM } from "./jam/state.js";
import { durationOf, endsAt } from "./jam/timeline.js";
import { memberOf } from "./ot/value.js";
import { followingPart, goesOnAs, type Part, partOf, positionIn, samePart } from "./parts.js";
import type { PlayedTrack, Player } from "./player.js";

/**
 * The next song is fetched this long before it plays, of a short one from its middle on: what is fetched is locked,
 * and people should have had time to vote. Who fetches slowly begins earlier.
 */
export const FETCH_AHEAD_MS = 30_000;
export const FETCH_AHEAD_TIMES = 3;
/** The next song is handed to the player this long before its start. */
export const HAND_AHEAD_MS = 2_000;
/** So soon around a start nobody knows which of two songs the player's position is in. */
export const UNSURE_MS = 60;
/** A start that was handed over is corrected if the room's clock turns out to be off by more. */
export const CLOCK_MOVED_MS = 2;
/** A player that does not say where it is for so long has lost its output: it is started anew. */
export const LOST_MS = 3_000;
/** While somebody waits for a track, it is looked for this often. */
export const LOOK_EVERY_MS = 50;

/** Drives one player. `nudgeMs` is what the listener adds by ear (see the controller). */
export class Conductor {
  broken = "";
  nudgeMs = 0;
  readonly #player: Player;
  readonly #controller: PlaybackController;
  /** What the player was told to play, since when (own clock), and what it was told to play then. */
  #part: Part | null = null;
  #startsMs = 0;
  #next: Part | null = null;
  #nextStartsMs = 0;
  #wantsTrack = false;
  #isSilent = true;
  #decideMs = 0;
  #heardMs = 0;
  /** By entry: when it was asked for, and how long it took. */
  #fetching = new Map<string, number>();
  #ready = new Map<string, number>();

  constructor(player: Player) {
    this.#player = player;
    this.#controller = new PlaybackController({ seekOnly: player.seekOnly });
  }

  // -- for looking -------------------------------------------------------------------------------------------

  /** How far the player is behind where it should be, smoothed; null while it is silent. */
  get errorMs(): number | null {
    return this.#part === null ? null : this.#controller.errorMs;
  }

  /** Whether it plays, and where it should. */
  get isLocked(): boolean {
    return this.#part !== null && this.#controller.isLocked;
  }

  /** The entries that were fetched of late, and how many ms that took. */
  get ready(): ReadonlyMap<string, number> {
    return this.#ready;
  }

  /** An entry that is being fetched, or empty. */
  get fetching(): string {
    for (const entry of this.#fetching.keys()) {
      return entry;
    }
    return "";
  }

  // -- what it does ------------------------------------------------------------------------------------------

  /**
   * Tells the player what to do now. `leads`: it is the speaker that the timeline follows, so it is started and
   * stopped but not kept in place.
   */
  conduct(jam: Jam, offsetMs: number, nowMs: number, leads = false): void {
    const roomMs = nowMs + offsetMs;
    this.#controller.latencyMs = this.#player.latencyMs;
    this.#controller.nudgeMs = this.nudgeMs;
    this.#goOn(nowMs);
    const part = partOf(jam, roomMs);
    this.#fetch(jam, part, roomMs, nowMs);
    this.#change(part, offsetMs, nowMs);
    this.#handOver(followingPart(jam), offsetMs, nowMs);
    if (!leads && this.#part !== null && this.#mayDecide(nowMs)) {
      this.#decide(this.#part, roomMs, nowMs);
    }
  }

  /** When to call `conduct` again, if nothing happens before; null: not by waiting. */
  getTimer(nowMs: number): number | null {
    if (this.#wantsTrack) {
      return nowMs + LOOK_EVERY_MS;
    }
    return this.#part !== null || this.#fetching.size > 0 ? nowMs + this.#intervalMs(nowMs) : null;
  }

  /** Falls silent; `conduct` begins anew. */
  stop(nowMs: number): void {
    if (!this.#isSilent) {
      this.#player.stop(nowMs);
    }
    this.#part = this.#next = null;
    this.#isSilent = true;
  }

  // -- songs -------------------------------------------------------------------------------------------------

  /** What was handed over has begun by itself. */
  #goOn(nowMs: number): void {
    if (this.#next !== null && nowMs >= this.#nextStartsMs) {
      this.#begun(this.#next, this.#nextStartsMs);
    }
  }

  /** Makes `part` what the player plays, or will. */
  #change(part: Part | null, offsetMs: number, nowMs: number): void {
    this.#wantsTrack = false;
    const roomMs = nowMs + offsetMs;
    const isSame = samePart(part, this.#part);
    if (part === null) {
      this.stop(nowMs);
    } else if (this.#part !== null && !isSame && goesOnAs(this.#part, part, roomMs)) {
      this.#part = part;
    } else if (!isSame || this.#hasMoved(part, this.#startsMs, offsetMs, nowMs)) {
      if (this.#player.isReady(part.track, nowMs)) {
        this.#start(part, offsetMs, nowMs);
        return;
      }
      this.#wantsTrack = true;
      if (roomMs >= part.anchorMs) {
        // The others have begun; what played before is over for us, too.
        this.stop(nowMs);
      }
    } else if (this.#isLost(nowMs)) {
      this.#start(part, offsetMs, nowMs);
    }
  }

  /** Gives the player its next song while it plays the last. */
  #handOver(following: Part | null, offsetMs: number, nowMs: number): void {
    if (this.#part === null || samePart(following, this.#part) || nowMs < this.#startsMs) {
      return;
    }
    if (following === null || nowMs + offsetMs < following.anchorMs - HAND_AHEAD_MS) {
      if (this.#next !== null) {
        // What it was to play then is gone: only another start makes it forget.
        this.#start(this.#part, offsetMs, nowMs);
      }
      return;
    }
    const hasMoved = this.#hasMoved(following, this.#nextStartsMs, offsetMs, nowMs);
    if ((!samePart(following, this.#next) || hasMoved) && this.#player.isReady(following.track, nowMs)) {
      this.#next = following;
      this.#nextStartsMs = this.#localMs(following, offsetMs);
      this.#player.start(following.track, following.positionMs, this.#nextStartsMs, nowMs);
    }
  }

  #start(part: Part, offsetMs: number, nowMs: number): void {
    const atMs = this.#localMs(part, offsetMs);
    this.#player.start(part.track, part.positionMs, atMs, nowMs);
    this.#isSilent = false;
    this.#begun(part, Math.max(atMs, nowMs));
  }

  #begun(part: Part, atMs: number): void {
    this.#part = part;
    this.#startsMs = atMs;
    this.#next = null;
    this.#decideMs = this.#heardMs = atMs;
    this.#controller.started(atMs);
  }

  /** When to give it to the output, by our clock. */
  #localMs(part: Part, offsetMs: number): number {
    return part.anchorMs - offsetMs - this.#player.latencyMs - this.nudgeMs;
  }

  /** Whether a start that is still to come was handed over for another time than is right by now. */
  #hasMoved(part: Part, startsMs: number, offsetMs: number, nowMs: number): boolean {
    return nowMs < startsMs && Math.abs(this.#localMs(part, offsetMs) - startsMs) > CLOCK_MOVED_MS;
  }

  // -- fetching ----------------------------------------------------------------------------------------------

  #fetch(jam: Jam, part: Part | null, roomMs: number, nowMs: number): void {
    const wanted = new Map<string, PlayedTrack>();
    for (const id of [jam.timeline.entry, this.#upcoming(jam, roomMs), part?.entry]) {
      const entry = id ? memberOf(jam.entries, id) : undefined;
      if (entry !== undefined) {
        wanted.set(entry.id, entry.track);
      }
    }
    for (const known of [this.#fetching, this.#ready]) {
      for (const entry of known.keys()) {
        if (!wanted.has(entry)) {
          known.delete(entry);
        }
      }
    }
    this.broken = part !== null && this.#player.isBroken(part.track) ? part.entry : "";
    for (const [entry, track] of wanted) {
      if (!(this.#fetching.has(entry) || this.#ready.has(entry))) {
        this.#player.prepare(track, nowMs);
        this.#fetching.set(entry, nowMs);
      }
      const sinceMs = this.#fetching.get(entry);
      if (sinceMs !== undefined && this.#player.isReady(track, nowMs)) {
        this.#fetching.delete(entry);
        this.#ready.set(entry, Math.round(nowMs - sinceMs));
      }
    }
  }

  /** The entry to fetch for later, or empty. */
  #upcoming(jam: Jam, roomMs: number): string {
    const entry = nextEntry(jam);
    const playing = memberOf(jam.entries, jam.timeline.entry);
    if (entry === null || (jam.settings.repeat === "one" && playing !== undefined)) {
      return "";
    }
    if (entry === jam.next || playing === undefined) {
      return entry;
    }
    const overAt = endsAt(jam);
    const durationMs = durationOf(playing);
    if (overAt === null || durationMs === undefined) {
      return "";
    }
    const slowestMs = Math.max(0, ...this.#ready.values());
    const aheadMs = Math.max(FETCH_AHEAD_MS, FETCH_AHEAD_TIMES * slowestMs);
    return roomMs >= overAt - Math.min(aheadMs, Math.floor(durationMs / 2)) ? entry : "";
  }

  // -- staying in place --------------------------------------------------------------------------------------

  #mayDecide(nowMs: number): boolean {
    if (nowMs < this.#startsMs + UNSURE_MS || nowMs < this.#decideMs) {
      return false;
    }
    return this.#next === null || nowMs < this.#nextStartsMs - UNSURE_MS;
  }

  #decide(part: Part, roomMs: number, nowMs: number): void {
    const positionMs = this.#player.positionMs(nowMs);
    if (positionMs === null) {
      return;
    }
    this.#heardMs = nowMs;
    const timelineRate = part.ratePpm / NORMAL_RATE_PPM;
    const decision = this.#controller.decide(nowMs, positionIn(part, roomMs), positionMs);
    switch (decision.kind) {
      case "keep":
        if (!this.#player.seekOnly) {
          this.#player.setRate(decision.rate * timelineRate, nowMs);
        }
        break;
      case "splice":
        this.#player.splice(decision.positionMs, decision.rate * timelineRate, nowMs);
        break;
      case "seek":
        this.#player.splice(decision.positionMs, timelineRate, nowMs);
    }
    // A little less, as whoever waits is sometimes early by a hair.
    this.#decideMs = nowMs + 0.9 * this.#intervalMs(nowMs);
  }

  #intervalMs(nowMs: number): number {
    return this.#controller.isStarting(nowMs) ? START_INTERVAL_MS : INTERVAL_MS;
  }

  #isLost(nowMs: number): boolean {
    const heardMs = Math.max(this.#heardMs, this.#startsMs);
    return nowMs > heardMs + LOST_MS && this.#player.positionMs(nowMs) === null;
  }
}
