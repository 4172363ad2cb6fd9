// The playback rule that is in use elsewhere: seek when the error is above 50 ms, else let it stand. In place of the
// SDK's `jam/drift`, and of the same shape; as `SeekAbove` of benchmarks/jam_model.

import { median } from "/sdk/jam/median.js";

export const INTERVAL_MS = 250;
export const START_INTERVAL_MS = INTERVAL_MS;
const SEEK_ABOVE_MS = 50;
const WINDOW = 5;
const WEIGHT = 0.35;

export class PlaybackController {
  latencyMs = 0;
  nudgeMs = 0;
  base = 0;
  #recent = [];
  #smoothedMs = null;

  started() {
    this.reset();
  }

  isStarting() {
    return false;
  }

  reset() {
    this.#recent = [];
    this.#smoothedMs = null;
  }

  get errorMs() {
    return this.#smoothedMs ?? 0;
  }

  get isLocked() {
    return Math.abs(this.errorMs) <= SEEK_ABOVE_MS;
  }

  decide(_nowMs, wantedMs, positionMs) {
    const placeMs = wantedMs + this.latencyMs + this.nudgeMs;
    this.#recent = [...this.#recent, placeMs - positionMs].slice(-WINDOW);
    const middleMs = median(this.#recent);
    const beforeMs = this.#smoothedMs ?? middleMs;
    this.#smoothedMs = beforeMs + WEIGHT * (middleMs - beforeMs);
    if (Math.abs(this.#smoothedMs) <= SEEK_ABOVE_MS) {
      return { kind: "keep", rate: 1 };
    }
    this.reset();
    return { kind: "splice", positionMs: placeMs, rate: 1 };
  }
}
