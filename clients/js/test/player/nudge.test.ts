/** The slider, on outputs and a storage that the test makes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Nudge, type NudgePlace, type Output } from "../../src/player/nudge.js";
import { NUDGE_MS_MAX, Nudges, OUTPUTS_MAX } from "../../src/player/nudges.js";

class Browser implements NudgePlace {
  list: Output[] = [];
  kept = new Map<string, string>();
  isDenied = false;
  isFull = false;
  readonly #listeners = new Set<() => void>();

  outputs = async (): Promise<readonly Output[]> => {
    if (this.isDenied) {
      throw new DOMException("Denied.", "NotAllowedError");
    }
    return this.list;
  };

  watch(listener: () => void, over: AbortSignal): void {
    this.#listeners.add(listener);
    over.addEventListener("abort", () => this.#listeners.delete(listener));
  }

  read(name: string): string | null {
    if (this.isDenied) {
      throw new DOMException("Denied.", "SecurityError");
    }
    return this.kept.get(name) ?? null;
  }

  keep(name: string, text: string): void {
    if (this.isDenied || this.isFull) {
      throw new DOMException("No.", "QuotaExceededError");
    }
    this.kept.set(name, text);
  }

  /** Plugs something in, which is the default from now on. */
  async plug(label: string): Promise<void> {
    this.list = [
      { kind: "audioinput", deviceId: "default", label: "Default - Microphone" },
      { kind: "audiooutput", deviceId: "default", label: `Default - ${label}` },
      { kind: "audiooutput", deviceId: "7f", label },
    ];
    for (const listener of this.#listeners) {
      listener();
    }
    await new Promise<void>(resolve => setImmediate(resolve));
  }
}

test("each output has its own, and the next page knows it", async () => {
  const browser = new Browser();
  await browser.plug("Headphones");
  const nudge = await Nudge.here(browser);
  const performance = { nudgeMs: 7 };
  nudge.applyTo(performance);
  assert.equal(performance.nudgeMs, 0);
  nudge.set(120);
  assert.equal(performance.nudgeMs, 120);
  assert.deepEqual(nudge.getSnapshot(), { ms: 120, output: "Headphones" });

  await browser.plug("Loudspeaker");
  assert.equal(performance.nudgeMs, 0);
  nudge.set(-30);
  await browser.plug("Headphones");
  assert.equal(performance.nudgeMs, 120);

  const next = await Nudge.here(browser);
  assert.equal(next.ms, 120);
  nudge.close();
  await browser.plug("Loudspeaker");
  assert.deepEqual([performance.nudgeMs, next.ms], [120, -30]);
});

test("what was set in another tab meanwhile stays", async () => {
  const browser = new Browser();
  await browser.plug("Headphones");
  const one = await Nudge.here(browser);
  const other = await Nudge.here(browser);
  other.set(50);
  await browser.plug("Loudspeaker");
  one.set(10);
  const kept = new Nudges([...browser.kept.values()][0]!);
  assert.deepEqual([kept.of("Headphones"), kept.of("Loudspeaker")], [50, 10]);
});

test("where the browser tells nothing there is one for all, by whatever it tells", async () => {
  for (const [list, output] of [
    [[], ""],
    [[{ kind: "audiooutput", deviceId: "", label: "" }], ""],
    [[{ kind: "audiooutput", deviceId: "default", label: "" }], ""],
    [[{ kind: "audiooutput", deviceId: "7f", label: "" }], "7f"],
    [[{ kind: "videoinput", deviceId: "7f", label: "Camera" }], ""],
  ] as const) {
    const browser = new Browser();
    browser.list = [...list];
    assert.equal((await Nudge.here(browser)).getSnapshot().output, output);
  }
});

test("a storage that is denied or full costs what it would have kept, and nothing else", async () => {
  const denied = new Browser();
  denied.isDenied = true;
  const full = new Browser();
  full.isFull = true;
  for (const browser of [denied, full]) {
    const nudge = await Nudge.here(browser);
    const performance = { nudgeMs: 0 };
    nudge.applyTo(performance);
    nudge.set(40);
    assert.deepEqual([performance.nudgeMs, nudge.ms], [40, 40]);
  }
});

test("outside of browsers it holds as long as the program", async () => {
  const nudge = await Nudge.here();
  nudge.set(40);
  assert.equal(nudge.ms, 40);
});

test("it is bounded, whatever is wished or was kept", () => {
  const nudges = new Nudges(null);
  for (const [wished, ms] of [
    [700, NUDGE_MS_MAX],
    [-1e9, -NUDGE_MS_MAX],
    [12.6, 13],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, NUDGE_MS_MAX],
  ] as const) {
    nudges.set("a", wished);
    assert.equal(nudges.of("a"), ms);
  }
  for (const kept of ["", "{", "null", "[1]", '[["a"]]', '[["a","b"]]', '{"a":1}']) {
    assert.equal(new Nudges(kept).of("a"), 0);
  }
  assert.equal(new Nudges('[["a",1e9]]').of("a"), NUDGE_MS_MAX);
  const many = new Nudges(JSON.stringify(Array.from({ length: 50 }, (_, n) => [`o${n}`, n])));
  many.set("x".repeat(10_000), 5);
  const kept: [string, number][] = JSON.parse(many.text);
  assert.equal(kept.length, OUTPUTS_MAX);
  assert.deepEqual(kept.at(-1), ["x".repeat(200), 5]);
});
