/** The code of a Jam while somebody types it. Pure. */

import { normaliseCode, shownCode } from "@tutti/client";

/** Eight symbols, and the hyphen that people type between them. */
export const CODE_LENGTH_MAX = 12;

/** As codes are shown, as soon as it is one. */
export function tidied(typed: string): string {
  const code = normaliseCode(typed);
  return code === null ? typed.toLocaleUpperCase("en") : shownCode(code);
}
