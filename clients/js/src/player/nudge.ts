/**
 * The slider for who hears an echo, kept for each output.
 *
 *     const nudge = await Nudge.here();
 *     nudge.applyTo(jam.playOn(player));
 *     slider.oninput = () => nudge.set(Number(slider.value));
 *
 * What is set plays from then on and is there the next time, also when the headphones are back. Knows the browser's
 * outputs and its storage, either of which may tell nothing. What is kept, and within which bounds, is `nudges`'.
 */

import { Observable } from "../observable.js";
import { Nudges } from "./nudges.js";

const KEPT_AS = "tutti.nudge";

/** What plays earlier by so much; a `Performance` does. */
export interface Nudged {
  nudgeMs: number;
}

/** What is looked at of an output. */
export interface Output {
  readonly kind: string;
  readonly deviceId: string;
  readonly label: string;
}

/** What is used of a browser. */
export interface NudgePlace {
  /** Rejects, or is missing, where pages may not ask. */
  readonly outputs?: (() => Promise<readonly Output[]>) | undefined;
  /** Calls `listener` when outputs came or went, until `over`. */
  watch(listener: () => void, over: AbortSignal): void;
  /** Both throw where nothing may be kept, or no more. */
  read(name: string): string | null;
  keep(name: string, text: string): void;
}

/** At one moment: how much earlier, ms, on which output; empty if the browser does not tell. */
export interface NudgeSnapshot {
  readonly ms: number;
  readonly output: string;
}

/** See the module. `close` at the end. */
export class Nudge {
  readonly #place: NudgePlace;
  readonly #over = new AbortController();
  readonly #shown = new Observable<NudgeSnapshot>(() => ({ ms: this.ms, output: this.#output }));
  #nudges: Nudges;
  #output = "";
  #nudged: Nudged | null = null;

  /** On what plays now. */
  static async here(place: NudgePlace = thisPlace()): Promise<Nudge> {
    const made = new Nudge(place);
    place.watch(() => void made.look(), made.#over.signal);
    await made.look();
    return made;
  }

  private constructor(place: NudgePlace) {
    this.#place = place;
    this.#nudges = new Nudges(this.#kept());
  }

  /** How much earlier than the output says it plays, ms. */
  get ms(): number {
    return this.#nudges.of(this.#output);
  }

  /** Calls `listener` after anything of `getSnapshot` changed; the function that comes back ends it. */
  get subscribe(): (listener: () => void) => () => void {
    return this.#shown.subscribe;
  }

  get getSnapshot(): () => NudgeSnapshot {
    return this.#shown.getSnapshot;
  }

  /** From now on; at most half a second to either side. */
  set(ms: number): void {
    // Another tab may have kept something since.
    this.#nudges = new Nudges(this.#kept() ?? this.#nudges.text);
    this.#nudges.set(this.#output, ms);
    try {
      this.#place.keep(KEPT_AS, this.#nudges.text);
    } catch {
      // Denied, or full: it holds as long as the page.
    }
    this.#apply();
  }

  /** This plays from now on, instead of what played before. */
  applyTo(nudged: Nudged): void {
    this.#nudged = nudged;
    this.#apply();
  }

  close(): void {
    this.#over.abort();
    this.#nudged = null;
  }

  /** Finds out which output plays now. */
  async look(): Promise<void> {
    let outputs: readonly Output[] = [];
    try {
      outputs = (await this.#place.outputs?.()) ?? [];
    } catch {
      // Not for this page.
    }
    this.#output = playingOne(outputs);
    this.#apply();
  }

  #kept(): string | null {
    try {
      return this.#place.read(KEPT_AS);
    } catch {
      return null;
    }
  }

  #apply(): void {
    if (this.#nudged !== null) {
      this.#nudged.nudgeMs = this.ms;
    }
    this.#shown.changed();
  }
}

/**
 * The name under which the output is kept: what people call it, else its id, which the browser makes up for this site;
 * both are empty until the page may use a microphone. Groups are named anew for each page, so they say nothing.
 */
function playingOne(outputs: readonly Output[]): string {
  const ours = outputs.filter(({ kind }) => kind === "audiooutput");
  const chosen = ours.find(({ deviceId }) => deviceId === "default") ?? ours[0];
  const label = chosen?.label.replace(/^Default - /, "") ?? "";
  return label || (chosen?.deviceId === "default" ? "" : (chosen?.deviceId ?? ""));
}

function thisPlace(): NudgePlace {
  const devices = (globalThis as Partial<typeof globalThis>).navigator?.mediaDevices as
    | MediaDevices
    | undefined;
  return {
    outputs: devices && (() => devices.enumerateDevices()),
    watch: (listener, signal) => devices?.addEventListener("devicechange", listener, { signal }),
    read: name => localStorage.getItem(name),
    keep: (name, text) => localStorage.setItem(name, text),
  };
}
