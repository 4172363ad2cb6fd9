/**
 * A Jam's log as a file, and what playing it again must show.
 *
 * JSON lines: the Jam as it was at some version, then an event a line, and wherever somebody noted it the state's
 * digest, the last of them at the end:
 *
 *     {"line": "begin", "format": 1, "jam": "…", "version": 0, "snapshot": {…}}
 *     {"line": "event", "version": 1, "client": "…", "seq": 1, "author": "…", "event": {"event": "added", …}}
 *     {"line": "digest", "version": 1, "digest": "0123456789abcdef"}
 *
 * So whatever went wrong in a Jam is a test case that needs no server. Knows lines and what they must lead to. Does
 * not know files, nor where a log comes from.
 */

import { Misfit, members, oneOf, record, text, whole } from "../shape.js";
import { digest } from "./digest.js";
import { decodeEvent } from "./events.js";
import { Lineup } from "./lineup.js";
import { load } from "./state.js";
import { follow, OrderDiffers } from "./step.js";

export const FORMAT = 1;

const KIND = record({ line: oneOf("begin", "event", "digest") });
const BEGIN = record({ jam: text, version: whole, snapshot: members, format: FORMAT });
const LOGGED = record({ version: whole, client: text, seq: whole, author: text, event: members });
const MARK = record({ version: whole, digest: text });

/** Playing the log again did not show what it says. `version` is where; the message says what, a sentence. */
export class LogDiffers extends Error {
  override readonly name = "LogDiffers";

  constructor(
    readonly version: number,
    message: string,
  ) {
    super(message);
  }
}

/** Plays a log again; gives the Jam at its end. Throws LogDiffers at the first line that is not as it says. */
export function replay(lines: Iterable<string>): Lineup {
  const replayed = new Replayed();
  for (const line of lines) {
    replayed.take(line);
  }
  return replayed.finish();
}

class Replayed {
  #version = 0;
  #lineup: Lineup | undefined;
  #isMarked = false;
  readonly #lastSeqs = new Map<string, number>();

  take(text: string): void {
    try {
      this.#read(JSON.parse(text));
    } catch (error) {
      if (error instanceof OrderDiffers) {
        throw new LogDiffers(
          this.#version,
          `The queue's order is another than its digest ${error.message} says.`,
        );
      }
      if (error instanceof Misfit || error instanceof SyntaxError) {
        throw new LogDiffers(this.#version, `The line after it does not fit: ${error.message}`);
      }
      throw error;
    }
  }

  finish(): Lineup {
    if (this.#lineup === undefined || !this.#isMarked) {
      throw new LogDiffers(this.#version, "The log ends without a digest; its end is missing.");
    }
    return this.#lineup;
  }

  #read(value: unknown): void {
    const { line } = KIND(value);
    if (line === "begin") {
      this.#begin(value);
    } else if (this.#lineup === undefined) {
      throw new Misfit("The log does not begin with a snapshot.");
    } else if (line === "event") {
      this.#lineup = this.#follow(this.#lineup, value);
    } else {
      this.#compare(this.#lineup, value);
    }
  }

  #begin(value: unknown): void {
    const begin = BEGIN(value);
    if (this.#lineup !== undefined || begin.format !== FORMAT) {
      throw new Misfit(`A log begins once, and in format ${FORMAT}.`);
    }
    this.#version = begin.version;
    this.#lineup = new Lineup(load(begin.snapshot));
  }

  #follow(lineup: Lineup, value: unknown): Lineup {
    const line = LOGGED(value);
    const event = decodeEvent(line.event);
    if (line.version !== this.#version + 1 || line.seq <= (this.#lastSeqs.get(line.client) ?? 0)) {
      throw new Misfit("Its version, or its client's seq, is not the next.");
    }
    if ((event.by !== line.author && event.by !== "") || event.at < lineup.jam.at) {
      throw new Misfit("It is by somebody else, or from before the last event.");
    }
    const after = follow(lineup, event);
    this.#version = line.version;
    this.#lastSeqs.set(line.client, line.seq);
    this.#isMarked = false;
    return after;
  }

  #compare(lineup: Lineup, value: unknown): void {
    const mark = MARK(value);
    const found = digest(lineup.jam);
    if (mark.version !== this.#version || mark.digest !== found) {
      throw new Misfit(`At version ${this.#version} the state's digest is ${found}.`);
    }
    this.#isMarked = true;
  }
}
