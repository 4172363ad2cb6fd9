/**
 * The sound of this page: one player, which plays the Jam that somebody wants to hear here.
 *
 * It goes on whatever page of the app is shown, until it is stopped or its Jam is closed. As loud as the Jam is for
 * everybody, and of that as much as is wanted here. Knows the SDK's player. Does not know React, or what is shown of it.
 */

import type { Jam, Performance, Tutti } from "@tutti/client";
import type { Lack, Nudge, PagePlayer, Problem } from "@tutti/client/player";

/** `jam`: what is heard here, by id; empty: nothing is. */
export interface SoundState {
  readonly jam: string;
  readonly isStarting: boolean;
  readonly needsGesture: boolean;
  readonly problems: readonly Problem[];
  /** 0 to 100, of the Jam's own. */
  readonly volume: number;
  /** How much earlier this output plays; null until something was heard. */
  readonly nudge: Nudge | null;
  /** What this browser does without, once that is known. */
  readonly lacks: readonly Lack[];
}

const SILENT: SoundState = {
  ...{ jam: "", isStarting: false, needsGesture: false, problems: [] },
  ...{ volume: 100, nudge: null, lacks: [] },
};
const VOLUME_KEPT_AS = "tutti:volume";

/** See the module. */
export class Sound {
  #state: SoundState = { ...SILENT, volume: keptVolume() };
  #player: PagePlayer | null = null;
  #performance: Performance | null = null;
  #jam: Jam | null = null;
  #unfollow: () => void = () => undefined;
  /** Lets the screen go dark again. */
  #endVigil: () => void = () => undefined;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): SoundState => this.#state;

  get performance(): Performance | null {
    return this.#performance;
  }

  /** To be called from a click: browsers want one before they play. */
  async start(tutti: Tutti, jam: Jam): Promise<void> {
    this.#set({ jam: jam.id, isStarting: true });
    const { makePlayer, Nudge, stayAwake, surroundings } = await import("@tutti/client/player");
    if (this.#player === null) {
      const player = makePlayer({ tutti });
      this.#player = player;
      player.subscribe(() => {
        const { needsGesture, problems } = player.getSnapshot();
        this.#set({ needsGesture, problems });
      });
    }
    this.#jam = jam;
    this.#unfollow();
    this.#unfollow = jam.subscribe(() => this.#setLoudness());
    this.#setLoudness();
    const performance = jam.playOn(this.#player);
    this.#performance = performance;
    this.#endVigil();
    this.#endVigil = stayAwake(jam);
    await this.#player.unlock();
    const nudge = this.#state.nudge ?? (await Nudge.here());
    if (this.#performance === performance) {
      nudge.applyTo(performance);
    }
    this.#set({ isStarting: false, nudge, lacks: surroundings().lacks });
  }

  /** Again from a click, where the browser did not take the first one. */
  async unlock(): Promise<void> {
    await this.#player?.unlock();
  }

  async stop(): Promise<void> {
    const performance = this.#performance;
    this.#performance = null;
    this.#jam = null;
    this.#unfollow();
    this.#endVigil();
    this.#set({ jam: "", isStarting: false, problems: [], needsGesture: false });
    await performance?.stop();
  }

  /** 0 to 100; kept for the next time. */
  setVolume(volume: number): void {
    this.#set({ volume });
    this.#setLoudness();
    try {
      localStorage.setItem(VOLUME_KEPT_AS, String(volume));
    } catch {
      // It lives as long as the page.
    }
  }

  #setLoudness(): void {
    const loudness = (this.#state.volume * (this.#jam?.settings.volume ?? 100)) / 100;
    if (this.#player !== null && this.#player.volume !== loudness) {
      this.#player.volume = loudness;
    }
  }

  #set(change: Partial<SoundState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

function keptVolume(): number {
  try {
    const kept = Number(localStorage.getItem(VOLUME_KEPT_AS) ?? "100");
    return kept >= 0 && kept <= 100 ? kept : 100;
  } catch {
    return 100;
  }
}
