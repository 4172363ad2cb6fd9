// The room's time by a single sample: the newest exchange is believed, whatever it took. In place of the SDK's
// `jam/clock`, and of the same shape; as `LastSample` of benchmarks/jam_model.

const EVERY_MS = 5_000;

export class ClockFilter {
  restarts = 0;
  boundMs = 0;
  rttMs = 0;
  #dueMs;
  #offsetMs = null;

  constructor(nowMs) {
    this.#dueMs = nowMs;
  }

  getTimer() {
    return this.#dueMs;
  }

  handleTimer(nowMs) {
    if (nowMs < this.#dueMs) {
      return false;
    }
    this.#dueMs = nowMs + EVERY_MS;
    return true;
  }

  reconnected(nowMs) {
    this.#dueMs = nowMs;
  }

  setHidden() {}

  receive({ t0, t1, t2, t3 }) {
    this.#offsetMs = (t1 - t0 + (t2 - t3)) / 2000;
    this.rttMs = (t3 - t0 - (t2 - t1)) / 1000;
    this.boundMs = this.rttMs / 2;
  }

  get isSet() {
    return this.#offsetMs !== null;
  }

  roomMs(nowMs) {
    return nowMs + this.offsetMs();
  }

  offsetMs() {
    return this.#offsetMs;
  }

  sdMs() {
    return 0;
  }
}
