/**
 * `node dist/conformance.js`: the filters of `ot/conformance.ts` and `jam/conformance.ts` between standard input and
 * output.
 *
 * Knows streams. Does not know requests.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { answer as answerJam } from "./jam/conformance.js";
import { answer } from "./ot/conformance.js";

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answerJam(line) ?? answer(line))}\n`);
}
