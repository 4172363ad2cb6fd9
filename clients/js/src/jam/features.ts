/**
 * How a song sounds, as far as it is known.
 *
 * Keys are those of the Camelot wheel, a clock face on which neighbours share all notes but one: `8A` is A minor,
 * `8B` its relative, C major, `9A` E minor. Apart from `smooth` because every playlist checks such fields, and few
 * sort by them.
 */

import { type Entry as Members, memberOf } from "../ot/value.js";

/** In bpm × 100. Nothing slower or faster is a beat. */
export const TEMPO_MIN = 1_000;
export const TEMPO_MAX = 100_000;
export const ENERGY_MAX = 100;
/** In the order of a walk around the wheel in which each step is a smooth one. */
export const KEYS: readonly string[] = Array.from({ length: 24 }, (_, place) => {
  const hour = (place >> 1) + 1;
  return `${hour}${"AB"[(place + hour + 1) % 2]}`;
});

/** What is known about a song: `tempo` in bpm × 100, `key` such as `8A`, `energy` from 0 to 100. */
export interface Features {
  readonly tempo: number | null;
  readonly key: string | null;
  readonly energy: number | null;
}

export function isTempo(value: unknown): value is number {
  return isWithin(value, TEMPO_MIN, TEMPO_MAX);
}

export function isKey(value: unknown): value is string {
  return KEYS.includes(value as string);
}

export function isEnergy(value: unknown): value is number {
  return isWithin(value, 0, ENERGY_MAX);
}

/**
 * What a flat map, such as a playlist's entry, says in its members `tempo`, `key` and `energy`. A value that cannot
 * be one counts as not known.
 */
export function featuresOf(entry: Members): Features {
  const tempo = memberOf(entry, "tempo");
  const key = memberOf(entry, "key");
  const energy = memberOf(entry, "energy");
  return {
    tempo: isTempo(tempo) ? tempo : null,
    key: isKey(key) ? key : null,
    energy: isEnergy(energy) ? energy : null,
  };
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
