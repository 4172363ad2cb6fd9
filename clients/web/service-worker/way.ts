/**
 * Where the answer to a page's question comes from.
 *
 * `page`: the server, and what is kept of the app if it does not answer. `kept`: what is kept, for names that never
 * mean anything else. `server`: as if there was no worker. Knows addresses. Does not know caches.
 */

export type Way = "page" | "kept" | "server";

/** Of a request. */
export interface Asked {
  readonly method: string;
  readonly mode: string;
  readonly url: string;
}

/** What only the server can say: everybody's music and lists, and how it is. */
const SERVERS_OWN = /^\/(v1|healthz|readyz|metrics)(\/|$)/;
/** Have a hash of what they hold in their names. */
const ASSETS = "/assets/";

/** `origin` is ours; `files` are the paths without a hash that are kept, such as icons. */
export function wayOf({ method, mode, url }: Asked, origin: string, files: ReadonlySet<string>): Way {
  const { origin: askedOf, pathname } = new URL(url);
  if (method !== "GET" || askedOf !== origin || SERVERS_OWN.test(pathname)) {
    return "server";
  }
  if (mode === "navigate") {
    return "page";
  }
  return pathname.startsWith(ASSETS) || files.has(pathname) ? "kept" : "server";
}

/** The paths of scripts and styles that a document names. */
export function namedIn(html: string): string[] {
  return [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path as string);
}

/** The names of caches that are not needed any more: all of ours but this build's and the one before it, whose pages
 * may still be open. `names` come the oldest first. */
export function outlived(names: readonly string[], prefix: string, own: string): string[] {
  const others = names.filter(name => name.startsWith(prefix) && name !== own);
  return others.slice(0, -1);
}
