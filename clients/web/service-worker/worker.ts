/// <reference lib="webworker" />
/**
 * The app without a server: opened from what this browser kept of it when it was here last.
 *
 * A page is asked of the server first, so a new build is shown by the next load, and nobody sees an old one for longer.
 * Only if no answer comes is the kept one shown. What has its hash in its name is kept for good; nothing under /v1 is
 * ever kept or even seen. A new worker takes over at once, and the build before stays for pages that are still open.
 *
 * `service-worker/build.ts` fills in what is kept, and puts this at /sw.js.
 */

import { namedIn, outlived, wayOf } from "./way.js";

declare const self: ServiceWorkerGlobalScope;

/** The paths that make the app, and a hash of them all: set by the build. */
declare const __BUILD__: { readonly version: string; readonly paths: readonly string[] };

const PREFIX = "tutti-app-";
const OURS = PREFIX + __BUILD__.version;
/** The one document that every page is. */
const INDEX = "/";
/** A phone that has lost its network may wait for a minute to be told so. */
const PATIENCE_MS = 3_000;
/** What a balancer says for a server that is away. */
const AWAY: readonly number[] = [502, 503, 504];

/** Files are the same for whoever asks. */
const SAME = { ignoreVary: true } as const;

const files = new Set(__BUILD__.paths);

self.addEventListener("install", event => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", event => {
  event.waitUntil(tidy().then(() => self.clients.claim()));
});

self.addEventListener("fetch", event => {
  switch (wayOf(event.request, self.location.origin, files)) {
    case "page":
      event.respondWith(page(event.request));
      break;
    case "kept":
      event.respondWith(kept(event.request));
      break;
    case "server":
      break;
  }
});

/** All of the build or nothing: half of an app opens nothing. */
async function keep(): Promise<void> {
  const cache = await caches.open(OURS);
  const index = await fetch(INDEX, { headers: { accept: "text/html" }, cache: "no-cache" });
  const named = namedIn(await index.clone().text());
  // A server that changes builds this moment may show the page of another one.
  if (!index.ok || named.length === 0 || !named.every(path => files.has(path))) {
    throw new Error(`The page at ${INDEX} is not of this build.`);
  }
  await Promise.all([cache.put(INDEX, index), cache.addAll([...files])]);
}

async function tidy(): Promise<void> {
  const gone = outlived(await caches.keys(), PREFIX, OURS);
  await Promise.all(gone.map(name => caches.delete(name)));
}

async function page(request: Request): Promise<Response> {
  const index = await caches.match(INDEX, { cacheName: OURS });
  if (index === undefined) {
    return fetch(request);
  }
  // An answer that comes too late, or never, is no fault then.
  const answer = fetch(request).then(
    response => (AWAY.includes(response.status) ? index : response),
    () => index,
  );
  const tooLate = new Promise<Response>(resolve => {
    setTimeout(resolve, PATIENCE_MS, index);
  });
  return Promise.race([answer, tooLate]);
}

async function kept(request: Request): Promise<Response> {
  const found =
    (await caches.match(request, { cacheName: OURS, ...SAME })) ?? (await caches.match(request, SAME));
  if (found !== undefined) {
    return found;
  }
  const response = await fetch(request);
  if (response.status === 200) {
    const cache = await caches.open(OURS);
    await cache.put(request, response.clone());
  }
  return response;
}
