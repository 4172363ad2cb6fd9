/**
 * Music from this page's output.
 *
 *     const player = new WebPlayer({ tutti });
 *     button.onclick = () => player.unlock();
 *     const performance = jam.playOn(player);
 *
 * A `Player` on Web Audio: songs are fetched and decoded whole, start on the output's own clock, follow each other
 * without a gap, and are kept in place by rates that nobody hears. Whatever goes wrong is a `Problem` with a sentence;
 * when the output is back, the music goes on where it should be. Knows what was asked for last. What plays when is the
 * deck's, the output the device's, what is here the shelf's.
 */

import { Observable } from "../observable.js";
import type { PlayedTrack, Player } from "../player.js";
import { type After, deviceTimer } from "../waits.js";
import { type Cue, Deck } from "./deck.js";
import { Device } from "./device.js";
import { type Problem, problemOf } from "./problems.js";
import { decoded, type Samples } from "./samples.js";
import { Shelf } from "./shelf.js";
import { Download, type Streams } from "./songs.js";
import { Voices } from "./voices.js";

/** A start that is to come is planned anew if the output's clock turns out to be off by more, and there is time. */
const MOVED_MS = 1;
const SETTLED_MS = 50;
/** A volume that jumps would click: it is as good as there after three times this. */
const VOLUME_WITHIN_S = 0.015;

/** Of most devices, for songs that are here before an output is. */
const USUAL_RATE = 48_000;

/** What a player asks of the client; a `Tutti` has it. */
export interface PlayerHost extends Streams {
  /** The client's own monotonic clock, ms. */
  nowMs(): number;
  /** Its timers. */
  readonly after?: After;
}

/** What a `WebPlayer` may be told. */
export interface WebPlayerOptions {
  readonly tutti: PlayerHost;
  /** 0 to 100. */
  readonly volume?: number;
  /** Where the sound goes; the context's own output, unless an app has an analyser or an equaliser before it. */
  readonly output?: (context: AudioContext) => AudioNode;
  /** Another context than the usual one. */
  readonly makeContext?: () => AudioContext;
}

/**
 * A player at one moment, for who shows it. `needsGesture`: `unlock` is to be called from a click. `problems`: what is
 * wrong, the output first.
 */
export interface WebPlayerSnapshot {
  readonly isRunning: boolean;
  readonly needsGesture: boolean;
  readonly problems: readonly Problem[];
  readonly volume: number;
}

/** What was asked for, and whether the deck knows. `deckMs`: when it begins by the output's clock. */
interface Wish {
  readonly track: string;
  readonly positionMs: number;
  readonly atMs: number;
  deckMs: number | null;
}

/** What plays on a context that runs. */
interface Stage {
  readonly context: AudioContext;
  readonly gain: GainNode;
  readonly voices: Voices;
  readonly deck: Deck;
}

/** See the module. `close` at the end. */
export class WebPlayer implements Player {
  readonly seekOnly = false;
  readonly #host: PlayerHost;
  readonly #options: WebPlayerOptions;
  readonly #device: Device;
  readonly #shelf: Shelf<Samples>;
  readonly #shown = new Observable(() => this.#snapshot());
  /** What was asked for last, and what is to follow it. */
  #present: Wish | null = null;
  #next: Wish | null = null;
  #volume: number;
  #stage: Stage | null = null;

