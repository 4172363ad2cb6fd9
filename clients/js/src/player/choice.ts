/**
 * How a file is played here: as samples, by a media element, or not at all.
 *
 * Samples are exact: they start to the sample, follow each other without a seam, and bear a rate. They have to be held
 * in memory, though, ten times as large as the file. A media element plays whatever the browser knows and holds
 * nothing, but it begins and seeks give or take some ms. Pure: what is known of file and browser is handed in.
 */

import type { ProblemCode } from "./problems.js";

/** 11 minutes of stereo at 48 kHz: a phone's browser ends pages that hold much more. */
export const SAMPLES_BYTES_MAX = 256 * 1024 * 1024;
/** By how much samples are larger than a file of which nobody says how long it is. */
const GROWTH = 12;
const CHANNELS = 2;
const BYTES_PER_SAMPLE = 4;

/** What is known of a file and of this browser. */
export interface Facts {
  readonly bytes: number;
  /** As a media element says; null if that cannot play it. */
  readonly lengthMs: number | null;
  /** Whether the browser says that it knows this kind of file; true also where the kind is not known. */
  readonly isKnown: boolean;
  /** Of the output; null: samples are not wanted, or were not to be had. */
  readonly sampleRate: number | null;
}

/** Asked without a `sampleRate`, the answer is never `decode`. */
export function wayToPlay(facts: Facts & { readonly sampleRate: null }): "element" | ProblemCode;
export function wayToPlay(facts: Facts): "decode" | "element" | ProblemCode;
export function wayToPlay({
  bytes,
  lengthMs,
  isKnown,
  sampleRate,
}: Facts): "decode" | "element" | ProblemCode {
  if (sampleRate !== null && samplesBytes(bytes, lengthMs, sampleRate) <= SAMPLES_BYTES_MAX) {
    return "decode";
  }
  if (lengthMs !== null) {
    return "element";
  }
  if (bytes * GROWTH > SAMPLES_BYTES_MAX) {
    return "too_large";
  }
  return isKnown ? "not_decodable" : "codec_missing";
}

function samplesBytes(bytes: number, lengthMs: number | null, sampleRate: number): number {
  return lengthMs === null ? bytes * GROWTH : (lengthMs / 1000) * sampleRate * CHANNELS * BYTES_PER_SAMPLE;
}

/** - samples: Web Audio, with elements for what does not become samples. - element: elements alone. */
export type OutputKind = "samples" | "element";

/** What is known of a browser before any file. `asked` is the app's wish. */
export interface Abilities {
  readonly hasWebAudio: boolean;
  readonly asked?: OutputKind | undefined;
}

/** Which output a page should have. */
export function outputFor({ hasWebAudio, asked = "samples" }: Abilities): OutputKind {
  return hasWebAudio ? asked : "element";
}
