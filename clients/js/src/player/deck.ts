/**
 * What an output plays when, in numbers.
 *
 * A deck turns "this track, from here on, then" into cues for voices (a voice is one playing of one track), and knows
 * to the frame where the music is at any time of the output's own clock, whatever its rate was until then. A song
 * follows the last one at its very end where the two are as good as one moment; else they change over, faded.
 *
 *     start ──> cue "begin" for a new voice, "end" for the one it replaces
 *     setRate ──> the voice goes on from where it is by then
 *     splice ──> "begin" elsewhere in the same track, both voices faded
 *
 * Pure: times are arguments, in ms of the output's clock. `earliestMs` is the first moment at which the output can
 * still be changed. Does not know Web Audio, or the clocks of rooms and pages.
 */

/** Long enough to hide a seam, short enough to be no effect. */
export const FADE_MS = 20;
/**
 * A song whose start and whose predecessor's end are closer than this begins at that end: what is heard has no seam,
 * and it is as well in time as the song before was.
 */
export const SNAP_MS = 5;
/** Web Audio changes a rate only between blocks of so many frames. */
export const QUANTUM_FRAMES = 128;
/** What was played so long ago is not asked for any more. */
const REMEMBERED_MS = 1_000;
/** Rates that are closer than this are the same: a hundredth of what a device drifts. */
const SAME_RATE = 1e-7;

/** A track as a deck knows it: its URI and how long it really is. */
export interface Recording {
  readonly track: string;
  readonly lengthMs: number;
}

/**
 * - begin: the voice plays this track from `positionMs` on, at `rate`, faded in over `fadeMs`.
 * - end: it falls silent from `atMs` on, over `fadeMs`; instead of when it was to end before.
 * - keep: it does not end before its track does.
 * - drop: it never begins.
 * - rate: it plays at this rate from `atMs` on.
 */
export type Cue =
  | {
      readonly kind: "begin";
      readonly voice: number;
      readonly track: string;
      readonly atMs: number;
      readonly positionMs: number;
      readonly rate: number;
      readonly fadeMs: number;
    }
  | { readonly kind: "end"; readonly voice: number; readonly atMs: number; readonly fadeMs: number }
  | { readonly kind: "keep"; readonly voice: number }
  | { readonly kind: "drop"; readonly voice: number }
  | { readonly kind: "rate"; readonly voice: number; readonly atMs: number; readonly rate: number };

/** Music from `fromMs` on, until the next stretch begins; `voice` 0 is silence. */
interface Stretch extends Recording {
  readonly voice: number;
  readonly fromMs: number;
  readonly positionMs: number;
  readonly rate: number;
}

/** What was asked to begin, as it was asked. */
interface Wanted extends Recording {
  readonly positionMs: number;
  readonly atMs: number;
}

const SILENCE = { voice: 0, track: "", lengthMs: 0, positionMs: 0, rate: 1 };

/** One output's music. Give every cue that comes back to the output at once. */
export class Deck {
  readonly #framesPerMs: number;
  /** By time; the first one began before all that is asked for. */
  #score: Stretch[] = [{ ...SILENCE, fromMs: Number.NEGATIVE_INFINITY }];
  /** The newest start; while that is still to come, it is the last stretch of the score. */
  #newest: Wanted | null = null;
  #newestFromMs = Number.NEGATIVE_INFINITY;
  #voices = 0;

  constructor(frameRate: number) {
    this.#framesPerMs = frameRate / 1000;
  }

  // -- for looking -------------------------------------------------------------------------------------------

  /** Where the music is; null for silence, also behind a track's end. */
  positionMs(atMs: number): number | null {
    const stretch = this.#at(atMs);
    const positionMs = placeIn(stretch, atMs);
    return stretch.voice === 0 || positionMs >= stretch.lengthMs ? null : positionMs;
  }

  /** The track that plays then; empty for none. */
  trackAt(atMs: number): string {
    return this.#at(atMs).track;
  }

