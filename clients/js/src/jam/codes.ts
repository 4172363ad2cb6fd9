/**
 * The code that people type to come in.
 *
 * Eight symbols, said over a table and typed on a phone: no vowels, so that no code is a word, and nothing that
 * looks like something else (0 and O, 1 and I). Knows how a code is shown and read. The server makes them.
 */

import { SPACES } from "./text.js";

export const ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ";
export const LENGTH = 8;

const CODE = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`, "i");
/** Spaces, dashes and what else people put between symbols, and the invisible that comes along with a copy. */
const SEPARATORS = new RegExp(`[${SPACES}._:,;/|+·•−\\p{Pd}\\p{Cf}]`, "gu");
/** More than anybody types around eight symbols; what is longer need not be looked at. */
const TYPED_MAX = 64;

/**
 * The code that somebody typed: in capitals, without what stands between its symbols. Null if it is no code.
 * Letters of full width, as Japanese keyboards write them, are read as their plain forms.
 */
export function normalise(text: string): string | null {
  if ([...text].length > TYPED_MAX) {
    return null;
  }
  const symbols = text.normalize("NFKC").replace(SEPARATORS, "");
  return CODE.test(symbols) ? symbols.toUpperCase() : null;
}

/** `K7QX-2MBD`: two halves are easier to read aloud than eight symbols. */
export function shown(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}
