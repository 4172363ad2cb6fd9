/** Sessions, one after the other, on sockets whose other end is in the test's hand. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { DEVICE } from "../src/clock.js";
import { Connection } from "../src/connection.js";
import { CallerError, ConnectionRefused, StoreFailed } from "../src/errors.js";
import { Link } from "../src/link.js";
import type { LinkEvent } from "../src/link-events.js";
import { Signal } from "../src/signal.js";
import { type TokenFactory, TokenSource } from "../src/tokens.js";
import { socketUrl } from "../src/urls.js";
import { deviceTimer } from "../src/waits.js";
import { json } from "../src/wire/json.js";
import type { Goodbye } from "../src/wire/messages.js";
import { socketClass } from "../src/wire.js";
import { Net, type Peer, until } from "./net.js";
import { CLIENT, FRIDAY, opened, rename, resumed, welcome } from "./session.js";

/** A client on such a network; `stop` ends it. */
class Client {
  readonly net = new Net();
  readonly link = new Link(CLIENT);
  readonly events: LinkEvent[] = [];
  readonly signal = new Signal();
  secure = async (): Promise<void> => undefined;
  readonly connection: Connection;
  readonly running: Promise<void>;

  constructor(token: string | TokenFactory = "token") {
    this.connection = new Connection({
      url: "https://tutti.example.com",
      link: this.link,
      tokens: new TokenSource(token),
      clock: DEVICE,
      encoding: json,
      socketClass: this.net.socketClass,
      after: deviceTimer,
      onEvent: event => {
        this.events.push(event);
        this.signal.notify();
      },
      onSent: () => this.signal.notify(),
      secure: () => this.secure(),
    });
    this.running = this.connection.run();
    // Who waits for it hears of it.
    this.running.catch(() => undefined);
  }

  until(isSo: () => boolean): Promise<void> {
    return until(this.signal, isSo);
  }

  /** A session that stands, with Friday open. */
  async live(peer?: Peer): Promise<Peer> {
    const server = peer ?? (await this.net.connection());
    server.say(welcome());
    await this.until(() => this.link.isLive);
    this.link.enter(FRIDAY);
    this.connection.wake();
    await server.next("open");
    server.say(opened(FRIDAY));
    return server;
  }

  async stop(): Promise<void> {
    this.connection.close();
    await this.running;
  }
}

function goodbye(code: string, retry_after_ms = 0): Goodbye {
  return { type: "goodbye", code, message: `Because of ${code}.`, retry_after_ms };
}

test("it says hello, opens, submits, and parts", async () => {
  const client = new Client();
  const server = await client.live();
  assert.equal(client.net.peers[0]?.url, "wss://tutti.example.com/v1/socket");
  rename(client.link, FRIDAY, "x");
  client.connection.wake();
  assert.equal((await server.next("submit")).seq, 1);
  assert.equal(client.connection.sessions, 1);
  await client.stop();
  assert.ok(server.isClosed && !client.link.isLive);
});

test("it comes back to where it was, and names what it has open", async () => {
  const client = new Client();
  const first = await client.live();
  rename(client.link, FRIDAY, "x");
  client.connection.wake();
  const sent = await first.next("submit");
  first.hangUp();
  const second = await client.net.connection();
  assert.ok(second.url.endsWith(`?document=${FRIDAY}`));
  second.say(welcome());
  assert.deepEqual((await second.next("open")).inflight, 1);
  second.say(resumed(FRIDAY, 0));
  assert.deepEqual(await second.next("submit"), sent);
  assert.equal(client.connection.lastEnd, "The connection was lost.");
  await client.stop();
});