  constructor(options: WebPlayerOptions) {
    const { tutti } = options;
    this.#host = tutti;
    this.#options = options;
    this.#volume = options.volume ?? 100;
    this.#device = new Device(
      {
        makeContext: options.makeContext ?? (() => new AudioContext({ latencyHint: "playback" })),
        after: tutti.after ?? deviceTimer,
        nowMs: () => tutti.nowMs(),
      },
      {
        deviceChanged: () => this.#deviceChanged(),
        deviceTicked: nowMs => this.#deviceTicked(nowMs),
      },
    );
    this.#shelf = new Shelf(
      track => this.#loader(track),
      () => [this.#present, this.#next].flatMap(wish => wish?.track ?? []),
      () => this.#songChanged(),
      () => tutti.nowMs(),
    );
  }

  // -- for the page ------------------------------------------------------------------------------------------

  /** Lets the browser play: to be called from a click, before or after `playOn`. Resolves to whether it does. */
  async unlock(): Promise<boolean> {
    await this.#device.resume();
    return this.#device.isRunning;
  }

  /** 0 to 100, as a listener would say; half of it is heard as half as loud. */
  get volume(): number {
    return this.#volume;
  }

  set volume(volume: number) {
    this.#volume = Math.min(Math.max(volume, 0), 100);
    if (this.#stage !== null) {
      const { gain, context } = this.#stage;
      gain.gain.setTargetAtTime(gainOf(this.#volume), context.currentTime, VOLUME_WITHIN_S);
    }
    this.#shown.changed();
  }

  /** Why a track is not played here, or not yet; null: nothing is wrong with it. */
  problemOf(track: PlayedTrack): Problem | null {
    return this.#shelf.problems.find(problem => problem.track === uriOf(track)) ?? null;
  }

  /** Calls `listener` after anything of `getSnapshot` changed; the function that comes back ends it. */
  get subscribe(): (listener: () => void) => () => void {
    return this.#shown.subscribe;
  }

  /** All that there is to show, immutable, and the same object until something changes. */
  get getSnapshot(): () => WebPlayerSnapshot {
    return this.#shown.getSnapshot;
  }

  /** Falls silent for good, and gives the output back. */
  close(): void {
    this.#present = this.#next = null;
    this.#leaveStage();
    this.#shelf.clear();
    this.#device.close();
    this.#shown.changed();
  }

  #snapshot(): WebPlayerSnapshot {
    const { state } = this.#device;
    const ofDevice = state === "running" || state === "idle" ? [] : [problemOf(state)];
    return {
      isRunning: state === "running",
      needsGesture: state === "needs_gesture",
      problems: [...ofDevice, ...this.#shelf.problems],
      volume: this.#volume,
    };
  }

  // -- as a player -------------------------------------------------------------------------------------------

  get latencyMs(): number {
    return this.#device.latencyMs;
  }

  prepare(track: PlayedTrack): void {
    this.#shelf.want(uriOf(track));
  }

  isReady(track: PlayedTrack): boolean {
    return this.#shelf.get(uriOf(track)) !== null;
  }

  isBroken(track: PlayedTrack): boolean {
    return this.#shelf.isBroken(uriOf(track));
  }

  start(track: PlayedTrack, positionMs: number, atMs: number, nowMs: number): void {
    this.#advance(nowMs);
    const wish: Wish = { track: uriOf(track), positionMs, atMs, deckMs: null };
    if (this.#present !== null && this.#present.atMs <= nowMs && atMs > nowMs) {
      this.#next = wish;
    } else {
      this.#present = wish;
      this.#next = null;
    }
    this.#shelf.want(wish.track);
    if (this.#device.isRunning) {
      this.#grant(nowMs);
    } else {
      // Often a browser plays without being asked twice.
      void this.#device.resume();
    }
  }

  positionMs(nowMs: number): number | null {
    this.#device.read(nowMs);
    const contextMs = this.#device.contextMs(nowMs);
    return contextMs === null ? null : (this.#stage?.deck.positionMs(contextMs) ?? null);
  }

  setRate(rate: number): void {
    this.#perform((deck, earliestMs) => deck.setRate(rate, earliestMs));
  }

  splice(positionMs: number, rate: number, nowMs: number): void {
    this.#advance(nowMs);
    const contextMs = this.#device.contextMs(nowMs);
    if (this.#present === null || contextMs === null) {
      return;
    }
    this.#present = { ...this.#present, positionMs, atMs: nowMs };
    this.#perform((deck, earliestMs) => deck.splice(positionMs, contextMs, rate, earliestMs));
  }

  stop(): void {
    this.#present = this.#next = null;
    this.#perform((deck, earliestMs) => deck.stop(earliestMs));
  }

  // -- what was asked for, as far as it can be done now --------------------------------------------------------

  #advance(nowMs: number): void {
    if (this.#next !== null && this.#next.atMs <= nowMs) {
      this.#present = this.#next;
      this.#next = null;
    }
  }

  /** Gives the deck what it does not know yet. */
  #grant(nowMs: number): void {
    this.#advance(nowMs);
    if (this.#present?.deckMs === null && this.#play(this.#present) && this.#next !== null) {
      // The deck forgot what was to follow.
      this.#next.deckMs = null;
    }
    if (this.#next?.deckMs === null && this.#present?.deckMs !== null) {
      this.#play(this.#next);
    }
  }

  /** Whether that could be. */
  #play(wish: Wish): boolean {
    const { track, positionMs, atMs } = wish;
    const samples = this.#shelf.get(track);
    const deckMs = this.#device.contextMs(atMs);
    if (samples === null || deckMs === null) {
      return false;
    }
    wish.deckMs = deckMs;
    const { lengthMs } = samples;
    this.#perform((deck, earliestMs) => deck.start({ track, lengthMs }, positionMs, deckMs, earliestMs));
    return true;
  }

  #perform(change: (deck: Deck, earliestMs: number) => readonly Cue[]): void {
    const stage = this.#stage;
    if (stage === null || !this.#device.isRunning) {
      return;
    }
    const { deck, voices, context } = stage;
    const cues = change(deck, this.#device.earliestMs());
    voices.perform(cues);
    // If the page was held up just now, a voice began late, and the deck would never know.
    const isLate = cues.some(cue => cue.kind === "begin" && cue.atMs < context.currentTime * 1000);
    const earliestMs = this.#device.earliestMs();
    const positionMs = isLate ? deck.positionMs(earliestMs) : null;
    if (positionMs !== null) {
      voices.perform(deck.splice(positionMs, earliestMs, deck.rateAt(earliestMs), earliestMs));
    }
  }

  #deviceChanged(): void {
    if (this.#stage !== null && this.#stage.context !== this.#device.context) {
      this.#leaveStage();
    }
    if (this.#device.isRunning) {
      this.#enterStage();
      this.#grant(this.#host.nowMs());
    } else {
      // What was given to the output would go on where it stood still.
      this.#leaveStage();
    }
    this.#shown.changed();
  }

  /** The output's clock may be known better by now: what is to begin begins when it should. */
  #deviceTicked(nowMs: number): void {
    this.#advance(nowMs);
    for (const wish of [this.#present, this.#next]) {
      const deckMs =
        wish === null || wish.atMs < nowMs + SETTLED_MS ? null : this.#device.contextMs(wish.atMs);
      if (
        wish !== null &&
        wish.deckMs !== null &&
        deckMs !== null &&
        Math.abs(deckMs - wish.deckMs) > MOVED_MS
      ) {
        wish.deckMs = deckMs;
        this.#perform((deck, earliestMs) => deck.moveStart(deckMs, earliestMs));
      }
    }
  }

  #songChanged(): void {
    if (this.#device.isRunning) {
      this.#grant(this.#host.nowMs());
    }
    this.#shown.changed();
  }

  // -- the output ----------------------------------------------------------------------------------------------

  #enterStage(): void {
    const { context } = this.#device;
    if (this.#stage !== null || context === null) {
      return;
    }
    const gain = context.createGain();
    gain.gain.value = gainOf(this.#volume);
    gain.connect(this.#options.output?.(context) ?? context.destination);
    const voices = new Voices(context, gain, track => this.#shelf.get(track)?.buffer ?? null);
    this.#stage = { context, gain, voices, deck: new Deck(context.sampleRate) };
    for (const wish of [this.#present, this.#next]) {
      if (wish !== null) {
        wish.deckMs = null;
      }
    }
  }

  #leaveStage(): void {
    if (this.#stage !== null) {
      this.#stage.voices.drop();
      this.#stage.gain.disconnect();
      this.#stage = null;
    }
  }

  #loader(track: string): (over: AbortSignal) => Promise<Samples> {
    const download = new Download(this.#host, track);
    let file: Blob | null = null;
    return async over => {
      file ??= await download.read(over);
      return decoded(file, this.#device.context?.sampleRate ?? USUAL_RATE);
    };
  }
}

function uriOf({ track }: PlayedTrack): string {
  return String(track);
}

/** Loudness is felt by powers: a square is near enough, and 0 is silence. */
function gainOf(volume: number): number {
  return (volume / 100) ** 2;
}
