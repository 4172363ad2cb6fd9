/**
 * The audio output of this device: an AudioContext and all that may become of it.
 *
 * Browsers let it play only after a click, take it away for a phone call, and lose it with the headphones. A context
 * that is dead is replaced, and one on which nothing is to be heard for a while rests: it would use up a battery. Knows contexts and their states; what is played on one is the player's, who hears of each
 * change.
 */

import { type After, paused } from "../waits.js";
import { ContextClock, type Reading } from "./context-clock.js";
import type { ProblemCode } from "./problems.js";

/**
 * Readings come this often; more often where only many of them tell the time, and at first: until the clock is known,
 * nothing starts in time.
 */
const READ_EVERY_MS = 250;
const MANY_EVERY_MS = 40;
const FIRST_EVERY_MS = 10;
const FIRST_FOR_MS = 300;
/**
 * After a rest it is the same output, known by its latency: a start is given to it sooner, and moved while it is still
 * to come and the clock becomes better known. A Jam's starts are announced at least 400 ms ahead.
 */
const RESTED_FOR_MS = 150;
/** Whether a browser lets a page play is known by then. */
const RESUME_WITHIN_MS = 1_000;
/** An output that runs and does not advance for so long is gone; it is replaced no more often than this. */
const DEAD_MS = 2_000;
const REPLACE_EVERY_MS = 5_000;

/** - idle: nothing was to be played yet, or for a while. - running: it plays. Else what is wrong. */
export type DeviceState = "idle" | "running" | ProblemCode;

/** Hears of what becomes of the output. */
export interface DeviceListener {
  /** Another context, or the same in another state. */
  deviceChanged(): void;
  /** Now and then while it runs: the clock may know better. */
  deviceTicked(nowMs: number): void;
}

/** Where contexts, timers and the time come from. */
export interface Platform {
  readonly makeContext: () => AudioContext;
  readonly after: After;
  readonly nowMs: () => number;
}

/** One output; what plays on it is given anew after each change. `close` at the end. */
export class Device {
  state: DeviceState = "idle";
  readonly #platform: Platform;
  readonly #listener: DeviceListener;
  #context: AudioContext | null = null;
  #clock = new ContextClock(0);
  #unwind: () => void = () => undefined;
  #ranSinceMs = 0;
  #advancedMs = 0;
  #lastMs = 0;
  #readMs = 0;
  #hasRun = false;
  /** Why it does not run, if that is our own wish. */
  #rest: "resting" | "waking" | null = null;
  #lyingDown: Promise<void> | null = null;
  #knownAfterMs = FIRST_FOR_MS;
  #replacedMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  readonly #over = new AbortController();

  constructor(platform: Platform, listener: DeviceListener) {
    this.#platform = platform;
    this.#listener = listener;
    // Headphones came or went. Only a secure context is told so; elsewhere the clock shows it within seconds.
    const signal = this.#over.signal;
    globalThis.navigator?.mediaDevices?.addEventListener("devicechange", () => this.#learn(), { signal });
  }

  /** Null where there is no Web Audio, or no output. */
  get context(): AudioContext | null {
    if (this.#context === null && !this.#isClosed) {
      this.#open();
    }
    return this.#context;
  }

  get isRunning(): boolean {
    return this.state === "running";
  }

  /** How far what is given to the output is ahead of what is heard. */
  get latencyMs(): number {
    return this.#clock.latencyMs;
  }

  /** The context's clock at this moment of ours, ms; null while it does not run, or is not known yet. */
  contextMs(nowMs: number): number | null {
    return this.isRunning && this.#isKnown ? this.#clock.contextMs(nowMs) : null;
  }

  /** Whoever starts by the first readings starts tens of ms off. */
  get #isKnown(): boolean {
    return this.#readMs - this.#ranSinceMs >= this.#knownAfterMs;
  }

