/**
 * How smoothly one song follows another.
 *
 * Tempo, key and energy of two songs give one number, their roughness: 0 if nobody hears the change, up to
 * `ROUGHNESS_MAX`. Integers and fixed tables only, so that every node and every client chooses alike. What is not
 * known about a song speaks neither for it nor against it. Knows songs in pairs. Does not know queues or votes, nor
 * how a whole list is put in order: that is `smooth-order`.
 */

import { type Features, KEYS, TEMPO_MAX, TEMPO_MIN } from "./features.js";
import { placeIn } from "./keys.js";

// What the parts, each out of 100, count: a clash of tempos or keys is heard by everybody.
const TEMPO_WEIGHT = 4;
const KEY_WEIGHT = 4;
const ENERGY_WEIGHT = 2;
export const ROUGHNESS_MAX = 100 * (TEMPO_WEIGHT + KEY_WEIGHT + ENERGY_WEIGHT);
/** For what is not known: worse than what fits, better than what does not. */
const NEUTRAL = 50;

// Tempos are compared by ratio, in steps of 0.1 %. Up to 6 % a deck's pitch fader brings them together unnoticed;
// what is beyond by 16 % more is as bad as anything.
const STEP = 1_000;
const NEAR_STEPS = 59;
const FAR_STEPS = 219;
// By how many hours keys are apart, for the same letter and for the other one. Same, ±1 and relative are smooth; a
// diagonal step or two hours can be heard; a semitone (five hours) and a tritone (six) clash.
const SAME_LETTER = [0, 10, 45, 75, 80, 90, 100];
const OTHER_LETTER = [10, 40, 65, 75, 85, 95, 100];

/** Where a song stands in the tables; -1 for what is not known. */
export interface Spot {
  readonly tempo: number;
  readonly key: number;
  readonly energy: number;
}

export function spotOf({ tempo, key, energy }: Features): Spot {
  return {
    tempo: tempo === null ? -1 : placeIn(TEMPOS, bound => bound <= tempo * STEP ** 2) - 1,
    key: key === null ? -1 : KEYS.indexOf(key),
    energy: energy ?? -1,
  };
}

/** The index of the candidate that follows most smoothly; the first of equals. */
export function smoothest(playing: Features, candidates: readonly Features[]): number {
  const from = spotOf(playing);
  const costs = candidates.map(candidate => roughness(from, spotOf(candidate)));
  return costs.indexOf(Math.min(...costs));
}

/** From 0 (smooth) to `ROUGHNESS_MAX`; the same in both directions. */
export function roughness(one: Spot, other: Spot): number {
  return (
    tempoCost(one.tempo, other.tempo) + keyCost(one.key, other.key) + energyCost(one.energy, other.energy)
  );
}

// -- the tables

/** The lower bound of each step of tempo, in bpm × 100 × STEP². */
const TEMPOS: readonly number[] = tempos();
const OCTAVE = placeIn(TEMPOS, bound => bound <= 2 * TEMPOS[0]!) - 1;
/** By how many steps tempos are apart. */
const TEMPO_COSTS: readonly number[] = TEMPOS.map((_, steps) => TEMPO_WEIGHT * costOfSteps(steps));
const KEY_COSTS: readonly (readonly number[])[] = KEYS.map(one =>
  KEYS.map(other => {
    const apart = Math.abs(Number.parseInt(one, 10) - Number.parseInt(other, 10));
    const costs = one.at(-1) === other.at(-1) ? SAME_LETTER : OTHER_LETTER;
    return KEY_WEIGHT * costs[Math.min(apart, 12 - apart)]!;
  }),
);

function tempos(): number[] {
  const bounds: number[] = [];
  for (let bound = TEMPO_MIN * STEP ** 2; bound <= TEMPO_MAX * STEP ** 2; bound += Math.floor(bound / STEP)) {
    bounds.push(bound);
  }
  return bounds;
}

/** Of tempos that are so many steps apart, one of which may be counted half or double. */
function costOfSteps(steps: number): number {
  const apart = Math.min(steps, Math.abs(steps - OCTAVE));
  return apart <= NEAR_STEPS
    ? Math.floor((apart * 30) / NEAR_STEPS)
    : Math.min(100, 60 + Math.floor((40 * (apart - NEAR_STEPS)) / (FAR_STEPS - NEAR_STEPS)));
}

function tempoCost(one: number, other: number): number {
  return one < 0 || other < 0 ? NEUTRAL * TEMPO_WEIGHT : TEMPO_COSTS[Math.abs(one - other)]!;
}

function keyCost(one: number, other: number): number {
  return KEY_COSTS[one]?.[other] ?? NEUTRAL * KEY_WEIGHT;
}

function energyCost(one: number, other: number): number {
  const isUnknown = one < 0 || other < 0;
  return ENERGY_WEIGHT * (isUnknown ? NEUTRAL : Math.min(100, 2 * Math.abs(one - other)));
}
