#!/usr/bin/env node
// The filter of `src/conformance.ts` between standard input and output: `node bin/conformance.js`.

import process from "node:process";
import { createInterface } from "node:readline";
import { filterLines } from "../dist/conformance.js";

await filterLines(createInterface({ input: process.stdin }), line => process.stdout.write(line));
