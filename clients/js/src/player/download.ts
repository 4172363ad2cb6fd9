/**
 * A song of the server's catalogue, fetched.
 *
 * A download that is torn goes on where it was torn, as long as the file is the same. Knows HTTP ranges, and which
 * answers mean that there is nothing to fetch. Does not know what a file sounds like.
 */

import { RequestRefused } from "../errors.js";
import { Unplayable } from "./problems.js";

/** As large as half a day of music, or an hour without loss; a phone has no more to spare. */
export const SONG_BYTES_MAX = 256 * 1024 * 1024;
/** No byte for so long: the way is gone, another attempt may find one. */
export const STILL_MS_MAX = 15_000;

const TRACK = /^tutti:track:([0-9A-Za-z]{22})$/;
const GONE: readonly number[] = [404, 410];
const DENIED: readonly number[] = [400, 403];
/** The file is shorter than what we have of it: it is another one. */
const BEYOND = 416;

/** What gives an answer of the server as it begins to arrive; a `Tutti` does. */
export interface Streams {
  stream(path: string, signal: AbortSignal, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

/** One song on its way. */
export class Download {
  readonly #server: Streams;
  readonly #path: string;
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;
  #tag = "";

  /** Throws Unplayable if the URI is none of the catalogue's. */
  constructor(server: Streams, track: string) {
    const id = TRACK.exec(track)?.[1];
    if (id === undefined) {
      throw new Unplayable("not_here");
    }
    this.#server = server;
    this.#path = `audio/${id}`;
  }

  /** What has arrived by now. */
  get bytes(): number {
    return this.#size;
  }

  /**
   * All of it. Rejects with Unplayable if it is gone or too large; with anything else it may be asked again, and goes
   * on where it was.
   */
  async read(over: AbortSignal): Promise<Blob> {
    const still = new AbortController();
    const giveUp = () => still.abort();
    let timer = setTimeout(giveUp, STILL_MS_MAX);
    over.addEventListener("abort", giveUp);
    try {
      const response = await this.#open(still.signal);
      const reader = response.body!.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, STILL_MS_MAX);
        this.#take(next.value);
      }
      return this.#whole(response);
    } finally {
      clearTimeout(timer);
      over.removeEventListener("abort", giveUp);
      still.abort();
    }
  }

  async #open(signal: AbortSignal): Promise<Response> {
    const resumes = this.#size > 0 && this.#tag !== "";
    const headers = resumes ? { range: `bytes=${this.#size}-`, "if-range": this.#tag } : {};
    let response: Response;
    try {
      response = await this.#server.stream(this.#path, signal, headers);
    } catch (error) {
      throw this.#meaning(error);
    }
    if (response.status !== 206) {
      this.#forget();
    }
    this.#tag = response.headers.get("etag") ?? "";
    return response;
  }

  #meaning(error: unknown): unknown {
    if (!(error instanceof RequestRefused)) {
      return error;
    }
    if (GONE.includes(error.status)) {
      return new Unplayable("file_gone");
    }
    if (DENIED.includes(error.status)) {
      return new Unplayable("denied");
    }
    if (error.status === BEYOND) {
      this.#forget();
    }
    return error;
  }

  #take(piece: Uint8Array<ArrayBuffer>): void {
    this.#size += piece.length;
    if (this.#size > SONG_BYTES_MAX) {
      throw new Unplayable("too_large");
    }
    this.#pieces.push(piece);
  }

  #whole(response: Response): Blob {
    const type = response.headers.get("content-type") ?? "";
    const whole = new Blob(this.#pieces, { type });
    this.#forget();
    return whole;
  }

  #forget(): void {
    this.#pieces = [];
    this.#size = 0;
  }
}
