/**
 * `node build/test/replay/main.js`: the program of `tutti replay --program`, in which every other editor lives.
 *
 * JSON lines, as `collab/replay/program.py` says them. Questions are answered when there is an answer, in any order;
 * what happens in the playlists is told in between. Ends with its input.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { Unreachable } from "../../src/errors.js";
import { type Arguments, Editor } from "./editor.js";

interface Question extends Arguments {
  readonly id: number;
  readonly fn: string;
  readonly editor: number;
  readonly url: string;
  readonly timeout_ms: number;
  /** Null if there is none to be had now. */
  readonly token: string | null;
}

const editors = new Map<number, Editor>();
/** Who waits for a token, by editor. */
const waiting = new Map<number, (token: string | null) => void>();

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function token(editor: number): Promise<string> {
  say({ wants: "token", editor });
  const brought = await new Promise<string | null>(resolve => {
    waiting.set(editor, resolve);
  });
  if (brought === null) {
    throw new Unreachable("unreachable", "There is no token to be had now.");
  }
  return brought;
}

async function answered(question: Question): Promise<unknown> {
  const { fn, editor: number } = question;
  if (fn === "connect") {
    const tell = (playlist: string, event: object) => say({ editor: number, playlist, event });
    const come = Editor.come(question.url, () => token(number), question.timeout_ms, tell);
    editors.set(number, await come);
    return null;
  }
  const editor = editors.get(number);
  if (editor === undefined) {
    throw new Error(`There is no editor ${number}.`);
  }
  return await editor.answer(fn, question);
}

async function answer(question: Question): Promise<void> {
  const { id } = question;
  try {
    say({ id, came: await answered(question) });
  } catch (error) {
    const { name, message } = error as Error;
    say({ id, error: `${name}: ${message}` });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line) as Question;
  if (question.fn === "token") {
    waiting.get(question.editor)?.(question.token);
  } else {
    void answer(question);
  }
}
process.exit();
