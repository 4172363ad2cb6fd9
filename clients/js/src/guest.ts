/**
 * A person who only says a name.
 *
 * Becomes a guest over HTTP and keeps the token fresh: `guest.token` is what `connect` takes as `token`. Each refresh
 * token buys one token and the next refresh token; using one twice looks like theft and shuts the device out. So one
 * exchange is under way at a time, and who wants to come back later keeps the newest one.
 */

import { DEVICE } from "./clock.js";
import { Unreachable } from "./errors.js";
import { ask } from "./http.js";
import { Misfit, record, text, whole } from "./shape.js";
import { httpUrl } from "./urls.js";
import type { Body } from "./wire/messages.js";

/**
 * A token with less than this to go is renewed before it is used. The server asks for a new one a minute before the
 * end: by then this must be so, whatever the clocks round to.
 */
export const MARGIN_MS = 90_000;

const session = record({
  user: record({ id: text, name: text }),
  token: text,
  refresh_token: text,
  expires_at: whole,
});

/** Is given each new refresh token, to keep it where it survives. */
export type OnRotate = (refreshToken: string) => void;

/** See the module. `refreshToken` is a secret: who has it is this person. */
export class Guest {
  userId = "";
  name = "";
  refreshToken: string;
  readonly #url: string;
  readonly #onRotate: OnRotate;
  #token = "";
  #goodUntilMs = Number.NEGATIVE_INFINITY;
  #renewal: Promise<void> | null = null;

  /** A guest who comes back with the refresh token of last time. Throws CallerError for what is no URL. */
  constructor(url: string, refreshToken: string, onRotate: OnRotate = () => undefined) {
    this.#url = httpUrl(url);
    this.refreshToken = refreshToken;
    this.#onRotate = onRotate;
  }

  /**
   * A token that is good for a while. Rejects with RequestRefused if the refresh token is not good (any more),
   * Unreachable if the server cannot be reached now.
   */
  readonly token = async (): Promise<string> => {
    if (DEVICE.monotonicMs() >= this.#goodUntilMs) {
      this.#renewal ??= this.#exchange("v1/token", { refresh_token: this.refreshToken }).finally(() => {
        this.#renewal = null;
      });
      await this.#renewal;
    }
    return this.#token;
  };

  /** Makes a new person; for `guest`. */
  become(name: string): Promise<void> {
    return this.#exchange("v1/guest", { name });
  }

  async #exchange(path: string, body: Body): Promise<void> {
    const { userId, name, token, refreshToken, lifeMs } = await askSession(`${this.#url}/${path}`, body);
    this.userId = userId;
    this.name = name;
    this.#token = token;
    this.refreshToken = refreshToken;
    this.#goodUntilMs = DEVICE.monotonicMs() + lifeMs - MARGIN_MS;
    this.#onRotate(refreshToken);
  }
}

/** What a device holds: a token for `lifeMs` from now, and the refresh token that buys the next. */
export interface Session {
  readonly userId: string;
  readonly name: string;
  readonly token: string;
  readonly refreshToken: string;
  readonly lifeMs: number;
}

/** Asks for one. Rejects with RequestRefused and Unreachable. */
export async function askSession(url: string, body: Body): Promise<Session> {
  const answer = await ask({ method: "POST", url, body });
  try {
    const { user, token, refresh_token, expires_at } = session(answer.body);
    const lifeMs = expires_at - answer.serverMs;
    return { userId: user.id, name: user.name, token, refreshToken: refresh_token, lifeMs };
  } catch (error) {
    throw error instanceof Misfit ? new Unreachable("unreachable", `${url}: ${error.message}`) : error;
  }
}

/**
 * A new person with this display name. Rejects with RequestRefused (`bad_request` for a name that nobody can have,
 * `rate_limited`), Unreachable, and CallerError for what is no URL.
 */
export async function guest(url: string, name: string, onRotate?: OnRotate): Promise<Guest> {
  const made = new Guest(url, "", onRotate);
  await made.become(name);
  return made;
}
