/**
 * Music from this page's output.
 *
 *     const player = new WebPlayer({ tutti });
 *     button.onclick = () => player.unlock();
 *     const performance = jam.playOn(player);
 *
 * A `Player` on Web Audio: songs are fetched and decoded whole, start on the output's own clock, follow each other
 * without a gap, and are kept in place by rates that nobody hears. What does not become samples, or too many, a media
 * element plays as well as it can. Whatever goes wrong is a `Problem` with a sentence; when the output is back, the
 * music goes on where it should be.
 *
 * Knows which of its outputs plays. What plays when is the deck's, the output the device's, what is here the shelf's.
 */

import type { Cue, Deck } from "./deck.js";
import { Device } from "./device.js";
import { bearsRates, Elements } from "./elements.js";
import { PagePlayer, type Wish } from "./page-player.js";
import type { PlayerHost } from "./player-host.js";
import type { ProblemCode } from "./problems.js";
import type { Song } from "./song.js";
import { Stage } from "./stage.js";

/** A start that is to come is planned anew if the output's clock turns out to be off by more, and there is time. */
const MOVED_MS = 1;
const SETTLED_MS = 50;
/** Who pauses for longer has paused: the output rests. */
export const REST_AFTER_MS = 10_000;
/** Of most devices, for songs that are here before an output is. */
const USUAL_RATE = 48_000;

/** What a `WebPlayer` may be told. */
export interface WebPlayerOptions {
  /** The client whose server has the songs. */
  readonly tutti: PlayerHost;
  /** 0 to 100. */
  readonly volume?: number;
  /** Where the sound goes; the context's own output, unless an app has an analyser or an equaliser before it. */
  readonly output?: (context: AudioContext) => AudioNode;
  /** Another context than the usual one. */
  readonly makeContext?: () => AudioContext;
}

/** Large buffers: what is played is known long before, and a busy page makes no gaps. */
function usualContext(): AudioContext {
  return new AudioContext({ latencyHint: "playback" });
}

/** See the module. `close` at the end. */
export class WebPlayer extends PagePlayer {
  readonly seekOnly = false;
  readonly #outputOf: (context: AudioContext) => AudioNode;
  readonly #device: Device;
  readonly #elements: Elements;
  /** On the context that runs. */
  #stage: Stage | null = null;
  #stayUp: () => void = () => undefined;