  /** Lets it play, as far as the browser does: within a click, always. Resolves when that is known. */
  async resume(): Promise<void> {
    claim();
    if (this.#lyingDown !== null) {
      // It says that it runs until it does not.
      await Promise.race([this.#lyingDown, paused(RESUME_WITHIN_MS)]);
    }
    this.#rest &&= "waking";
    const { context } = this;
    if (context === null) {
      this.#set(this.#isClosed ? "idle" : "no_sound");
      return;
    }
    if (context.state !== "running" && context.state !== "closed") {
      const resumed = context.resume().catch(() => undefined);
      this.#look();
      // Without a gesture some browsers answer when there is one.
      await Promise.race([resumed, paused(RESUME_WITHIN_MS)]);
    }
    if (this.#rest === "waking") {
      this.#rest = null;
    }
    this.#look();
  }

  /** Nothing is to be heard for a while: what the output costs is saved until `resume`. */
  rest(): void {
    if (this.#context === null || !this.isRunning) {
      return;
    }
    this.#rest = "resting";
    const lyingDown = this.#context.suspend().then(
      () => undefined,
      () => undefined,
    );
    this.#lyingDown = lyingDown;
    void lyingDown.then(() => {
      this.#lyingDown = null;
    });
    this.#set("idle");
  }

  /** Reads the clocks now. */
  read(nowMs: number): void {
    const context = this.#context;
    if (context === null || !this.isRunning) {
      return;
    }
    const reading = readingOf(context, nowMs);
    this.#clock.read(reading);
    // A page that was frozen knows nothing of the time between.
    const hasSlept = nowMs - this.#readMs > DEAD_MS / 2;
    this.#readMs = nowMs;
    if (reading.contextMs !== this.#lastMs || hasSlept) {
      this.#lastMs = reading.contextMs;
      this.#advancedMs = nowMs;
    } else if (nowMs - this.#advancedMs > DEAD_MS) {
      this.#replace();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#over.abort();
    this.#abandon();
    this.state = "idle";
  }

  #open(): void {
    try {
      this.#context = this.#platform.makeContext();
    } catch {
      // Said by whoever wants it to play.
      return;
    }
    const context = this.#context;
    this.#clock = new ContextClock((context.baseLatency || 0) * 1000);
    context.onstatechange = () => this.#look();
    // The device failed: of the context nothing more comes.
    context.addEventListener("error", () => context === this.#context && this.#replace());
    context.addEventListener("sinkchange", () => this.#learn());
  }

  /** Whatever plays now, of its clock nothing is known yet. `hasRested`: its latency is what it was. */
  #learn(hasRested = false): void {
    if (this.isRunning) {
      const nowMs = this.#platform.nowMs();
      this.#clock.reset(hasRested);
      this.#knownAfterMs = hasRested ? RESTED_FOR_MS : FIRST_FOR_MS;
      this.#ranSinceMs = this.#advancedMs = this.#readMs = nowMs;
      this.read(nowMs);
      this.#tick();
    }
  }

  #look(): void {
    const context = this.#context;
    // Safari has a state of its own for calls and other programs.
    switch (context?.state as AudioContextState | "interrupted" | undefined) {
      case undefined:
        break;
      case "running":
        if (this.#rest !== "resting") {
          this.#set("running");
        }
        break;
      case "closed":
        this.#replace();
        break;
      case "interrupted":
        this.#set(this.#rest === null ? "interrupted" : "idle");
        break;
      default:
        this.#set(this.#rest !== null ? "idle" : this.#hasRun ? "interrupted" : "needs_gesture");
    }
  }

  #set(state: DeviceState): void {
    if (state === this.state) {
      return;
    }
    const hasRested = this.#hasRun && this.state === "idle";
    this.state = state;
    if (state === "running") {
      this.#hasRun = true;
      this.#learn(hasRested);
    }
    this.#listener.deviceChanged();
  }

  #tick(): void {
    this.#unwind();
    const { after, nowMs } = this.#platform;
    const usualMs = this.#clock.isSane ? READ_EVERY_MS : MANY_EVERY_MS;
    const isNew = this.#readMs - this.#ranSinceMs < FIRST_FOR_MS;
    this.#unwind = after(isNew ? FIRST_EVERY_MS : usualMs, () => {
      if (this.isRunning) {
        const atMs = nowMs();
        this.read(atMs);
        this.#listener.deviceTicked(atMs);
        this.#tick();
      }
    });
  }

  /** The context is dead: the next one plays, once there is an output again. */
  #replace(): void {
    this.#abandon();
    this.#set("device_lost");
    const { after, nowMs } = this.#platform;
    const waitMs = Math.max(0, this.#replacedMs + REPLACE_EVERY_MS - nowMs());
    this.#unwind = after(waitMs, () => {
      this.#replacedMs = nowMs();
      void this.resume();
    });
  }

  #abandon(): void {
    this.#unwind();
    this.#rest = null;
    const context = this.#context;
    this.#context = null;
    if (context !== null) {
      context.onstatechange = null;
      if (context.state !== "closed") {
        void context.close().catch(() => undefined);
      }
    }
  }
}

/** An iPhone that is muted plays music all the same, once it knows that it is music. */
function claim(): void {
  const { audioSession } = navigator as Navigator & { audioSession?: { type: string } };
  if (audioSession !== undefined) {
    audioSession.type = "playback";
  }
}

function readingOf(context: AudioContext, nowMs: number): Reading {
  // First, since it must not be ahead of what is read after it.
  const { contextTime, performanceTime } = context.getOutputTimestamp?.() ?? {};
  const isKnown = contextTime !== undefined && performanceTime !== undefined;
  return {
    nowMs,
    contextMs: context.currentTime * 1000,
    heard: isKnown ? { contextMs: contextTime * 1000, nowMs: performanceTime } : null,
    // Firefox says 0 until it knows, Safari before 14.1 nothing.
    saidMs: ((context.baseLatency || 0) + (context.outputLatency || 0)) * 1000,
  };
}
