/**
 * What this place gives a player, and what it withholds.
 *
 * A page on plain http in somebody's LAN has no wake lock, no Web Locks, no service worker and coarser clocks; a
 * browser may have no idea when its sound leaves it. Everything works without all that, a little less well, and a page
 * may say so once: each lack has a stable code and a sentence. Knows names of features. Does not know what is done
 * without them.
 */

import { type Lack, type LackCode, lack } from "./lacks.js";

/** What is looked at of a page's global scope; anything may be missing. */
export interface Place {
  readonly isSecureContext?: boolean;
  readonly crossOriginIsolated?: boolean;
  readonly Worker?: unknown;
  readonly AudioContext?: { readonly prototype: object };
  readonly navigator?: object;
  readonly localStorage?: unknown;
}

/** What is here and what is not, the weightiest first. */
export interface Surroundings {
  /** Whether the browser trusts the way the page came: https, or this machine itself. */
  readonly isSecure: boolean;
  /** Whether the page's clock is as fine as there is (5 µs instead of 100). */
  readonly isIsolated: boolean;
  readonly lacks: readonly Lack[];
}

/** What stands for a worker that does not work; a `PageWorker` says it. */
export interface Lacking {
  readonly lack: Lack | null;
}

/** Looks around. `worker` knows whether it started. */
export function surroundings(
  worker: Lacking | null = null,
  place: Place = globalThis as Place,
): Surroundings {
  const isSecure = place.isSecureContext === true;
  const isIsolated = place.crossOriginIsolated === true;
  const audio = place.AudioContext?.prototype;
  const has = (name: string) => name in (place.navigator ?? {});
  const missing: [LackCode, boolean][] = [
    ["no_web_audio", audio === undefined],
    ["no_secure_context", !isSecure],
    [worker?.lack?.code ?? "no_worker", worker === null ? place.Worker === undefined : worker.lack !== null],
    ["no_output_latency", audio !== undefined && !("outputLatency" in audio)],
    ["no_output_timestamp", audio !== undefined && !("getOutputTimestamp" in audio)],
    ["no_wake_lock", !has("wakeLock")],
    ["no_isolation", !isIsolated],
    ["no_storage", !hasStorage(place)],
    ["no_web_locks", !has("locks")],
    ["no_service_worker", !has("serviceWorker")],
  ];
  const lacks = missing.filter(([, isMissing]) => isMissing).map(([code]) => lack(code));
  return { isSecure, isIsolated, lacks };
}

function hasStorage(place: Place): boolean {
  try {
    return Boolean(place.localStorage);
  } catch {
    // Denied: even looking at it throws.
    return false;
  }
}
