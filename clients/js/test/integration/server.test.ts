/** The SDK on a real server: several people, lost connections, a server that is killed, tokens that end. */

import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { AwaitingApproval, ConnectionRefused, RequestRefused } from "../../src/errors.js";
import { Guest, guest } from "../../src/guest.js";
import { ask } from "../../src/http.js";
import { msgpack } from "../../src/msgpack.js";
import { digest } from "../../src/ot/digest.js";
import type { Playlist } from "../../src/playlist.js";
import { reasonText } from "../../src/reasons.js";
import { Signal } from "../../src/signal.js";
import type { TokenFactory } from "../../src/tokens.js";
import type { Tutti } from "../../src/tutti.js";
import { connect } from "../../src/way-in.js";
import type { Encoding } from "../../src/wire/encoding.js";
import { json } from "../../src/wire/json.js";
import { Serving } from "../serving.js";

const ENCODINGS: readonly Encoding[] = [json, msgpack];

let serving: Serving;

before(async () => {
  serving = await Serving.start();
});

after(() => serving.clear());

/** Longer than any of this takes; a test that meets it fails. */
const PATIENCE = { timeout: 120_000 };

/** A client that is closed with the test, whatever becomes of it. */
async function join(test: TestContext, token: string | TokenFactory, encoding = json): Promise<Tutti> {
  const tutti = await connect(serving.url, { token, encoding, webSocket: WebSocket });
  test.after(() => tutti.close({ discard: true }));
  return tutti;
}

async function makePlaylist(token: string): Promise<string> {
  const url = `${serving.url}/v1/me/playlists`;
  const { body } = await ask({ method: "POST", url, body: { name: "Friday" }, token });
  return (body as { id: string }).id;
}

function songs(names: string) {
  return [...names].map(name => ({ track: `tutti:track:${name}`, title: name }));
}

function titles(playlist: Playlist): string {
  return playlist.entries.map(entry => entry["title"]).join("");
}

/** Resolves when something is so, after whatever change makes it so. */
async function until(playlist: Playlist, isSo: () => boolean): Promise<void> {
  const changes = playlist.changes();
  while (!isSo()) {
    await changes.next();
  }
  await changes.return();
}

for (const encoding of ENCODINGS) {
  test(`two people edit one list, over ${encoding.protocol}`, PATIENCE, async t => {
    const ada = await guest(serving.url, "Ada");
    const here = await join(t, ada.token, encoding);
    const there = await join(t, ada.token, encoding);
    assert.equal(here.name, "Ada");
    const id = await makePlaylist(await ada.token());
    const [mine, theirs] = await Promise.all([here.openPlaylist(id), there.openPlaylist(id)]);
    mine.append(songs("abc"));
    theirs.append(songs("xyz"));
    await Promise.all([mine.saved(), theirs.saved()]);
    await until(mine, () => mine.version === 2);
    await until(theirs, () => theirs.version === 2);
    assert.equal(titles(mine).length, 6);
    assert.equal(digest(mine.replica.document), digest(theirs.replica.document));
  });

  test(
    `what is larger than a frame goes and comes in parts, over ${encoding.protocol}`,
    PATIENCE,
    async t => {
      const ada = await guest(serving.url, "Ada");
      const here = await join(t, ada.token, encoding);
      const id = await makePlaylist(await ada.token());
      const mine = await here.openPlaylist(id);
      const title = "♫".repeat(100);
      mine.append(Array.from({ length: 2_000 }, (_, n) => ({ track: `tutti:track:${n}`, title })));
      await mine.saved();
      const there = await join(t, ada.token, encoding);
      const theirs = await there.openPlaylist(id);
      assert.equal(digest(mine.replica.document), digest(theirs.replica.document));
      assert.equal(theirs.entries.length, 2_000);
    },
  );

  test(
    `a server that is killed comes back to edits that waited, over ${encoding.protocol}`,
    PATIENCE,
    async t => {
      const ada = await guest(serving.url, "Ada");
      const here = await join(t, ada.token, encoding);
      const there = await join(t, ada.token, encoding);
      const id = await makePlaylist(await ada.token());
      const [mine, theirs] = await Promise.all([here.openPlaylist(id), there.openPlaylist(id)]);
      mine.append(songs("a"));
      await mine.saved();
      await until(theirs, () => theirs.version === 1);
      // One edit is on its way when the server dies, others are made while it is gone.
      mine.append(songs("b"));
      await serving.kill();
      mine.append(songs("c"));
      theirs.insert(0, songs("d"));
      assert.ok(titles(mine).endsWith("abc"));
      await serving.start();
      await Promise.all([mine.saved(), theirs.saved()]);
      for (const list of [mine, theirs]) {
        await until(list, () => list.entries.length === 4);
      }
      assert.equal(titles(mine), titles(theirs));
      assert.equal([...titles(mine)].sort().join(""), "abcd");
      assert.ok(here.sessions === 2 && there.sessions === 2);
    },
  );

  test(`a server that stops in good order costs nothing, over ${encoding.protocol}`, PATIENCE, async t => {
    const ada = await guest(serving.url, "Ada");
    const here = await join(t, ada.token, encoding);
    const id = await makePlaylist(await ada.token());
    const mine = await here.openPlaylist(id);
    mine.append(songs("a"));
    const stopped = serving.stop();
    mine.append(songs("b"));
    await stopped;
    mine.append(songs("c"));
    await serving.start();
    await mine.saved();
    assert.equal(titles(mine), "abc");
  });
}

