/**
 * A network in memory: sockets whose other end is in the test's hand.
 *
 * Everything that a client does with a socket the test waits for, and everything that a server does it says.
 */

import assert from "node:assert/strict";
import { Signal } from "../src/signal.js";
import { json } from "../src/wire/json.js";
import type { ClientMessage, ServerMessage } from "../src/wire/messages.js";
import type { SocketClass, SocketLike } from "../src/wire.js";

type Listener = (event: object) => void;

/** Longer than any of this takes; a test that meets it fails. */
const PATIENCE_MS = 20_000;

/** Resolves when something is so, which may have changed whenever `signal` says so. */
export async function until(signal: Signal, isSo: () => boolean): Promise<void> {
  const late = setTimeout(() => signal.notify(), PATIENCE_MS);
  const untilMs = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    assert.ok(performance.now() < untilMs, `not so in time: ${isSo}`);
    await signal.wait();
  }
  clearTimeout(late);
}

/** One connection, from the server's side. */
export class Peer {
  readonly heard: ClientMessage[] = [];
  readonly signal = new Signal();
  isClosed = false;
  readonly #listeners = new Map<string, Listener[]>();

  constructor(
    readonly url: string,
    public protocol: string,
  ) {}

  /** The client's end. */
  socket(): SocketLike {
    const peer = this;
    return {
      binaryType: "",
      get protocol() {
        return peer.protocol;
      },
      send: payload => {
        assert.ok(!this.isClosed, "nobody writes into a closed socket");
        this.heard.push(...(json.decode(payload) as ClientMessage[]));
        this.signal.notify();
      },
      close: () => this.#close(1000),
      addEventListener: (type, listener) => {
        this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
      },
    };
  }

  accept(): void {
    this.#tell("open", {});
  }

  say(...messages: ServerMessage[]): void {
    this.sayText(JSON.stringify(messages.map(message => wireRows(message))));
  }

  sayText(text: string): void {
    this.#tell("message", { data: text });
  }

  hangUp(code = 1006): void {
    this.#close(code);
  }

  /** The next message of this type that was not asked for before. */
  async next<T extends ClientMessage["type"]>(type: T): Promise<Extract<ClientMessage, { type: T }>> {
    await until(this.signal, () => this.heard.some(message => message.type === type));
    const at = this.heard.findIndex(message => message.type === type);
    return this.heard.splice(at, 1)[0] as Extract<ClientMessage, { type: T }>;
  }

  #close(code: number): void {
    if (!this.isClosed) {
      this.isClosed = true;
      // A socket tells of its end when whoever ended it is done.
      queueMicrotask(() => this.#tell("close", { code, reason: "" }));
      this.signal.notify();
    }
  }

  #tell(type: string, event: object): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      listener(event);
    }
  }
}

/** A place to connect to. */
export class Net {
  readonly peers: Peer[] = [];
  readonly #signal = new Signal();
  #taken = 0;

  readonly socketClass: SocketClass;

  constructor() {
    const net = this;
    this.socketClass = function Socket(url: string, protocols: string[]) {
      const peer = new Peer(url, protocols[0]!);
      net.peers.push(peer);
      net.#signal.notify();
      return peer.socket();
    } as unknown as SocketClass;
  }

  /** The next attempt to connect, which waits to be accepted. */
  async attempt(): Promise<Peer> {
    await until(this.#signal, () => this.peers.length > this.#taken);
    this.#taken += 1;
    return this.peers[this.#taken - 1]!;
  }

  /** The next connection, accepted, and its `hello` heard. */
  async connection(): Promise<Peer> {
    const peer = await this.attempt();
    peer.accept();
    await peer.next("hello");
    return peer;
  }
}

/** The message with its rows as they travel. */
function wireRows(message: ServerMessage): object {
  if (message.type !== "ops" && message.type !== "opened") {
    return message;
  }
  const ops = message.ops.map(row => [row.version, row.client, row.seq, row.author, row.op, row.count]);
  return { ...message, ops };
}
