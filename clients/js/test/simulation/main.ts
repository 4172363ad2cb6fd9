/**
 * `node build/test/simulation/main.js`: all JavaScript devices of a simulation, by their numbers.
 *
 * JSON lines in, one JSON line out for each. `clear` forgets the devices, `birth` makes one, everything else is a
 * `Question` for one. A question that throws gives `{"error": {"name": …, "message": …}}`. Reads and writes
 * synchronously: whoever asks waits for the answer, and a turn of the event loop would cost more than most of them.
 */

import { readSync, writeSync } from "node:fs";
import { type Birth, Device, type Question } from "./device.js";

type Line = { fn: "clear" } | ({ fn: "birth"; device: number } & Birth) | (Question & { device: number });

const STDIN = 0;
const STDOUT = 1;

const devices = new Map<number, Device>();

function answer(line: Line): object {
  switch (line.fn) {
    case "clear":
      devices.clear();
      return {};
    case "birth":
      devices.set(line.device, new Device(line));
      return {};
    default:
      return asked(line.device, line);
  }
}

function asked(number: number, question: Question): object {
  const device = devices.get(number);
  if (device === undefined) {
    throw new Error(`There is no device ${number}.`);
  }
  return device.answer(question);
}

function answered(line: string): object {
  try {
    return answer(JSON.parse(line) as Line);
  } catch (error) {
    const { name, message } = error as Error;
    return { error: { name, message } };
  }
}

function write(text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(STDOUT, bytes, at);
  }
}

const chunk = Buffer.alloc(64 * 1024);
const decoder = new TextDecoder();
let rest = "";
for (let size = readSync(STDIN, chunk); size > 0; size = readSync(STDIN, chunk)) {
  const lines = (rest + decoder.decode(chunk.subarray(0, size), { stream: true })).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    write(`${JSON.stringify(answered(line))}\n`);
  }
}
