/** A small generator of numbers that look random: the same ones in every run (Numerical Recipes' constants). */
export function draws(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
