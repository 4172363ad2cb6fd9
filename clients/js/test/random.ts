/** Random numbers from a seed, so that what failed once fails again. */

/** At least 0 and below 1, each time another (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An integer from 0, below `count`. */
export function below(count: number, random: () => number): number {
  return Math.floor(random() * count);
}

export function pick<T>(items: readonly T[], random: () => number): T {
  return items[below(items.length, random)]!;
}
