/**
 * Identifiers.
 *
 * Users, clients, playlists and Jams are named by 128 random bits, written as 22 base62 characters: they can be
 * made anywhere without asking, and nobody can guess one. Knows how an id looks and how 16 bytes become one.
 * Does not draw the bytes: randomness is an argument.
 */

export const ID_BYTES = 16;
export const ID_LENGTH = 22;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SHAPE = /^[0-9A-Za-z]{22}$/;

/** 22 base62 characters, most significant first, for 16 random bytes. */
export function encodeId(randomBytes: Uint8Array): string {
  const digits = Array.from(randomBytes.subarray(0, ID_BYTES));
  let id = "";
  for (let symbol = 0; symbol < ID_LENGTH; symbol += 1) {
    // Long division of the number by 62, in place; what is left over is the next symbol from the right.
    let rest = 0;
    for (let at = 0; at < ID_BYTES; at += 1) {
      const value = rest * 256 + digits[at]!;
      digits[at] = Math.floor(value / 62);
      rest = value % 62;
    }
    id = ALPHABET[rest] + id;
  }
  return id;
}

/** Whether `text` has the shape of an id. Says nothing about whether it names something. */
export function isId(text: string): boolean {
  return SHAPE.test(text);
}
