/**
 * What time it is here.
 *
 * Everything in a client that asks for the time asks one value, so that a program (or a test) can run a client by a
 * clock of its own: an hour off, or a little too fast. Durations that timers wait for are the device's.
 */

/**
 * `monotonicMs` never steps back, never shows less than 0, and is as fine as there is: the room's time is measured
 * against it. `wallMs` is the device's own idea of the time since 1970; it may be wrong and jump.
 */
export interface Clock {
  /** Ms since any moment in the past. */
  monotonicMs(): number;

  /** Ms since 1970. */
  wallMs(): number;
}

export const DEVICE: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};

/** `monotonicMs` in whole ms, for all that is not measured. */
export function nowMs(clock: Clock): number {
  return Math.trunc(clock.monotonicMs());
}
