/**
 * Waiting for a moment, or for something to happen, whichever comes first.
 *
 * Timers of browsers and Node count in 31 bits and fire at once beyond; here a wait that is too long ends early, and
 * who waits looks again, as they do after every wait. Whoever no longer wants to wait says so by `over`.
 */

import { Signal } from "./signal.js";

const TIMER_MS_MAX = 2 ** 31 - 1;

/** Calls `then` once, after so many ms, unless what comes back is called before. */
export type After = (ms: number, then: () => void) => () => void;

/** The platform's own timers. Those of a page that nobody sees are held back, up to a minute. */
export const deviceTimer: After = (ms, then) => {
  const timer = setTimeout(then, Math.min(Math.max(0, ms), TIMER_MS_MAX));
  return () => clearTimeout(timer);
};

/** Resolves at the next `notify`, at the latest after so many ms (null: never by time), or when it is over. */
export function notified(
  signal: Signal,
  ms: number | null,
  over?: AbortSignal,
  after = deviceTimer,
): Promise<void> {
  return new Promise(resolve => {
    if (over?.aborted) {
      resolve();
      return;
    }
    const end = () => {
      forget();
      unwind();
      over?.removeEventListener("abort", end);
      resolve();
    };
    const forget = signal.once(end);
    const unwind = ms === null ? () => undefined : after(ms, end);
    over?.addEventListener("abort", end);
  });
}

/** Resolves after so many ms, or when it is over. */
export function paused(ms: number, over?: AbortSignal): Promise<void> {
  return notified(new Signal(), ms, over);
}
