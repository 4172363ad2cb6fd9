/**
 * Media elements as an output: one plays, the other has the next song.
 *
 * They begin when a timer says so, give or take some ms, and where they are can only be sought. Knows elements. Does
 * not know what is played, or whether it is in time.
 */

import type { After } from "../waits.js";

/** So near it is left where it is: a seek would be heard. */
const NEAR_MS = 40;

/** Whether an element's rate can be changed without being heard: Safari's stutter. */
export function bearsRates(): boolean {
  return !/apple/i.test(navigator.vendor);
}

/** `refused` is called if the browser wants a gesture first. */
export class Elements {
  readonly #after: After;
  readonly #nowMs: () => number;
  readonly #refused: () => void;
  #elements: readonly HTMLAudioElement[] = [];
  #playing: HTMLAudioElement | null = null;
  #unwind: () => void = () => undefined;
  #volume = 1;

  constructor(after: After, nowMs: () => number, refused: () => void) {
    this.#after = after;
    this.#nowMs = nowMs;
    this.#refused = refused;
  }

  /** Plays the file at `url`, as `Player.start`. */
  start(url: string, positionMs: number, atMs: number): void {
    const isThere = this.#playing?.src === url && this.positionMs !== null;
    if (isThere && Math.abs(this.positionMs! - (positionMs + this.#nowMs() - atMs)) < NEAR_MS) {
      this.#unwind();
      return;
    }
    const next = this.#made().find(element => element !== this.#playing)!;
    next.src = url;
    this.#at(atMs, () => {
      this.#silence();
      next.currentTime = (positionMs + Math.max(0, this.#nowMs() - atMs)) / 1000;
      next.playbackRate = 1;
      this.#playing = next;
      this.#play(next);
    });
  }

  /** Null while nothing is heard. */
  get positionMs(): number | null {
    const element = this.#playing;
    const plays = element !== null && !element.paused && !element.ended && !element.seeking;
    return plays && element.readyState > element.HAVE_CURRENT_DATA ? element.currentTime * 1000 : null;
  }

  setRate(rate: number): void {
    if (this.#playing !== null) {
      this.#playing.preservesPitch = false;
      this.#playing.playbackRate = rate;
    }
  }

  seek(positionMs: number): void {
    if (this.#playing !== null) {
      this.#playing.currentTime = positionMs / 1000;
    }
  }

  /** 0 to 1. */
  setVolume(volume: number): void {
    this.#volume = volume;
    for (const element of this.#elements) {
      element.volume = volume;
    }
  }

  /** Falls silent then. */
  stop(atMs: number): void {
    this.#at(atMs, () => this.#silence());
  }

  /** Within a gesture: from now on they may play also without one. */
  unlock(): void {
    for (const element of this.#made()) {
      if (element === this.#playing) {
        this.#play(element);
      } else {
        element.play().catch(() => undefined);
        element.pause();
      }
    }
  }

  /** Gives back what they hold. */
  close(): void {
    this.stop(Number.NEGATIVE_INFINITY);
    for (const element of this.#elements) {
      element.removeAttribute("src");
    }
  }

  #at(atMs: number, then: () => void): void {
    this.#unwind();
    this.#unwind = () => undefined;
    const waitMs = atMs - this.#nowMs();
    if (waitMs <= 0) {
      then();
    } else {
      this.#unwind = this.#after(waitMs, then);
    }
  }

  #play(element: HTMLAudioElement): void {
    element.play().catch((error: Error) => {
      // A start that took its place interrupts it, too; that is no refusal.
      if (error.name === "NotAllowedError") {
        this.#refused();
      }
    });
  }

  #silence(): void {
    this.#playing?.pause();
    this.#playing = null;
  }

  #made(): readonly HTMLAudioElement[] {
    if (this.#elements.length === 0) {
      this.#elements = [new Audio(), new Audio()];
      this.setVolume(this.#volume);
    }
    return this.#elements;
  }
}