test("a token that ends is replaced in band", PATIENCE, async t => {
  const ada = await guest(serving.url, "Ada");
  const enough = new Signal();
  let given = 0;
  // The server asks a minute ahead; here tokens live half that, so it asks at once, each time.
  const here = await join(t, () => {
    given += 1;
    if (given === 4) {
      enough.notify();
      return new Promise<string>(() => undefined);
    }
    return serving.token(ada, 30 + given);
  });
  if (given < 4) {
    await enough.wait();
  }
  const mine = await here.openPlaylist(await makePlaylist(await ada.token()));
  mine.append(songs("a"));
  await mine.saved();
  assert.equal(here.sessions, 1);
});

test("a token that is none is refused, on the socket and over HTTP", PATIENCE, async t => {
  await assert.rejects(join(t, "nonsense"), ConnectionRefused);
  await assert.rejects(makePlaylist("nonsense"), (error: unknown) => {
    return error instanceof RequestRefused && error.status === 401 && error.code === "token_invalid";
  });
});

test("a guest comes back as the same person", PATIENCE, async () => {
  const kept: string[] = [];
  const ada = await guest(serving.url, "Ada", token => kept.push(token));
  const again = new Guest(serving.url, kept.at(-1)!, token => kept.push(token));
  await Promise.all([again.token(), again.token()]);
  assert.equal(again.userId, ada.userId);
  assert.equal(kept.length, 2, "two who ask at once share one exchange");
  await assert.rejects(guest(serving.url, ""), RequestRefused);
});

test("the past, and the way back", PATIENCE, async t => {
  const ada = await guest(serving.url, "Ada");
  const here = await join(t, ada.token);
  const mine = await here.openPlaylist(await makePlaylist(await ada.token()));
  const [uid] = mine.append(songs("ab"));
  await mine.saved();
  mine.remove(0);
  await mine.saved();
  const history = await here.history(mine.id);
  const versions = await history.versions();
  assert.deepEqual(
    versions.map(({ version, author, counts }) => [version, author.name, counts["added"], counts["removed"]]),
    [
      [2, "Ada", 0, 1],
      [1, "Ada", 2, 0],
    ],
  );
  assert.deepEqual(await history.versions({ before: 2 }), versions.slice(1));
  const past = await history.state(1);
  assert.equal(past.entries.length, 2);
  assert.deepEqual(await history.stateAt(past.atMs! + 1_000_000), await history.state(2));
  assert.deepEqual(
    (await history.entry(uid!)).map(({ change, before, after }) => [change, before, after]),
    [
      ["added", null, 0],
      ["removed", 0, null],
    ],
  );
  const difference = await history.difference(2, 1);
  assert.deepEqual([difference.counts["added"], difference.op.components.length > 0], [1, true]);
  assert.equal(await history.restore(1), 3);
  await until(mine, () => titles(mine) === "ab");
  assert.equal(await history.takeBack(ada.userId, 3), 3);
  await assert.rejects(history.state(99), (error: unknown) => {
    return error instanceof RequestRefused && error.code === "not_found";
  });
  for (const { track, reasons } of (await mine.suggestions()).items) {
    assert.match(reasonText(reasons[0]!), /^in \d+ (of your playlists|playlists here) with [ab]$/);
    mine.append(track);
  }
});

test("who knocks is let in or denied, and hears of it", PATIENCE, async t => {
  const [ada, ben, cleo] = await Promise.all(["Ada", "Ben", "Cleo"].map(name => guest(serving.url, name)));
  const hers = await join(t, ada!.token);
  const jam = await hers.startJam({ name: "Friday", approval: true });
  const { code } = await jam.code();
  const waiting = new Map<string, Promise<unknown>>();
  for (const someone of [ben!, cleo!]) {
    const tutti = await join(t, someone.token);
    await assert.rejects(tutti.joinJam(code), (error: unknown) => {
      return error instanceof AwaitingApproval && error.jam === jam.id;
    });
    waiting.set(
      someone.name,
      tutti.admitted(jam.id).then(
        ({ name }) => name,
        (error: unknown) => (error as Error).name,
      ),
    );
  }
  while (jam.waiting.length < 2) {
    await jam.changed();
  }
  await jam.approve(ben!.userId);
  await jam.deny(cleo!.userId);
  assert.equal(await waiting.get("Ben"), "Friday");
  assert.equal(await waiting.get("Cleo"), "JamClosed");
});
