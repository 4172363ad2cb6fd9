/**
 * A deck on the output that runs.
 *
 * Carries the deck's cues out, and notices when that came too late. Gone with the context it plays on. Knows which
 * moment can still be changed. What is to play is the player's.
 */

import { type Cue, Deck } from "./deck.js";
import { Voices } from "./voices.js";

/** A volume that jumps would click: it is as good as there after three times this. */
const VOLUME_WITHIN_S = 0.015;
/** So much of what is to be played is beyond change, besides the buffer that the device asks for at once. */
const LEAD_MS = 20;

/** On one context, into `output`. `samplesOf` gives what is here of a track. */
export class Stage {
  readonly context: AudioContext;
  readonly deck: Deck;
  readonly #gain: GainNode;
  readonly #voices: Voices;

  constructor(
    context: AudioContext,
    output: AudioNode,
    gain: number,
    samplesOf: (track: string) => AudioBuffer | null,
  ) {
    this.context = context;
    this.deck = new Deck(context.sampleRate);
    this.#gain = context.createGain();
    this.#gain.gain.value = gain;
    this.#gain.connect(output);
    this.#voices = new Voices(context, this.#gain, samplesOf);
  }

  setGain(gain: number): void {
    this.#gain.gain.setTargetAtTime(gain, this.context.currentTime, VOLUME_WITHIN_S);
  }

  /** `change` asks the deck, which is told the first moment that can still be changed. */
  perform(change: (deck: Deck, earliestMs: number) => readonly Cue[]): void {
    const cues = change(this.deck, this.#earliestMs());
    this.#voices.perform(cues);
    // If the page was held up just now, a voice began late, and the deck would never know.
    const isLate = cues.some(cue => cue.kind === "begin" && cue.atMs < this.context.currentTime * 1000);
    const earliestMs = this.#earliestMs();
    const positionMs = isLate ? this.deck.positionMs(earliestMs) : null;
    if (positionMs !== null) {
      const rate = this.deck.rateAt(earliestMs);
      this.#voices.perform(this.deck.splice(positionMs, earliestMs, rate, earliestMs));
    }
  }

  /** Silence at once, for good. */
  leave(): void {
    this.#voices.drop();
    this.#gain.disconnect();
  }

  #earliestMs(): number {
    return (this.context.currentTime + (this.context.baseLatency || 0)) * 1000 + LEAD_MS;
  }
}
