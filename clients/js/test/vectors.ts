/** The conformance vectors, which Python's tests read, too. */

import { readFileSync } from "node:fs";

export interface Vector<Given, Expected> {
  readonly name: string;
  readonly given: Given;
  readonly expected: Expected;
}

/** The vectors of one file; from `build/test/`, where this runs, to `tests/vectors/`. */
export function readVectors<Given, Expected>(file: string): Vector<Given, Expected>[] {
  const text = readFileSync(new URL(`../../../../tests/vectors/${file}`, import.meta.url), "utf8");
  return text
    .split("\n")
    .filter(line => line !== "")
    .map(line => JSON.parse(line) as Vector<Given, Expected>);
}
