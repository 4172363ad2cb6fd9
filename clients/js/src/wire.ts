/**
 * One socket to a server.
 *
 * Turns messages into frames and frames into messages; what came in parts is put together, and each message of a frame
 * is handed over with the moment at which the frame came. Knows WebSockets and the codec. Does not know what a message
 * means, nor when to come back.
 */

import type { Clock } from "./clock.js";
import { CallerError, ConnectionRefused, Unreachable } from "./errors.js";
import { paused } from "./waits.js";
import {
  Assembler,
  type Decoded,
  decodeAssembled,
  decodeServer,
  encodeMessage,
  frames,
} from "./wire/codec.js";
import type { Encoding, Payload } from "./wire/encoding.js";
import { BadMessage } from "./wire/errors.js";
import type { ClientMessage, ServerMessage } from "./wire/messages.js";

export const CONNECT_TIMEOUT_MS = 10_000;
export const CLOSE_TIMEOUT_MS = 2_000;

/**
 * What is needed of a WebSocket: that of browsers has it, and those of Node and of the package `ws`. One that is
 * elsewhere says by `ageMs` of a `message` event how long ago its bytes came, and by `lateMs` how much later than it
 * was told to it sent what it was to send by `sendStamped` last.
 */
export interface SocketLike {
  binaryType: string;
  readonly protocol: string;
  send(data: Payload): void;
  sendStamped?(data: Payload): void;
  close(code?: number): void;
  addEventListener(type: string, listener: (event: object) => void): void;
  /** Some can also be cut off, when the other side does not answer to `close`. */
  terminate?(): void;
}

/** A class of sockets, such as `WebSocket`. */
export type SocketClass = new (url: string, protocols: string[]) => SocketLike;

/** The platform's own, or the one that is handed in. Throws CallerError if there is none. */
export function socketClass(given?: SocketClass): SocketClass {
  const platform = globalThis as { WebSocket?: SocketClass };
  const chosen = given ?? platform.WebSocket;
  if (chosen === undefined) {
    throw new CallerError(
      "There is no WebSocket here: give `connect` one, such as that of `ws`, as `webSocket`.",
    );
  }
  return chosen;
}

/**
 * The messages of one frame, in order, and when its bytes came. `lateMs`: by how much the last question left after it
 * was asked. `unknown` counts messages and fields that this version does not know.
 */
export interface Received {
  readonly messages: readonly ServerMessage[];
  readonly unknown: number;
  readonly cameMs: number;
  readonly lateMs: number;
}

/** Who is told what happens to a wire. */
export interface WireListener {
  received(received: Received): void;
  /** What came is no frame of ours; there is nothing to be had from this socket any more. */
  broken(error: BadMessage): void;
  closed(): void;
}

const NOTHING: Decoded = { messages: [], unknown: 0 };
const NOBODY: WireListener = { received: () => undefined, broken: () => undefined, closed: () => undefined };

/** How a wire is opened. `over` says that nobody wants it any more. */
export interface WireOptions {
  readonly socketClass: SocketClass;
  readonly encoding: Encoding;
  readonly clock: Clock;
  readonly over: AbortSignal;
}

/** See the module. Made by `open`; `listen` at once, `close` it in the end. */
export class Wire {
  /** Once it is closed. */
  closeCode = 1006;
  closeReason = "";
  #listener = NOBODY;
  #isClosed = false;
  readonly #closing = new AbortController();
  readonly #socket: SocketLike;
  readonly #encoding: Encoding;
  readonly #assembler = new Assembler();

  private constructor(socket: SocketLike, { encoding, clock }: WireOptions) {
    this.#socket = socket;
    this.#encoding = encoding;
    socket.addEventListener("message", event => {
      const nowMs = clock.monotonicMs();
      const { data, ageMs = 0, lateMs = 0 } = event as { data: unknown; ageMs?: number; lateMs?: number };
      this.#received(data, nowMs - ageMs, lateMs);
    });
    socket.addEventListener("close", event => {
      const { code, reason } = event as { code?: number; reason?: string };
      this.closeCode = code || 1006;
      this.closeReason = reason ?? "";
      this.#isClosed = true;
      this.#closing.abort();
      this.#listener.closed();
    });
  }

