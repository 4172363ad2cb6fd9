/**
 * Text as the server counts and trims it.
 *
 * In code points, not in UTF-16 units; and of spaces and signs Unicode's classes, which a regular expression names
 * a little otherwise than Python does.
 */

/** Python's `isspace`: JavaScript's `\s` has U+FEFF instead of the four separators and U+0085. */
export const SPACES = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const AROUND = new RegExp(`^[${SPACES}]+|[${SPACES}]+$`, "g");
const UNPRINTABLE = /[^\P{C} ]|[^\P{Z} ]/u;

export function codePoints(text: string): number {
  return [...text].length;
}

/** Without the spaces around it. */
export function stripped(text: string): string {
  return text.replace(AROUND, "");
}

/** Whether every sign of it shows, or is a plain space. */
export function isPrintable(text: string): boolean {
  return !UNPRINTABLE.test(text);
}
