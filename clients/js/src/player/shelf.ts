/**
 * The songs that are here to be played, or on their way.
 *
 * Fetched when they are first asked for, tried again with growing pauses as long as somebody may want them, and kept
 * within a bound; what plays and what is next are never given away. Knows what a song takes. Does not know what it is
 * made of: how one is fetched and made ready is handed in.
 */

import { Backoff, POLICY, type Policy } from "../backoff.js";
import { paused } from "../waits.js";
import { type Problem, problemOf, Unplayable } from "./problems.js";

/** What plays, what is next, and a few that were thought of again. */
export const SONGS_MAX = 6;
/** Beyond what plays and what is next: some minutes of music as samples, so that going back is at once. */
export const KEPT_BYTES_MAX = 128 * 1024 * 1024;
/** A song that cannot be fetched is asked for at least this often. */
const PATIENCE: Policy = { ...POLICY, baseMs: 500, capMs: 10_000 };

/** What a shelf asks of what it keeps. */
export interface Kept {
  /** What it takes of this device. */
  readonly bytes: number;
  /** Nobody will play it any more. */
  release(): void;
}

/**
 * Fetches a song and makes it ready. Rejects with Unplayable if that will never be; else it is called again, and may
 * go on where it was.
 */
export type Load<K> = (over: AbortSignal) => Promise<K>;

interface Place<K> {
  readonly over: AbortController;
  kept: K | null;
  problem: Problem | null;
}

/** `changed` is called when a song is here, or cannot be had. `held` says which tracks are in use. */
export class Shelf<K extends Kept> {
  /** The longest unused first. */
  readonly #places = new Map<string, Place<K>>();
  readonly #loader: (track: string) => Load<K>;
  readonly #held: () => readonly string[];
  readonly #changed: () => void;
  readonly #nowMs: () => number;

  /** `loader` may throw Unplayable, too. */
  constructor(
    loader: (track: string) => Load<K>,
    held: () => readonly string[],
    changed: () => void,
    nowMs: () => number,
  ) {
    this.#loader = loader;
    this.#held = held;
    this.#changed = changed;
    this.#nowMs = nowMs;
  }

  /** Begins to fetch it; nothing if it is here or on its way. What could not be played is tried again. */
  want(track: string): void {
    const place = this.#places.get(track);
    this.#places.delete(track);
    if (place !== undefined && !isHopeless(place)) {
      this.#places.set(track, place);
      return;
    }
    const made: Place<K> = { over: new AbortController(), kept: null, problem: null };
    this.#places.set(track, made);
    void this.#fill(track, made);
    this.#tidy();
  }

  /** Whether it is here, on its way, or known to be broken. */
  has(track: string): boolean {
    return this.#places.has(track);
  }

  /** What is here of it; null while it is not. */
  get(track: string): K | null {
    return this.#places.get(track)?.kept ?? null;
  }

  /** Whether it will never be here. */
  isBroken(track: string): boolean {
    const place = this.#places.get(track);
    return place !== undefined && isHopeless(place);
  }

  /** What keeps songs away; also what may still come right. */
  get problems(): readonly Problem[] {
    return [...this.#places.values()].flatMap(({ problem }) => problem ?? []);
  }

  /** Another one took its place, or it is of no use any more: it is fetched anew when it is wanted. */
  drop(track: string): void {
    const place = this.#places.get(track);
    if (place !== undefined) {
      this.#places.delete(track);
      place.over.abort();
      place.kept?.release();
    }
  }

  clear(): void {
    for (const track of [...this.#places.keys()]) {
      this.drop(track);
    }
  }

  async #fill(track: string, place: Place<K>): Promise<void> {
    const backoff = new Backoff(PATIENCE);
    let load: Load<K> | null = null;
    while (!place.over.signal.aborted && place.kept === null && !isHopeless(place)) {
      try {
        load ??= this.#loader(track);
        this.#filled(place, await load(place.over.signal));
      } catch (error) {
        place.problem = problemOf(error instanceof Unplayable ? error.code : "unreachable", track);
        this.#changed();
        if (!(error instanceof Unplayable)) {
          await paused(backoff.delayMs("back_off", 0, this.#nowMs(), Math.random()), place.over.signal);
        }
        continue;
      }
      this.#tidy();
      this.#changed();
    }
  }

  #filled(place: Place<K>, kept: K): void {
    if (place.over.signal.aborted) {
      kept.release();
      return;
    }
    place.kept = kept;
    place.problem = null;
  }

  /** Gives away what was not used for longest, while there is too much. */
  #tidy(): void {
    const held = new Set(this.#held());
    const newest = [...this.#places.keys()].at(-1);
    const free = [...this.#places].filter(([track]) => !held.has(track) && track !== newest);
    let bytes = free.reduce((sum, [, { kept }]) => sum + (kept?.bytes ?? 0), 0);
    for (const [track, { kept }] of free) {
      if (bytes <= KEPT_BYTES_MAX && this.#places.size <= SONGS_MAX) {
        break;
      }
      bytes -= kept?.bytes ?? 0;
      this.drop(track);
    }
  }
}

function isHopeless<K>({ problem }: Place<K>): boolean {
  return problem !== null && problem.code !== "unreachable";
}
