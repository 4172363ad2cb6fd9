/** The server as a person runs it: `tutti serve` of this repository, in a process of its own. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

// From `build/test/`, where this runs.
const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const TUTTI = process.env["TUTTI_COMMAND"] ?? join(ROOT, ".venv/bin/tutti");
const SECRET = "a secret that is known to nobody but the tests";
const READY = /^Tutti is ready at (\S+)/;

/** A server with its own data, which may be killed and started again on the same port. */
export class Serving {
  readonly #data = mkdtempSync(join(tmpdir(), "tutti-js-"));
  #process: ChildProcess | null = null;
  url = "";

  /** With more settings, by the names of their environment variables. */
  static async start(more: Record<string, string> = {}): Promise<Serving> {
    const serving = new Serving(more);
    await serving.start();
    return serving;
  }

  constructor(private readonly more: Record<string, string> = {}) {}

  /** Resolves when it takes clients in. */
  async start(): Promise<void> {
    const port = this.url === "" ? "0" : new URL(this.url).port;
    const process = spawn(TUTTI, ["serve", "--data", this.#data, "--port", port, "--log-level", "error"], {
      stdio: ["ignore", "pipe", "inherit"],
      env: environment({ TUTTI_SECRET: SECRET, ...this.more }),
    });
    this.#process = process;
    assert.ok(process.stdout !== null, "it is a pipe");
    for await (const line of createInterface(process.stdout)) {
      const ready = READY.exec(line);
      assert.ok(ready !== null, `${TUTTI} said: ${line}`);
      this.url = ready[1]!;
      return;
    }
    assert.fail(`${TUTTI} did not start; is it installed (make install)?`);
  }

  /** A session's token as the server itself makes it, but for so many seconds. */
  token(user: { userId: string; name: string }, lifeS: number): string {
    const iat = Math.floor(Date.now() / 1000);
    const header = { alg: "HS256", typ: "JWT", kid: "1" };
    const who = { iss: "tutti", aud: "tutti", sub: user.userId, name: user.name, use: "session" };
    const claims = { ...who, iat, exp: iat + lifeS, jti: user.userId };
    const signed = [header, claims]
      .map(part => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
  }

  /** In good order: it asks its clients to go first. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** Nothing is written any more. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** The server is gone, and what it kept. */
  async clear(): Promise<void> {
    await this.kill();
    rmSync(this.#data, { recursive: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const process = this.#process;
    this.#process = null;
    if (process !== null && process.exitCode === null) {
      const ended = new Promise(resolve => process.once("exit", resolve));
      process.kill(signal);
      await ended;
    }
  }
}

/** Ours, without what would make the server another one. */
function environment(more: Record<string, string>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("TUTTI_"));
  return { ...Object.fromEntries(inherited), TUTTI_SAMPLES: "no", ...more };
}