  /** Rejects with Unreachable, and with ConnectionRefused by a server that speaks another version. */
  static async open(url: string, options: WireOptions): Promise<Wire> {
    const unreachable = (reason: string) => new Unreachable("unreachable", `${url}: ${reason}`);
    let socket: SocketLike;
    try {
      socket = new options.socketClass(url, [options.encoding.protocol]);
    } catch (error) {
      throw unreachable((error as Error).message);
    }
    socket.binaryType = "arraybuffer";
    const wire = new Wire(socket, options);
    const done = new AbortController();
    let reason = "no answer";
    const opened = new Promise<boolean>(resolve => {
      socket.addEventListener("open", () => resolve(true));
      socket.addEventListener("error", event => {
        // Browsers do not say why, so that nobody can look around in a network.
        reason = (event as { message?: string }).message || "no connection";
      });
      wire.#listener = { ...NOBODY, closed: () => resolve(false) };
      options.over.addEventListener("abort", () => resolve(false), { signal: done.signal });
      paused(CONNECT_TIMEOUT_MS, done.signal).then(() => resolve(false));
    });
    const isOpen = await opened;
    done.abort();
    wire.#listener = NOBODY;
    if (isOpen && socket.protocol === options.encoding.protocol) {
      return wire;
    }
    wire.close();
    if (isOpen) {
      const message = `${url}: this server does not speak ${options.encoding.protocol}.`;
      throw new ConnectionRefused("bad_subprotocol", message);
    }
    throw unreachable(reason);
  }

  /** From now on `listener` is told. */
  listen(listener: WireListener): void {
    this.#listener = listener;
  }

  /** Nothing on a wire that is closed: its session is over. */
  send(messages: readonly ClientMessage[]): void {
    if (this.#isClosed) {
      return;
    }
    const encoded = messages.map(message => encodeMessage(message, this.#encoding));
    for (const payload of frames(encoded, this.#encoding)) {
      this.#socket.send(payload);
    }
  }

  /** A message that is answered, in a frame of its own, whose way there and back is measured. */
  ask(message: ClientMessage): void {
    if (!this.#isClosed) {
      for (const payload of frames([encodeMessage(message, this.#encoding)], this.#encoding)) {
        (this.#socket.sendStamped ?? this.#socket.send).call(this.#socket, payload);
      }
    }
  }

  /** Says goodbye without waiting for the answer. Nobody is told anything any more. */
  close(): void {
    this.#listener = NOBODY;
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    this.#socket.close(1000);
    if (this.#socket.terminate !== undefined) {
      paused(CLOSE_TIMEOUT_MS, this.#closing.signal).then(() => this.#socket.terminate?.());
    }
  }

  #received(data: unknown, cameMs: number, lateMs: number): void {
    if (this.#isClosed) {
      return;
    }
    let decoded: Decoded;
    try {
      decoded = this.#decode(data instanceof ArrayBuffer ? new Uint8Array(data) : String(data));
    } catch (error) {
      if (!(error instanceof BadMessage)) {
        throw error;
      }
      this.#listener.broken(error);
      return;
    }
    this.#listener.received({ ...decoded, cameMs, lateMs });
  }

  #decode(payload: Payload): Decoded {
    const decoded = decodeServer(payload, this.#encoding);
    const messages: ServerMessage[] = [];
    let { unknown } = decoded;
    for (const message of decoded.messages) {
      if (message.type !== "part") {
        messages.push(message);
        continue;
      }
      const frame = this.#assembler.add(message);
      const whole = frame === null ? NOTHING : decodeAssembled(frame, this.#encoding);
      messages.push(...whole.messages);
      unknown += whole.unknown;
    }
    return { messages, unknown };
  }
}
