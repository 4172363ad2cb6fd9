/**
 * What every player of a page has in common: the songs on its shelf, and what was asked for last.
 *
 * Whatever is asked for before its song is here, or before the output plays, is played as soon as it can be, where it
 * should be by then. Knows wishes. Does not know outputs: these are what differs.
 */

import { Observable } from "../observable.js";
import type { PlayedTrack, Player } from "../player.js";
import type { PlayerHost } from "./player-host.js";
import { type Problem, type ProblemCode, problemOf } from "./problems.js";
import type { Shelf } from "./shelf.js";
import { type Song, shelfOfSongs } from "./song.js";

/**
 * A player at one moment, for who shows it. `needsGesture`: `unlock` is to be called from a click. `problems`: what is
 * wrong, the output first.
 */
export interface PlayerSnapshot {
  readonly needsGesture: boolean;
  readonly problems: readonly Problem[];
  readonly volume: number;
}

/**
 * What was asked for: `positionMs` is to be heard at `heardMs`. (How much earlier it is given to the output may not be
 * known before that plays.) `given`: the output knows, and that it begins at this time of its own clock.
 */
export interface Wish {
  readonly track: string;
  readonly positionMs: number;
  readonly heardMs: number;
  given: number | null;
}

/** See the module. `close` at the end. */
export abstract class PagePlayer implements Player {
  /** How long what is given to the output takes to be heard, as far as that is known. */
  abstract readonly latencyMs: number;
  /** Whether the rate cannot be changed without being heard. */
  abstract readonly seekOnly: boolean;
  protected readonly host: PlayerHost;
  protected readonly shelf: Shelf<Song>;
  /** What was asked for last, and what is to follow it. */
  protected present: Wish | null = null;
  protected next: Wish | null = null;
  /** What plays, or did before a pause. */
  #lastTrack = "";
  readonly #shown = new Observable(() => this.#snapshot());
  #volume: number;

  constructor(host: PlayerHost, volume: number, sampleRate: () => number | null) {
    this.host = host;
    this.#volume = volume;
    this.shelf = shelfOfSongs(host, {
      sampleRate,
      held: () => [this.#lastTrack, this.present?.track ?? "", this.next?.track ?? ""],
      changed: () => {
        this.grant(host.nowMs());
        this.changed();
      },
    });
  }

  // -- for the page ------------------------------------------------------------------------------------------

  /** Lets the browser play: to be called from a click, before or after `playOn`. Resolves to whether it does. */
  abstract unlock(): Promise<boolean>;

  /** 0 to 100, as a listener would say: half of it is heard as about half as loud. */
  get volume(): number {
    return this.#volume;
  }

  set volume(volume: number) {
    this.#volume = Math.min(Math.max(volume, 0), 100);
    this.setGain(this.gain);
    this.changed();
  }

  /** Why a track is not played here, or not yet; null: nothing is wrong with it. */
  problemOf(track: PlayedTrack): Problem | null {
    return this.shelf.problems.find(problem => problem.track === uriOf(track)) ?? null;
  }

  /** Calls `listener` after anything of `getSnapshot` changed; the function that comes back ends it. */
  get subscribe(): (listener: () => void) => () => void {
    return this.#shown.subscribe;
  }

  /** All that there is to show, immutable, and the same object until something changes. */
  get getSnapshot(): () => PlayerSnapshot {
    return this.#shown.getSnapshot;
  }

  /** Falls silent for good, and gives back what it holds. */
  close(): void {
    this.present = this.next = null;
    this.shelf.clear();
    this.changed();
  }

  #snapshot(): PlayerSnapshot {
    const code = this.outputProblem();
    return {
      needsGesture: code === "needs_gesture",
      problems: [...(code === null ? [] : [problemOf(code)]), ...this.shelf.problems],
      volume: this.#volume,
    };
  }

  // -- as a player -------------------------------------------------------------------------------------------

  /** Begins to fetch a track that will play soon. */
  prepare(track: PlayedTrack): void {
    this.shelf.want(uriOf(track));
  }

  /** Whether it is here. One that was given away meanwhile, for want of room, is fetched again. */
  isReady(track: PlayedTrack): boolean {
    const uri = uriOf(track);
    if (!this.shelf.has(uri)) {
      this.shelf.want(uri);
    }
    return this.shelf.get(uri) !== null;
  }

  /** Whether it is known by now that it cannot be played here: `problemOf` says why. */
  isBroken(track: PlayedTrack): boolean {
    return this.shelf.isBroken(uriOf(track));
  }

  /** As `Player.start`. */
  start(track: PlayedTrack, positionMs: number, atMs: number, nowMs: number): void {
    this.advance(nowMs);
    const wish: Wish = { track: uriOf(track), positionMs, heardMs: atMs + this.latencyMs, given: null };
    if (this.present !== null && this.givenMs(this.present) <= nowMs && atMs > nowMs) {
      this.next = wish;
    } else {
      this.present = wish;
      this.next = null;
      this.#lastTrack = wish.track;
    }
    this.shelf.want(wish.track);
    this.grant(nowMs);
  }

  /** What is given to the output now; null while nothing is. */
  abstract positionMs(nowMs: number): number | null;

  /** Plays on at this rate. */
  abstract setRate(rate: number, nowMs: number): void;

  /** Goes on at this position now. */
  abstract splice(positionMs: number, rate: number, nowMs: number): void;

  /** Falls silent. */
  stop(_nowMs: number): void {
    this.present = this.next = null;
  }

  // -- for who has an output -----------------------------------------------------------------------------------

  /** Makes the output play it, now or then; gives when that is by the output's clock, or null if it cannot be yet. */
  protected abstract play(wish: Wish, song: Song): number | null;

  protected abstract setGain(gain: number): void;

  protected abstract outputProblem(): ProblemCode | null;

  /** Loudness is felt by powers: a square is near enough, and 0 is silence. */
  protected get gain(): number {
    return (this.#volume / 100) ** 2;
  }

  protected changed(): void {
    this.#shown.changed();
  }

  protected advance(nowMs: number): void {
    if (this.next !== null && this.givenMs(this.next) <= nowMs) {
      this.present = this.next;
      this.next = null;
      this.#lastTrack = this.present.track;
    }
  }

  /** When to give it to the output. */
  protected givenMs({ heardMs }: Wish): number {
    return heardMs - this.latencyMs;
  }

  /** The output knows nothing (any more) of what was asked for. */
  protected forgetGiven(): void {
    for (const wish of [this.present, this.next]) {
      if (wish !== null) {
        wish.given = null;
      }
    }
  }

  /** Gives the output what it does not know yet, as far as that can be. */
  protected grant(nowMs: number): void {
    this.advance(nowMs);
    const { present, next } = this;
    if (present?.given === null && this.#give(present) && next !== null) {
      // A start takes the place of all that was to come.
      next.given = null;
    }
    if (next?.given === null && present?.given !== null) {
      this.#give(next);
    }
  }

  /** Whether that could be. */
  #give(wish: Wish): boolean {
    const song = this.shelf.get(wish.track);
    wish.given = song === null ? null : this.play(wish, song);
    return wish.given !== null;
  }
}

function uriOf({ track }: PlayedTrack): string {
  return String(track);
}