test("what a server must not send ends the session with a typed error, and it comes back later", async () => {
  for (const [text, said] of [
    ['[{"type":"ops"}]', "malformed"],
    ["[[[[[[[[[[[[]]]]]]]]]]]]", "too_deep"],
    ['[{"type":"time","t0":1.5,"t1":0,"t2":0}]', "number_invalid"],
  ]) {
    const client = new Client();
    const server = await client.live();
    server.sayText(text!);
    await client.until(() => client.connection.lastEnd !== "");
    assert.match(client.connection.lastEnd, /^The server's frame is none: /, said);
    assert.ok(server.isClosed);
    await client.net.connection();
    await client.stop();
  }
});

test("what this version does not know is ignored and counted", async () => {
  const client = new Client();
  const server = await client.live();
  server.sayText('[{"type":"serenade"},{"type":"role","room":"r","role":"editor","mood":"good"}]');
  assert.equal(client.connection.unknown, 2);
  assert.ok(client.link.isLive);
  await client.stop();
});

test("a server of another version is refused", async () => {
  const client = new Client();
  const peer = await client.net.attempt();
  peer.protocol = "tutti.v9.json";
  peer.accept();
  await assert.rejects(client.running, (error: unknown) => {
    return error instanceof ConnectionRefused && error.code === "bad_subprotocol";
  });
});

test("who is not to come back unchanged learns why", async () => {
  const client = new Client();
  const server = await client.net.connection();
  server.say(goodbye("client_taken"));
  server.hangUp(4006);
  await assert.rejects(client.running, (error: unknown) => {
    return error instanceof ConnectionRefused && error.code === "client_taken";
  });
});

test("a session of somebody else is none", async () => {
  const client = new Client();
  const first = await client.live();
  first.hangUp();
  (await client.net.connection()).say(welcome("ben"));
  await assert.rejects(client.running, ConnectionRefused);
});

test("a token that was good is replaced when it ends, a new one that is refused is not", async () => {
  let given = 0;
  const client = new Client(() => {
    given += 1;
    return `token ${given}`;
  });
  const first = await client.live();
  first.hangUp(4010);
  const second = await client.net.attempt();
  second.accept();
  assert.equal((await second.next("hello")).token, "token 2");
  second.hangUp(4002);
  await assert.rejects(client.running, ConnectionRefused);
});

test("an issuer that is away is asked again later", async () => {
  let given = 0;
  const client = new Client(() => {
    given += 1;
    if (given === 1) {
      throw new Error("away");
    }
    return "token";
  });
  await client.until(() => client.connection.lastEnd !== "");
  assert.equal(client.connection.lastEnd, "There is no token: away");
  await client.live();
  await client.stop();
});

test("a new token is sent when the server wants one", async () => {
  let given = 0;
  const client = new Client(() => {
    given += 1;
    return `token ${given}`;
  });
  const server = await client.live();
  server.say({ type: "refresh", within_ms: 60_000 });
  assert.equal((await server.next("refresh")).token, "token 2");
  await client.stop();
});

test("offline means offline, and edits wait", async () => {
  const client = new Client();
  const first = await client.live();
  client.connection.goOffline();
  assert.ok(first.isClosed && !client.link.isLive);
  rename(client.link, FRIDAY, "x");
  client.connection.wake();
  assert.equal(client.net.peers.length, 1);
  client.connection.goOnline();
  const second = await client.net.connection();
  second.say(welcome());
  await second.next("open");
  second.say(resumed(FRIDAY, 0));
  await second.next("submit");
  await client.stop();
});

test("nothing is submitted that could not be kept", async () => {
  const client = new Client();
  const server = await client.live();
  client.secure = async () => {
    throw new StoreFailed("store_failed", "The disk is full.");
  };
  rename(client.link, FRIDAY, "x");
  client.connection.wake();
  await assert.rejects(client.running, /The disk is full/);
  assert.deepEqual(server.heard, []);
});

/** What a browser has, for a client that is made meanwhile. */
function withPage(use: (page: EventTarget) => Promise<void>): () => Promise<void> {
  return async () => {
    const page = new EventTarget();
    const platform = globalThis as { addEventListener?: unknown; document?: unknown };
    platform.addEventListener = page.addEventListener.bind(page);
    platform.document = Object.assign(page, { hidden: false });
    try {
      await use(page);
    } finally {
      delete platform.addEventListener;
      delete platform.document;
    }
  };
}

test(
  "when the network is back, or the page is looked at again, it asks whether the server is there",
  withPage(async page => {
    const client = new Client();
    const server = await client.live();
    for (const name of ["online", "visibilitychange", "pageshow"]) {
      page.dispatchEvent(new Event(name));
      assert.equal((await server.next("time")).t0, -1, name);
      server.say({ type: "time", t0: -1, t1: 0, t2: 0 });
    }
    await client.stop();
  }),
);

test(
  "when the network is back nobody waits for the time that is left, unless the server named it",
  withPage(async page => {
    // No time passes here.
    mock.timers.enable({ apis: ["setTimeout"] });
    const client = new Client();
    const first = await client.live();
    first.hangUp();
    await client.until(() => client.connection.lastEnd !== "");
    page.dispatchEvent(new Event("online"));
    const second = await client.net.connection();
    second.say(goodbye("overloaded", 60_000));
    second.hangUp(4100);
    await client.until(() => client.connection.lastEnd === "Because of overloaded.");
    page.dispatchEvent(new Event("online"));
    await new Promise(setImmediate);
    assert.equal(client.net.peers.length, 2);
    await client.stop();
    mock.timers.reset();
  }),
);

test("it moves to another node before it leaves the one that stops", async () => {
  const client = new Client();
  const old = await client.live();
  old.say({ type: "drain", after_ms: 0 });
  const other = await client.net.connection();
  other.say(welcome("ann", "connection-2"));
  assert.equal((await other.next("open")).version, 0);
  assert.ok(client.link.isLive && !old.isClosed);
  rename(client.link, FRIDAY, "x");
  other.say(resumed(FRIDAY, 0));
  await client.until(() => client.link.connection === "connection-2");
  assert.ok(old.isClosed);
  await other.next("submit");
  assert.equal(client.connection.lastEnd, "", "the session never ended");
  await client.stop();
});

test("a node that is no better is left, and the next one asked", async () => {
  const client = new Client();
  const old = await client.live();
  old.say({ type: "drain", after_ms: 0 });
  const broken = await client.net.connection();
  broken.sayText("nonsense");
  const refusing = await client.net.connection();
  refusing.hangUp(4100);
  const other = await client.net.connection();
  assert.ok(broken.isClosed && !old.isClosed);
  other.say(welcome("ann", "connection-2"));
  await other.next("open");
  other.say(resumed(FRIDAY, 0));
  await client.until(() => client.link.connection === "connection-2");
  await client.stop();
});

test("a server that cannot be reached is tried again, and closing ends the attempt", async () => {
  const client = new Client();
  (await client.net.attempt()).hangUp();
  await client.until(() => client.connection.lastEnd !== "");
  assert.match(client.connection.lastEnd, /no connection|no answer/);
  await client.net.attempt();
  await client.stop();
});

test("where there is no WebSocket, the app is told to bring one", () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
  Reflect.deleteProperty(globalThis, "WebSocket");
  assert.throws(
    () => socketClass(),
    (error: unknown) => error instanceof CallerError && /`ws`/.test(error.message),
  );
  if (own !== undefined) {
    Object.defineProperty(globalThis, "WebSocket", own);
  }
});

test("where the socket is", () => {
  assert.equal(socketUrl("http://127.0.0.1:8000"), "ws://127.0.0.1:8000/v1/socket");
  assert.equal(socketUrl("https://tutti.example.com/"), "wss://tutti.example.com/v1/socket");
  assert.equal(socketUrl("wss://example.com/music"), "wss://example.com/music/v1/socket");
  for (const url of ["", "example.com", "ftp://example.com", "https:///path"]) {
    assert.throws(() => socketUrl(url), CallerError, url);
  }
});
