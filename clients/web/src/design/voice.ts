/**
 * By what people are told apart.
 *
 * Eight hues of one weight, dealt out by user id, so that somebody has the same colour on nearly every screen; of two
 * who are here together and would have the same one, who came later has another. Knows nothing but ids.
 */

import type { CSSProperties } from "react";

/** Degrees, as far apart from each other, and from the colours that mean something, as eight can be. */
const HUES = [265, 320, 355, 75, 110, 140, 220, 295] as const;

/** So many of those who have gone are remembered: who comes back looks as before. */
const GONE_MAX = 64;

/** Of a user as such, in degrees. */
export function hueOf(userId: string): number {
  let drawn = 7;
  for (const symbol of userId) {
    drawn = (Math.imul(drawn, 31) + symbol.charCodeAt(0)) >>> 0;
  }
  return HUES[drawn % HUES.length] ?? HUES[0];
}

/**
 * Hues for those who are here, by user id: each another one, as far as there are as many. Whoever was dealt one
 * `before` keeps it; what is left goes to the others in their order. Who has gone is in it, too.
 */
export function deal(
  present: readonly string[],
  before: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, number> {
  const dealt = new Map<string, number>();
  const taken = new Set<number>();
  for (const user of present) {
    const hue = before.get(user);
    if (hue !== undefined && !taken.has(hue)) {
      dealt.set(user, hue);
      taken.add(hue);
    }
  }
  for (const user of present) {
    if (!dealt.has(user)) {
      const own = hueOf(user);
      const hue = from(own).find(each => !taken.has(each)) ?? own;
      dealt.set(user, hue);
      taken.add(hue);
    }
  }
  const gone = [...before].filter(([user]) => !dealt.has(user)).slice(-GONE_MAX);
  return new Map([...gone, ...dealt]);
}

/** All hues, from this one on. */
function from(hue: number): readonly number[] {
  const at = (HUES as readonly number[]).indexOf(hue);
  return [...HUES.slice(at), ...HUES.slice(0, at)];
}

/** What an element takes to be drawn in the colour of an id: `--voice-hue`. */
export function voiceOf(id: string, hue = hueOf(id)): CSSProperties {
  return { "--voice-hue": hue } as CSSProperties;
}

/** Made once: making one takes longer than drawing a row. */
const SYMBOLS = new Intl.Segmenter();

/** At most two letters of a name, for a small round: the first of the first word and of the last. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return ends.map(word => firstOf(word ?? "")).join("") || "?";
}

/** The first symbol as people count them: a letter with its accents, an emoji. */
function firstOf(word: string): string {
  const [first] = SYMBOLS.segment(word);
  return (first?.segment ?? "").toLocaleUpperCase();
}
