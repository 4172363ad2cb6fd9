/**
 * `node dist/conformance.js`: the filter of `ot/conformance.ts` between standard input and output.
 *
 * Knows streams. Does not know requests.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { filterLines } from "./ot/conformance.js";

await filterLines(createInterface({ input: process.stdin }), line => process.stdout.write(line));
