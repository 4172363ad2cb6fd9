/**
 * A deck's cues, on Web Audio.
 *
 * Each voice is a source and two gains, one that rises at its beginning and one that falls at its end, so that an end
 * may be planned anew while the beginning still rises. Knows nodes. What plays when is the deck's.
 */

import { type Cue, QUANTUM_FRAMES } from "./deck.js";

/** Of equal power: two recordings that differ are together as loud as each was. */
const POINTS = 65;
const RISE = Float32Array.from({ length: POINTS }, (_, at) => Math.sin((at / (POINTS - 1)) * (Math.PI / 2)));
const FALL = RISE.slice().reverse();

interface Voice {
  readonly source: AudioBufferSourceNode;
  readonly rise: GainNode;
  readonly fall: GainNode;
}

/** The voices of one context, into `output`. `samplesOf` gives what is here of a track. */
export class Voices {
  readonly #context: BaseAudioContext;
  readonly #output: AudioNode;
  readonly #samplesOf: (track: string) => AudioBuffer | null;
  readonly #voices = new Map<number, Voice>();

  constructor(
    context: BaseAudioContext,
    output: AudioNode,
    samplesOf: (track: string) => AudioBuffer | null,
  ) {
    this.#context = context;
    this.#output = output;
    this.#samplesOf = samplesOf;
  }

  perform(cues: readonly Cue[]): void {
    for (const cue of cues) {
      if (cue.kind === "begin") {
        this.#begin(cue);
      } else {
        const voice = this.#voices.get(cue.voice);
        if (voice !== undefined) {
          this.#change(voice, cue);
        }
      }
    }
  }

  /** All of them, at once. */
  drop(): void {
    for (const voice of [...this.#voices.keys()]) {
      this.#drop(voice);
    }
  }

  #begin(cue: Extract<Cue, { kind: "begin" }>): void {
    const samples = this.#samplesOf(cue.track);
    if (samples === null) {
      return;
    }
    const source = this.#context.createBufferSource();
    const rise = this.#context.createGain();
    const fall = this.#context.createGain();
    source.buffer = samples;
    source.playbackRate.value = cue.rate;
    source.connect(rise).connect(fall).connect(this.#output);
    source.onended = () => this.#drop(cue.voice);
    if (cue.fadeMs > 0) {
      rise.gain.setValueCurveAtTime(RISE, cue.atMs / 1000, cue.fadeMs / 1000);
    }
    source.start(cue.atMs / 1000, cue.positionMs / 1000);
    this.#voices.set(cue.voice, { source, rise, fall });
  }

  #change({ source, fall }: Voice, cue: Exclude<Cue, { kind: "begin" }>): void {
    switch (cue.kind) {
      case "end":
        fall.gain.cancelScheduledValues(0);
        if (cue.fadeMs > 0) {
          fall.gain.setValueCurveAtTime(FALL, cue.atMs / 1000, cue.fadeMs / 1000);
        }
        source.stop((cue.atMs + cue.fadeMs) / 1000);
        break;
      case "keep":
        fall.gain.cancelScheduledValues(0);
        source.stop(NEVER_S);
        break;
      case "drop":
        this.#drop(cue.voice);
        break;
      case "rate":
        // Half a block early, so that no rounding makes it the block after.
        source.playbackRate.setValueAtTime(
          cue.rate,
          cue.atMs / 1000 - QUANTUM_FRAMES / 2 / this.#context.sampleRate,
        );
    }
  }

  #drop(number: number): void {
    const voice = this.#voices.get(number);
    if (voice !== undefined) {
      this.#voices.delete(number);
      voice.source.onended = null;
      voice.source.stop();
      for (const node of [voice.source, voice.rise, voice.fall]) {
        node.disconnect();
      }
    }
  }
}

/** Later than any context lives: a source that was to be stopped plays on to its end. */
const NEVER_S = 1e6;
