/**
 * Where a server is.
 *
 * One URL, of either scheme, names a server; sockets and requests each have theirs from it. Knows URLs. Does not know
 * what is said there.
 */

import { CallerError } from "./errors.js";

const SCHEMES = new Map([
  ["ws:", "http:"],
  ["wss:", "https:"],
  ["http:", "http:"],
  ["https:", "https:"],
]);

/**
 * The socket's URL for a server's (`http`, `https`, `ws` or `wss`). With a `document` the URL names it, so that a
 * balancer can send everybody who has it open to one node. Throws CallerError.
 */
export function socketUrl(url: string, document = ""): string {
  const { protocol, host, pathname } = parsedUrl(url);
  const scheme = protocol === "https:" || protocol === "wss:" ? "wss" : "ws";
  const query = document === "" ? "" : `?document=${document}`;
  return `${scheme}://${host}${pathname.replace(/\/+$/, "")}/v1/socket${query}`;
}

/** The server's URL for HTTP, without a slash at its end. Throws CallerError for what is no URL. */
export function httpUrl(url: string): string {
  const parsed = parsedUrl(url);
  return `${SCHEMES.get(parsed.protocol)}//${parsed.host}${parsed.pathname.replace(/\/+$/, "")}`;
}

/** Throws CallerError for what is no URL of a server. */
function parsedUrl(url: string): URL {
  try {
    const parsed = new URL(url);
    // `new URL` mends what it can, `https:/x` for example; what has no host is no address of a server.
    if (SCHEMES.has(parsed.protocol) && /^\w+:\/\/[^/?#]/.test(url)) {
      return parsed;
    }
  } catch {
    // Said below.
  }
  throw new CallerError(`'${url}' is not the URL of a server, such as https://tutti.example.com.`);
}
