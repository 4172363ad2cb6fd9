/**
 * Music from media elements, for browsers without Web Audio and for apps that want it so.
 *
 * A `Player` that can only be sought, as the rules for Safari's elements are: songs begin when a timer says so, give
 * or take some ms, and a rate would be heard. Prefer `WebPlayer` where there is a choice.
 */

import { Elements } from "./elements.js";
import { PagePlayer, type Wish } from "./page-player.js";
import type { PlayerHost } from "./player-host.js";
import type { ProblemCode } from "./problems.js";
import type { Song } from "./song.js";

/** What a `MediaElementPlayer` may be told. */
export interface MediaElementPlayerOptions {
  /** The client whose server has the songs. */
  readonly tutti: PlayerHost;
  /** 0 to 100; some phones leave it to their buttons. */
  readonly volume?: number;
}

/** See the module. `close` at the end. */
export class MediaElementPlayer extends PagePlayer {
  readonly seekOnly = true;
  /** Elements do not say. What the listener hears of it, they put right by ear. */
  readonly latencyMs = 0;
  readonly #elements: Elements;
  #isRefused = false;

  constructor({ tutti, volume = 100 }: MediaElementPlayerOptions) {
    super(tutti, volume, () => null);
    this.#elements = new Elements(
      tutti.after,
      () => tutti.nowMs(),
      () => this.#refused(true),
    );
    this.#elements.setVolume(this.gain);
  }

  async unlock(): Promise<boolean> {
    this.#elements.unlock();
    this.#refused(false);
    this.forgetGiven();
    this.grant(this.host.nowMs());
    return true;
  }

  override close(): void {
    super.close();
    this.#elements.close();
  }

  positionMs(): number | null {
    return this.#elements.positionMs;
  }

  setRate(): void {
    // Never called: see `seekOnly`.
  }

  splice(positionMs: number, _rate: number, nowMs: number): void {
    if (this.present !== null) {
      this.present = { ...this.present, positionMs, heardMs: nowMs };
      this.#elements.seek(positionMs);
    }
  }

  override stop(nowMs: number): void {
    super.stop(nowMs);
    this.#elements.stop(nowMs);
  }

  protected play({ positionMs, heardMs }: Wish, { url }: Song): number {
    this.#elements.start(url, positionMs, heardMs);
    return heardMs;
  }

  protected setGain(gain: number): void {
    this.#elements.setVolume(gain);
  }

  protected outputProblem(): ProblemCode | null {
    return this.#isRefused ? "needs_gesture" : null;
  }

  #refused(isRefused: boolean): void {
    this.#isRefused = isRefused;
    this.changed();
  }
}