  constructor({ tutti, volume = 100, output, makeContext = usualContext }: WebPlayerOptions) {
    super(tutti, volume, () => this.#device.context?.sampleRate ?? USUAL_RATE);
    this.#outputOf = output ?? (context => context.destination);
    const nowMs = () => tutti.nowMs();
    const { after } = tutti;
    this.#device = new Device(
      { makeContext, after, nowMs },
      { deviceChanged: () => this.#deviceChanged(), deviceTicked: atMs => this.#deviceTicked(atMs) },
    );
    this.#elements = new Elements(after, nowMs, () => undefined);
    this.#elements.setVolume(this.gain);
  }

  async unlock(): Promise<boolean> {
    this.#elements.unlock();
    await this.#device.resume();
    this.#restSoon();
    return this.#device.isRunning;
  }

  override close(): void {
    super.close();
    this.#stayUp();
    this.#leaveStage();
    this.#elements.close();
    this.#device.close();
  }

  // -- as a player -------------------------------------------------------------------------------------------

  get latencyMs(): number {
    return this.#device.latencyMs;
  }

  override start(...given: Parameters<PagePlayer["start"]>): void {
    this.#stayUp();
    super.start(...given);
    // Often a browser plays without a gesture, and again when a call is over; without one where it wants one, never.
    if (!this.#device.isRunning && this.outputProblem() !== "needs_gesture") {
      void this.#device.resume();
    }
  }

  positionMs(nowMs: number): number | null {
    this.advance(nowMs);
    this.#device.read(nowMs);
    if (this.#isElements) {
      return this.#elements.positionMs;
    }
    const contextMs = this.#device.contextMs(nowMs);
    return contextMs === null ? null : (this.#stage?.deck.positionMs(contextMs) ?? null);
  }

  setRate(rate: number, nowMs: number): void {
    this.advance(nowMs);
    if (!this.#isElements) {
      this.#perform((deck, earliestMs) => deck.setRate(rate, earliestMs));
    } else if (bearsRates()) {
      this.#elements.setRate(rate);
    }
  }

  splice(positionMs: number, rate: number, nowMs: number): void {
    this.advance(nowMs);
    const contextMs = this.#device.contextMs(nowMs);
    if (this.present === null || contextMs === null) {
      return;
    }
    this.present = { ...this.present, positionMs, heardMs: nowMs + this.latencyMs };
    if (this.#isElements) {
      this.#elements.seek(positionMs);
    }
    this.#perform((deck, earliestMs) => deck.splice(positionMs, contextMs, rate, earliestMs));
  }

  override stop(nowMs: number): void {
    super.stop(nowMs);
    this.#perform((deck, earliestMs) => deck.stop(earliestMs));
    this.#elements.stop(nowMs);
    this.#restSoon();
  }

  // -- its outputs -------------------------------------------------------------------------------------------

  protected play(wish: Wish, { lengthMs, samples, url }: Song): number | null {
    const { track, positionMs } = wish;
    const atMs = this.givenMs(wish);
    const beginsMs = this.#device.contextMs(atMs);
    if (beginsMs === null) {
      return null;
    }
    // Of what an element plays the deck only knows that it takes the place of all else.
    this.#perform((deck, earliestMs) => deck.start({ track, lengthMs }, positionMs, beginsMs, earliestMs));
    if (samples === null) {
      this.#elements.start(url, positionMs, atMs);
    } else {
      this.#elements.stop(atMs);
    }
    return beginsMs;
  }

  protected setGain(gain: number): void {
    this.#stage?.setGain(gain);
    this.#elements.setVolume(gain);
  }

  protected outputProblem(): ProblemCode | null {
    const { state } = this.#device;
    return state === "running" || state === "idle" ? null : state;
  }

  get #isElements(): boolean {
    const song = this.present === null ? null : this.shelf.get(this.present.track);
    return song !== null && song.samples === null;
  }

  /** Unless something is to be played before. */
  #restSoon(): void {
    this.#stayUp();
    this.#stayUp = this.host.after(REST_AFTER_MS, () => {
      if (this.present === null) {
        this.#device.rest();
      }
    });
  }

  #perform(change: (deck: Deck, earliestMs: number) => readonly Cue[]): void {
    if (this.#device.isRunning) {
      this.#stage?.perform(change);
    }
  }

  #deviceChanged(): void {
    // What was given to an output that stands still would go on where it stood; a dead one plays nothing more.
    this.#leaveStage();
    this.#enterStage();
    this.changed();
  }

  /** The output's clock is known, or known better: what is to begin begins when it should. */
  #deviceTicked(nowMs: number): void {
    this.grant(nowMs);
    const wish = this.next ?? this.present;
    if (wish === null || wish.given === null || this.givenMs(wish) < nowMs + SETTLED_MS) {
      return;
    }
    const beginsMs = this.#device.contextMs(this.givenMs(wish));
    if (beginsMs !== null && Math.abs(beginsMs - wish.given) > MOVED_MS) {
      wish.given = beginsMs;
      this.#perform((deck, earliestMs) => deck.moveStart(beginsMs, earliestMs));
    }
  }

  #enterStage(): void {
    const { context, isRunning } = this.#device;
    if (context !== null && isRunning) {
      const samplesOf = (track: string) => this.shelf.get(track)?.samples ?? null;
      this.#stage = new Stage(context, this.#outputOf(context), this.gain, samplesOf);
    }
  }

  #leaveStage(): void {
    this.#stage?.leave();
    this.#stage = null;
    this.#elements.stop(Number.NEGATIVE_INFINITY);
    this.forgetGiven();
  }
}
