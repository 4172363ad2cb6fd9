/**
 * Who this browser is, for all of its tabs.
 *
 *     const me = BrowserGuest.current(url) ?? (await BrowserGuest.become(url, "Ada"));
 *     const tutti = await connect(url, { token: me.token, offline: browserStore(me.userId) });
 *
 * Refresh tokens are good once, so tabs must not use one twice: whoever needs a new token takes the browser's lock,
 * looks whether another tab has brought one meanwhile, and only then asks. Without Web Locks (plain http) a word in
 * the shared storage does for a lock: two tabs that write it at one moment both look again before they go on. Where
 * storage is denied this tab is somebody as long as it lives, and `isKept` says so.
 *
 * Knows one person for each server. Guests of other places, as in Node, are `guest`'s.
 */

import { RequestRefused } from "./errors.js";
import { askSession, MARGIN_MS, type Session } from "./guest.js";
import { ask } from "./http.js";
import { count, type Of, record, text, whole } from "./shape.js";
import { httpUrl } from "./urls.js";
import { paused } from "./waits.js";
import type { Body } from "./wire/messages.js";

const KEPT = record({
  userId: text,
  name: text,
  refreshToken: text,
  token: text,
  /** Between these two the token is good, by the device's wall clock; before the first somebody has set it back. */
  sinceMs: whole,
  untilMs: count,
});
type Kept = Of<typeof KEPT>;

/** After writing its word a tab looks again when another that wrote at the same moment has written, too. */
const LOOK_AGAIN_MS = 60;
/** Longer than an exchange may take; a tab that died with its word there holds nobody up for longer. */
const WORD_LIFE_MS = 15_000;

/** See the module. */
export class BrowserGuest {
  readonly #url: string;
  readonly #place: Place;
  #kept: Kept;

  private constructor(url: string, place: Place, kept: Kept) {
    this.#url = url;
    this.#place = place;
    this.#kept = kept;
  }

  /** Whoever this browser was last on that server; null: nobody yet, or not any more. Throws CallerError. */
  static current(url: string): BrowserGuest | null {
    const place = new Place(httpUrl(url));
    const kept = place.read();
    return kept === null ? null : new BrowserGuest(httpUrl(url), place, kept);
  }

  /** A new person, and what `guest` rejects with. Whoever the browser was before is forgotten. */
  static become(url: string, name: string): Promise<BrowserGuest> {
    return BrowserGuest.#begin(url, "v1/guest", { name });
  }

  /**
   * Whoever made this code on another device, however it is typed (see `Library.deviceLink`). Rejects with
   * RequestRefused: `key_invalid` for whatever opens nothing, `rate_limited` after too many of these; Unreachable.
   */
  static link(url: string, code: string): Promise<BrowserGuest> {
    return BrowserGuest.#begin(url, "v1/guest/link", { code });
  }

  static async #begin(url: string, path: string, body: Body): Promise<BrowserGuest> {
    const server = httpUrl(url);
    const place = new Place(server);
    const kept = keptOf(await askSession(`${server}/${path}`, body));
    place.write(kept);
    return new BrowserGuest(server, place, kept);
  }

  get userId(): string {
    return this.#kept.userId;
  }

  get name(): string {
    return this.#kept.name;
  }

  /** Whether the browser will know us again. */
  get isKept(): boolean {
    return this.#place.isOpen;
  }

  /**
   * A token that is good for a while, for `connect`. Rejects with RequestRefused (`token_invalid`, `token_expired`)
   * if this browser is nobody any more, Unreachable if the server cannot be reached now.
   */
  readonly token = async (): Promise<string> => {
    this.#look();
    if (!isGood(this.#kept)) {
      await this.#place.alone(async () => {
        this.#look();
        if (!isGood(this.#kept)) {
          const body = { refresh_token: this.#kept.refreshToken };
          this.#kept = keptOf(await askSession(`${this.#url}/v1/token`, body));
          this.#place.write(this.#kept);
        }
      });
    }
    return this.#kept.token;
  };

  /** This browser is nobody any more, on the server too if it can be reached. */
  async forget(): Promise<void> {
    this.#look();
    this.#place.clear();
    const body = { refresh_token: this.#kept.refreshToken };
    await ask({ method: "POST", url: `${this.#url}/v1/token/revoke`, body }).catch(() => undefined);
  }

  /** Another tab may have brought something newer; somebody else than we are is another page's business. */
  #look(): void {
    const kept = this.#place.read();
    if (kept !== null && kept.userId === this.#kept.userId) {
      this.#kept = kept;
    } else if (this.#place.isOpen) {
      throw new RequestRefused(401, "token_invalid", "This browser has been somebody else since, or nobody.");
    }
  }
}

function keptOf({ lifeMs, ...session }: Session): Kept {
  const sinceMs = Date.now();
  return { ...session, sinceMs, untilMs: Math.max(0, sinceMs + lifeMs - MARGIN_MS) };
}

function isGood({ sinceMs, untilMs }: Kept): boolean {
  const nowMs = Date.now();
  return sinceMs <= nowMs && nowMs < untilMs;
}

/** Where it stands, for one server. */
class Place {
  readonly #name: string;
  isOpen: boolean;

  constructor(server: string) {
    this.#name = `tutti:guest:${server}`;
    this.isOpen = this.#canWrite();
  }

  read(): Kept | null {
    try {
      const written = localStorage.getItem(this.#name);
      return written === null ? null : KEPT(JSON.parse(written));
    } catch {
      // Denied, or written by something else: then this browser is nobody yet.
      return null;
    }
  }

  write(kept: Kept): void {
    try {
      localStorage.setItem(this.#name, JSON.stringify(kept));
    } catch {
      this.isOpen = false;
    }
  }

  clear(): void {
    try {
      localStorage.removeItem(this.#name);
    } catch {
      this.isOpen = false;
    }
  }

  /** Runs while no other tab does. */
  async alone(work: () => Promise<void>): Promise<void> {
    if (navigator.locks !== undefined) {
      await navigator.locks.request(this.#name, work);
    } else if (this.isOpen) {
      await this.#byWord(work);
    } else {
      await work();
    }
  }

  async #byWord(work: () => Promise<void>): Promise<void> {
    const name = `${this.#name}:busy`;
    const owner = String(Math.random());
    for (;;) {
      const [who, untilMs] = wordIn(localStorage.getItem(name));
      if (who === owner) {
        break;
      }
      if (who === "" || untilMs <= Date.now() || untilMs > Date.now() + WORD_LIFE_MS) {
        localStorage.setItem(name, `${owner} ${Date.now() + WORD_LIFE_MS}`);
      }
      await paused(LOOK_AGAIN_MS);
    }
    try {
      await work();
    } finally {
      localStorage.removeItem(name);
    }
  }

  #canWrite(): boolean {
    try {
      localStorage.setItem(`${this.#name}:try`, "");
      localStorage.removeItem(`${this.#name}:try`);
      return true;
    } catch {
      return false;
    }
  }
}

function wordIn(written: string | null): [owner: string, untilMs: number] {
  const [owner = "", untilMs = "0"] = (written ?? "").split(" ");
  return [owner, Number(untilMs)];
}
