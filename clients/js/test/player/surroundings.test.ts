/** What a place lacks, for places that the test makes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { lack } from "../../src/player/lacks.js";
import { type Place, surroundings } from "../../src/player/surroundings.js";

class Audio {
  readonly outputLatency = 0;
}
Object.assign(Audio.prototype, { outputLatency: 0, getOutputTimestamp: () => ({}) });

const WHOLE: Place = {
  isSecureContext: true,
  crossOriginIsolated: true,
  Worker: class {},
  AudioContext: Audio,
  navigator: { locks: {}, wakeLock: {}, serviceWorker: {} },
  localStorage: {},
};

function codes(...given: Parameters<typeof surroundings>): string[] {
  return surroundings(...given).lacks.map(({ code }) => code);
}

test("where everything is there is nothing to say", () => {
  assert.deepEqual(surroundings(null, WHOLE), { isSecure: true, isIsolated: true, lacks: [] });
});

test("a page on plain http in a LAN says what it does without, the weightiest first", () => {
  const lan = { ...WHOLE, isSecureContext: false, crossOriginIsolated: false, navigator: {} };
  assert.deepEqual(codes(null, lan), [
    "no_secure_context",
    "no_wake_lock",
    "no_isolation",
    "no_web_locks",
    "no_service_worker",
  ]);
  for (const { message } of surroundings(null, lan).lacks) {
    assert.match(message, /^[A-Z].*[.]$/);
  }
});

test("each thing that is missing has its code", () => {
  const { Worker: _, ...unworked } = WHOLE;
  const { AudioContext: __, ...mute } = WHOLE;
  assert.deepEqual(codes(null, unworked), ["no_worker"]);
  assert.deepEqual(codes(null, mute), ["no_web_audio"]);
  assert.deepEqual(codes(null, { ...WHOLE, AudioContext: class {} }), [
    "no_output_latency",
    "no_output_timestamp",
  ]);
  const denied = Object.defineProperty({ ...WHOLE }, "localStorage", {
    get: () => {
      throw new DOMException("Denied.", "SecurityError");
    },
  });
  assert.deepEqual(codes(null, denied), ["no_storage"]);
});

test("a worker that did not start says so itself", () => {
  assert.deepEqual(codes({ lack: null }, WHOLE), []);
  const lan = { ...WHOLE, isSecureContext: false, navigator: { locks: {}, serviceWorker: {} } };
  assert.deepEqual(codes({ lack: lack("worker_failed") }, lan), [
    "no_secure_context",
    "worker_failed",
    "no_wake_lock",
  ]);
});

test("outside of browsers nearly everything is missing, and nothing fails", () => {
  assert.ok(codes(null, {}).includes("no_web_audio"));
  assert.ok(codes().includes("no_web_audio"));
});
