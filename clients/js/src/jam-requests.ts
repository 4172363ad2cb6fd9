/**
 * What is asked of a Jam over HTTP: to make one, to come in, its keys, and to look back on it.
 *
 * Knows paths and the shapes of answers. Does not know rooms: what happens in a Jam comes over the socket.
 */

import { Asker } from "./asker.js";
import { RequestRefused } from "./errors.js";
import { RECAP, type Recap } from "./jam/recap.js";
import type { Entry } from "./ot/value.js";
import { flag, type Of, orNull, record, text, whole } from "./shape.js";
import type { TokenSource } from "./tokens.js";
import { httpUrl } from "./urls.js";
import { isId } from "./wire/ids.js";
import type { Body } from "./wire/messages.js";

export const INVITE_LIFE_S = 7 * 24 * 60 * 60;

const JOIN_CODE = record({ code: text, url: text, expires_at: whole });
/**
 * `code` as it is read aloud, `url` where a browser goes with it; good until `expires_at` (server's wall time, ms),
 * or until the door's keys are changed.
 */
export type JoinCode = Of<typeof JOIN_CODE>;

const JAM_INVITE = record({ id: text, role: text, secret: text, expires_at: whole });
/** An invite link's `secret`, which is shown once, and the `id` by which it is revoked. */
export type JamInvite = Of<typeof JAM_INVITE>;

const SAVED = record({ playlist: text, version: whole, songs: whole });
/** The playlist that a Jam's songs were saved as, and how many they are. */
export type Saved = Of<typeof SAVED>;

const MADE = record({ id: text });
const KNOCK = record({ waits: flag });
const ADMISSION = record({ jam: text, role: orNull(text) });

/** Everything rejects with RequestRefused and Unreachable. */
export class JamRequests {
  readonly #asker: Asker;

  constructor(url: string, tokens: TokenSource) {
    this.#asker = new Asker(`${httpUrl(url)}/v1`, tokens);
  }

  /** A new Jam with these settings, by name; gives its id. */
  async create(playlist: string | null, settings: Entry): Promise<string> {
    const body = playlist === null ? { settings } : { settings, playlist };
    return (await this.#asker.ask("POST", "jams", MADE, { body })).id;
  }

  /**
   * The id of the Jam that a code, or a link, opens, and our role there; null if the host has to let us in first.
   */
  join(key: string): Promise<Of<typeof ADMISSION>> {
    return this.#asker.ask("POST", "jams/join", ADMISSION, { body: keyIn(key) });
  }

  /** Whether we are in the Jam. */
  async isMember(jam: string): Promise<boolean> {
    try {
      await this.#asker.ask("GET", pathOf(jam), MADE);
      return true;
    } catch (error) {
      if (error instanceof RequestRefused && error.code === "not_found") {
        return false;
      }
      throw error;
    }
  }

  /** Whether we knocked at the Jam's door and the host has not answered yet. */
  async waits(jam: string): Promise<boolean> {
    try {
      return (await this.#asker.ask("GET", pathOf(jam, "knock"), KNOCK)).waits;
    } catch (error) {
      // A server of version 0.1 does not say.
      if (error instanceof RequestRefused && error.code === "not_found") {
        return true;
      }
      throw error;
    }
  }

  /** The code that opens the Jam now. */
  code(jam: string): Promise<JoinCode> {
    return this.#asker.ask("GET", pathOf(jam, "code"), JOIN_CODE);
  }

  /** A new code; the old one and all invite links open nothing any more. */
  rotate(jam: string): Promise<JoinCode> {
    return this.#asker.ask("POST", pathOf(jam, "code"), JOIN_CODE);
  }

  invite(jam: string, role: string, expiresInS: number): Promise<JamInvite> {
    const body = { role, expires_in_s: expiresInS };
    return this.#asker.ask("POST", pathOf(jam, "invites"), JAM_INVITE, { body });
  }

  /** The code's address as a QR symbol, an SVG document. */
  async qr(jam: string): Promise<string> {
    return new TextDecoder().decode(await this.#asker.fetch(pathOf(jam, "qr.svg")));
  }

  recap(jam: string): Promise<Recap> {
    return this.#asker.ask("GET", pathOf(jam, "recap"), RECAP);
  }

  /** The evening as a picture, an SVG document of 1200 × 630. */
  async recapPicture(jam: string): Promise<string> {
    return new TextDecoder().decode(await this.#asker.fetch(pathOf(jam, "recap.svg")));
  }

  save(jam: string, name?: string): Promise<Saved> {
    const body = name === undefined ? {} : { name };
    return this.#asker.ask("POST", pathOf(jam, "playlist"), SAVED, { body });
  }
}

/**
 * The key in what somebody typed or scanned: a code however it is written, a link to it (`…/j/K7QX2MBD`), an
 * invite's secret, or a link that ends with it, in its path or behind `#`.
 */
export function keyIn(text: string): Body {
  const typed = text.trim();
  const key = /^[a-z][\w+.-]*:\/\/[^/]/i.test(typed) ? lastPart(typed) : typed;
  return isId(key) ? { invite: key } : { code: key };
}

function lastPart(link: string): string {
  try {
    const { hash, pathname } = new URL(link);
    return decodeURIComponent(hash.slice(1) || pathname.replace(/\/+$/, "").split("/").at(-1) || "");
  } catch {
    return link;
  }
}

function pathOf(jam: string, what = ""): string {
  const path = `jams/${encodeURIComponent(jam)}`;
  return what ? `${path}/${what}` : path;
}
