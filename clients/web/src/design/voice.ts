/**
 * By what people are told apart.
 *
 * Eight hues of one weight, dealt out by user id, so that somebody has the same colour on every screen. Knows
 * nothing but ids.
 */

import type { CSSProperties } from "react";

/** Degrees, as far apart from each other, and from the colours that mean something, as eight can be. */
const HUES = [265, 320, 355, 75, 110, 140, 220, 295] as const;

/** Of a user, in degrees. */
export function hueOf(userId: string): number {
  let drawn = 7;
  for (const symbol of userId) {
    drawn = (Math.imul(drawn, 31) + symbol.charCodeAt(0)) >>> 0;
  }
  return HUES[drawn % HUES.length] ?? HUES[0];
}

/** What an element takes to be drawn in somebody's colour: `--voice-hue`. */
export function voiceOf(userId: string): CSSProperties {
  return { "--voice-hue": hueOf(userId) } as CSSProperties;
}

/** At most two letters of a name, for a small round: the first of the first word and of the last. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return ends.map(word => firstOf(word ?? "")).join("") || "?";
}

/** The first symbol as people count them: a letter with its accents, an emoji. */
function firstOf(word: string): string {
  const [first] = new Intl.Segmenter().segment(word);
  return (first?.segment ?? "").toLocaleUpperCase();
}