  /** How fast it plays then. */
  rateAt(atMs: number): number {
    return this.#at(atMs).rate;
  }

  // -- what is played ----------------------------------------------------------------------------------------

  /** Plays it from `positionMs` on at `atMs`, or what it would be at by then as soon as that can be. */
  start(recording: Recording, positionMs: number, atMs: number, earliestMs: number): Cue[] {
    const soonMs = this.#ceiled(earliestMs);
    const cues = this.#forgetNewest(soonMs);
    if (atMs < soonMs && this.#isThere(recording, positionMs + soonMs - atMs, soonMs)) {
      return [...cues, ...this.setRate(1, soonMs)];
    }
    return [...cues, ...this.#begin({ ...recording, positionMs, atMs }, soonMs)];
  }

  /** Plays what plays now at another rate. */
  setRate(rate: number, earliestMs: number): Cue[] {
    const soonMs = this.#ceiled(earliestMs);
    const atMs = this.#ceiled(earliestMs, QUANTUM_FRAMES);
    const stretch = this.#at(atMs);
    const isPresent = stretch.voice !== 0 && stretch.voice === this.#at(soonMs).voice;
    if (!isPresent || Math.abs(stretch.rate - rate) < SAME_RATE) {
      return [];
    }
    this.#insert({ ...stretch, fromMs: atMs, positionMs: placeIn(stretch, atMs), rate }, soonMs);
    return [{ kind: "rate", voice: stretch.voice, atMs, rate }, ...this.#replan(soonMs)];
  }

  /** Goes on at what is `positionMs` at `asOfMs`. */
  splice(positionMs: number, asOfMs: number, rate: number, earliestMs: number): Cue[] {
    const atMs = this.#ceiled(earliestMs);
    const before = this.#at(atMs);
    if (before.voice === 0) {
      return [];
    }
    const voice = this.#newVoice();
    const place = { positionMs: positionMs + (atMs - asOfMs) * rate, rate };
    this.#insert({ ...before, ...place, voice, fromMs: atMs }, atMs);
    return [
      { kind: "begin", voice, track: before.track, atMs, ...place, fadeMs: FADE_MS },
      { kind: "end", voice: before.voice, atMs, fadeMs: FADE_MS },
      ...this.#replan(atMs),
    ];
  }

  /** Falls silent. */
  stop(earliestMs: number): Cue[] {
    const atMs = this.#ceiled(earliestMs);
    const cues = this.#forgetNewest(atMs);
    const { voice } = this.#at(atMs);
    if (voice === 0) {
      return cues;
    }
    this.#insert({ ...SILENCE, fromMs: atMs }, atMs);
    return [...cues, { kind: "end", voice, atMs, fadeMs: FADE_MS }];
  }

  /** The start that is to come is due at another time by this clock than was thought. */
  moveStart(atMs: number, earliestMs: number): Cue[] {
    const soonMs = this.#ceiled(earliestMs);
    return this.#newest === null ? [] : this.#replan(soonMs, { ...this.#newest, atMs });
  }

  // -- what is to come ---------------------------------------------------------------------------------------

  #begin(wanted: Wanted, soonMs: number): Cue[] {
    const voice = this.#newVoice();
    const before = this.#at(Math.max(wanted.atMs, soonMs));
    const fromMs = this.#beginsMs(wanted, before, soonMs) ?? soonMs;
    const isLate = wanted.atMs < soonMs && fromMs === soonMs;
    const positionMs = wanted.positionMs + (isLate ? fromMs - wanted.atMs : 0);
    // A beginning is as sharp as it was recorded; in the middle of a track a sudden start would click.
    const fadeMs = positionMs === 0 ? 0 : FADE_MS;
    this.#newest = wanted;
    this.#newestFromMs = fromMs;
    this.#insert({ ...wanted, voice, fromMs, positionMs, rate: 1 }, soonMs);
    const cues: Cue[] = [
      { kind: "begin", voice, track: wanted.track, atMs: fromMs, positionMs, rate: 1, fadeMs },
    ];
    if (before.voice !== 0) {
      const isOver = fromMs >= endOf(before);
      cues.push({ kind: "end", voice: before.voice, atMs: fromMs, fadeMs: isOver ? 0 : FADE_MS });
    }
    return cues;
  }

  /** When to begin what was asked for, to the frame; null: it is too late for that. */
  #beginsMs({ positionMs, atMs }: Wanted, before: Stretch, soonMs: number): number | null {
    const endsMs = endOf(before);
    if (positionMs === 0 && endsMs >= soonMs && Math.abs(endsMs - atMs) <= SNAP_MS) {
      return this.#ceiled(endsMs);
    }
    return atMs < soonMs ? null : Math.round(atMs * this.#framesPerMs) / this.#framesPerMs;
  }

  /** What is to come is planned again, where what plays until then has changed, or it has itself. */
  #replan(soonMs: number, wanted = this.#newest): Cue[] {
    if (wanted === null || this.#newestFromMs <= soonMs) {
      return [];
    }
    return [...this.#forgetNewest(soonMs), ...this.#begin(wanted, soonMs)];
  }

  /** Of what has begun nothing is taken back. */
  #forgetNewest(soonMs: number): Cue[] {
    const isToCome = this.#newestFromMs > soonMs;
    this.#newest = null;
    this.#newestFromMs = Number.NEGATIVE_INFINITY;
    if (!isToCome) {
      return [];
    }
    const { voice: dropped } = this.#score.pop()!;
    const { voice } = this.#score.at(-1)!;
    const cues: Cue[] = [{ kind: "drop", voice: dropped }];
    return voice === 0 ? cues : [...cues, { kind: "keep", voice }];
  }

