/**
 * HTTP with `fetch`, which browsers and Node have.
 *
 * Knows requests, answers and refusals, and how much an answer may have. Does not know what they are about, nor
 * where tokens come from.
 */

import { RequestRefused, Unreachable } from "./errors.js";
import { isMap } from "./ot/value.js";
import { deviceTimer } from "./waits.js";
import { concatenated } from "./wire/encoding.js";
import type { Body } from "./wire/messages.js";

export const TIMEOUT_MS = 10_000;
/** A file goes over a phone's slow way up. */
export const FILE_TIMEOUT_MS = 90_000;
/** What an answer may have: a full playlist as it was, entry by entry. */
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
export const REFUSAL_BYTES_MAX = 64 * 1024;

/** `body` is decoded JSON. `serverMs` is the server's wall time when it answered: ours may be wrong. */
export interface Answer {
  readonly body: unknown;
  readonly serverMs: number;
}

/** A request; `token` proves who asks, `signal` says that nobody wants to know any more. */
export interface Question {
  readonly method: string;
  readonly url: string;
  readonly body?: Body | undefined;
  /** Sent instead of a body of ours, as it is. */
  readonly file?: Blob | undefined;
  readonly token?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One request and its answer. Rejects with RequestRefused if the server says no, Unreachable if it cannot be reached
 * now, and with the signal's reason.
 */
export async function ask(question: Question): Promise<Answer> {
  const { content, serverMs } = await read(question);
  try {
    return { body: JSON.parse(new TextDecoder().decode(content)), serverMs };
  } catch (error) {
    throw unreachable(question, error);
  }
}

/** What stands at a URL, as it is. Rejects as `ask`. */
export async function fetchBytes(url: string, token = "", method = "GET", body?: Body): Promise<Uint8Array> {
  return (await read({ method, url, token, body })).content;
}

/**
 * The answer to GET, as it begins to arrive; its body is read by who asked, in whose hands `signal` is. Rejects as
 * `ask`.
 */
export async function openStream(
  url: string,
  token: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  let response: Response;
  let refusal: Uint8Array;
  try {
    const sent = { ...headers, authorization: `Bearer ${token}` };
    response = await fetch(url, { headers: sent, signal, redirect: "error", credentials: "omit" });
    if (response.ok) {
      return response;
    }
    refusal = await bounded(response, REFUSAL_BYTES_MAX);
  } catch (error) {
    throw unreachable({ method: "GET", url }, error);
  }
  throw refusalOf(response.status, refusal);
}

async function read(question: Question): Promise<{ content: Uint8Array; serverMs: number }> {
  const { method, url, body, file, token, signal } = question;
  signal?.throwIfAborted();
  const headers: Record<string, string> = {};
  if (token) {
    headers["authorization"] = `Bearer ${token}`;
  }
  if (body !== undefined) {
    headers["content-type"] = "application/json";
  } else if (file !== undefined) {
    headers["content-type"] = "application/octet-stream";
  }
  let response: Response;
  let content: Uint8Array;
  const over = new AbortController();
  const end = () => over.abort();
  const timeoutMs = file === undefined ? TIMEOUT_MS : FILE_TIMEOUT_MS;
  const unwind = deviceTimer(timeoutMs, () => over.abort(new Error(`no answer in ${timeoutMs / 1000} s`)));
  signal?.addEventListener("abort", end);
  try {
    const init: RequestInit = {
      ...{ method, headers, signal: over.signal },
      ...{ redirect: "error", credentials: "omit" },
    };
    const sent = body === undefined ? file : JSON.stringify(body);
    response = await fetch(url, sent === undefined ? init : { ...init, body: sent });
    content = await bounded(response, response.ok ? ANSWER_BYTES_MAX : REFUSAL_BYTES_MAX);
  } catch (error) {
    signal?.throwIfAborted();
    throw unreachable(question, error);
  } finally {
    unwind();
    signal?.removeEventListener("abort", end);
  }
  if (!response.ok) {
    throw refusalOf(response.status, content);
  }
  return { content, serverMs: Date.parse(response.headers.get("date") ?? "") || Date.now() };
}

/** The body, up to so many bytes; rejects if it has more. */
async function bounded(response: Response, bytesMax: number): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) {
      break;
    }
    size += value.length;
    if (size > bytesMax) {
      await reader.cancel();
      throw new RangeError(`The answer has more than ${bytesMax} bytes.`);
    }
    pieces.push(value);
  }
  return concatenated(pieces);
}

function unreachable({ url }: Question, error: unknown): Unreachable {
  const { message, cause } = error as Error;
  const because = cause instanceof Error ? `${message}: ${cause.message}` : message;
  return new Unreachable("unreachable", `${url}: ${because}`);
}

function refusalOf(status: number, content: Uint8Array): RequestRefused {
  const refusal = errorIn(content);
  if (refusal === null) {
    return new RequestRefused(status, "internal", `The server answered ${status}.`);
  }
  return new RequestRefused(status, refusal.code, refusal.message);
}

function errorIn(content: Uint8Array): { code: string; message: string } | null {
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(content));
    const error = isMap(body) ? body["error"] : null;
    if (!isMap(error) || typeof error["code"] !== "string" || typeof error["message"] !== "string") {
      return null;
    }
    return { code: error["code"], message: error["message"] };
  } catch {
    return null;
  }
}
