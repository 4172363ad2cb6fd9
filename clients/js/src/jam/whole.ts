/**
 * Whole numbers, divided exactly.
 *
 * A day in ms times a million ppm fits a double; a room time does not. Here the quotient is right all the same.
 */

/** ⌊a · b / divisor⌋ of numbers that are not negative. */
export function quotient(a: number, b: number, divisor: number, more = 0): number {
  const product = a * b + more;
  return Number.isSafeInteger(product)
    ? Math.floor(product / divisor)
    : Number((BigInt(a) * BigInt(b) + BigInt(more)) / BigInt(divisor));
}

/** ⌈a · b / divisor⌉ of numbers that are not negative. */
export function quotientUp(a: number, b: number, divisor: number): number {
  return quotient(a, b, divisor, divisor - 1);
}