  #newVoice(): number {
    this.#voices += 1;
    return this.#voices;
  }

  /** Whether this is what plays then anyway. */
  #isThere({ track }: Recording, positionMs: number, atMs: number): boolean {
    const stretch = this.#at(atMs);
    return stretch.track === track && Math.abs(placeIn(stretch, atMs) - positionMs) <= SNAP_MS;
  }

  // -- the score ---------------------------------------------------------------------------------------------

  #at(atMs: number): Stretch {
    return this.#score[this.#indexAt(atMs)]!;
  }

  /** Instead of what plays from there on, until the start that is to come; what is long over is forgotten. */
  #insert(stretch: Stretch, soonMs: number): void {
    const first = this.#indexAt(soonMs - REMEMBERED_MS);
    const before = this.#score.slice(first, this.#indexAt(stretch.fromMs) + 1);
    const toCome = this.#score.filter(
      ({ fromMs }) => fromMs > stretch.fromMs && fromMs === this.#newestFromMs,
    );
    this.#score = [...before, stretch, ...toCome];
  }

  /** The last stretch that begins by then. */
  #indexAt(atMs: number): number {
    let index = this.#score.length - 1;
    while (index > 0 && this.#score[index]!.fromMs > atMs) {
      index -= 1;
    }
    return index;
  }

  /** The next moment that is one of the output's frames, or the first of a block of them. */
  #ceiled(atMs: number, frames = 1): number {
    const perMs = this.#framesPerMs / frames;
    // A moment that is one already may come out of the arithmetic a hair late.
    return Math.ceil(atMs * perMs - 1e-6) / perMs;
  }
}

function placeIn({ fromMs, positionMs, rate }: Stretch, atMs: number): number {
  return positionMs + (Number.isFinite(fromMs) ? (atMs - fromMs) * rate : 0);
}

/** When it is over by itself. */
function endOf({ voice, fromMs, positionMs, lengthMs, rate }: Stretch): number {
  return voice === 0 ? Number.NEGATIVE_INFINITY : fromMs + (lengthMs - positionMs) / rate;
}
