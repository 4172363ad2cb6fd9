/**
 * How much earlier each output of a device plays, by its listener's ear.
 *
 * Some outputs are later than they say, wireless ones above all; who stands beside others hears it and moves a slider.
 * That holds for one output, and for as long as somebody has it. Pure: what was kept is handed in as text, which
 * anybody may have written. Does not know where it is kept, nor what outputs there are.
 */

/** Wireless loudspeakers are up to half a second late. */
export const NUDGE_MS_MAX = 500;
/** So many outputs are remembered, those that were moved last. */
export const OUTPUTS_MAX = 20;
const NAME_CHARS_MAX = 200;

/** By the name of the output; empty for that of which the browser tells nothing. */
export class Nudges {
  /** The one that was moved last comes last. */
  readonly #byOutput: Map<string, number>;

  /** `kept` is what `text` gave once, or null. What is none counts as nothing. */
  constructor(kept: string | null) {
    this.#byOutput = new Map(entriesIn(kept));
    this.#trim();
  }

  /** ms; more plays earlier. */
  of(output: string): number {
    return this.#byOutput.get(named(output)) ?? 0;
  }

  /** What it is set to is within the bounds, whatever was wished. */
  set(output: string, ms: number): void {
    this.#byOutput.delete(named(output));
    this.#byOutput.set(named(output), bounded(ms));
    this.#trim();
  }

  /** To be kept. */
  get text(): string {
    return JSON.stringify([...this.#byOutput]);
  }

  #trim(): void {
    for (const output of [...this.#byOutput.keys()].slice(0, -OUTPUTS_MAX)) {
      this.#byOutput.delete(output);
    }
  }
}

/** Whole ms within the bounds; 0 for what is no number. */
function bounded(ms: number): number {
  return Number.isNaN(ms) ? 0 : Math.round(Math.min(Math.max(ms, -NUDGE_MS_MAX), NUDGE_MS_MAX));
}

function named(output: string): string {
  return output.slice(0, NAME_CHARS_MAX);
}

function entriesIn(kept: string | null): [string, number][] {
  let rows: unknown;
  try {
    rows = JSON.parse(kept ?? "[]");
  } catch {
    return [];
  }
  return Array.isArray(rows) ? rows.filter(isEntry).map(([output, ms]) => [named(output), bounded(ms)]) : [];
}

function isEntry(row: unknown): row is [string, number] {
  return Array.isArray(row) && typeof row[0] === "string" && typeof row[1] === "number";
}
