/**
 * Requests in somebody's name: HTTP with their token.
 *
 * A token that the server calls old is replaced once, if there is where to get another from. That is the only request
 * that is made twice without being asked for, and it has a budget: should a server call every token old, it hears a
 * tenth more than on good days, and so does its issuer. Whatever else fails is the caller's to try again. Knows tokens
 * and the shape that an answer should have. Does not know what is asked.
 */

import { DEVICE, nowMs } from "./clock.js";
import { RequestRefused, Unreachable } from "./errors.js";
import { ask, fetchBytes, openStream } from "./http.js";
import { RetryBudget, type Thrift } from "./retry-budget.js";
import { Misfit, type Shape } from "./shape.js";
import type { TokenSource } from "./tokens.js";
import type { Body } from "./wire/messages.js";

const STALE: readonly string[] = ["token_expired", "token_invalid"];
/** Besides the tenth: a program that asks once in a while finds its token old each time. */
const THRIFT: Thrift = { share: 0.1, perS: 0.1, most: 10, first: 1 };

/** What is asked beside the path. `signal` says that nobody wants to know any more. */
export interface Asked {
  readonly query?: { readonly [name: string]: number | string };
  readonly body?: Body;
  readonly file?: Blob;
  readonly signal?: AbortSignal | undefined;
}

/** Everything rejects with RequestRefused and Unreachable, and with the reason of a signal that was given. */
export class Asker {
  readonly #url: string;
  readonly #tokens: TokenSource;
  readonly #now: () => number;
  readonly #retries: RetryBudget;

  /** `now` never steps back and counts ms. */
  constructor(url: string, tokens: TokenSource, now: () => number = () => nowMs(DEVICE)) {
    this.#url = url;
    this.#tokens = tokens;
    this.#now = now;
    this.#retries = new RetryBudget(THRIFT, now());
  }

  /** The answer of what stands at `path` below the URL. An answer of another shape is as good as none. */
  async ask<T>(method: string, path: string, shape: Shape<T>, asked: Asked = {}): Promise<T> {
    const { query = {}, body, file, signal } = asked;
    const names = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const url = `${this.#url}/${path}${names.length > 0 ? `?${names.join("&")}` : ""}`;
    const answer = await this.#withToken(token => ask({ method, url, body, file, token, signal }));
    try {
      return shape(answer.body);
    } catch (error) {
      throw error instanceof Misfit ? new Unreachable("unreachable", `${url}: ${error.message}`) : error;
    }
  }

  /** Asks for something that is only done, or refused. */
  async do(method: string, path: string, body?: Body): Promise<void> {
    await this.#withToken(token => fetchBytes(`${this.#url}/${path}`, token, method, body));
  }

  /** What stands at `path` below the URL, as it is. */
  fetch(path: string): Promise<Uint8Array> {
    return this.#withToken(token => fetchBytes(`${this.#url}/${path}`, token));
  }

  /** The same as it begins to arrive; its body is read by who asked, until `signal` says otherwise. */
  stream(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
    return this.#withToken(token => openStream(`${this.#url}/${path}`, token, headers, signal));
  }

  async #withToken<T>(request: (token: string) => Promise<T>): Promise<T> {
    this.#retries.asked();
    const token = this.#tokens.token || (await this.#tokens.renewed());
    try {
      return await request(token);
    } catch (error) {
      const isStale = error instanceof RequestRefused && STALE.includes(error.code);
      if (!(isStale && this.#tokens.canRenew && this.#retries.take(this.#now()))) {
        throw error;
      }
      return request(await this.#tokens.renewed());
    }
  }
}
