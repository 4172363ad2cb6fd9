/** What is asked of a catalogue over HTTP, and what is made of the answers: of a server that the test plays. */

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { Catalogue } from "../../src/catalogue.js";
import { RequestRefused, Unreachable } from "../../src/errors.js";
import { artworkUrl } from "../../src/pictures.js";
import { SearchBox } from "../../src/search-box.js";
import { TokenSource } from "../../src/tokens.js";
import { makeSong } from "../../src/tracks.js";

const ID = "0123456789abcdefghijKL";
const SHOWN = {
  id: ID,
  uri: `spotify:track:${ID}`,
  tutti_uri: `tutti:track:${ID}`,
  type: "track",
  name: "Blue in Green",
  artists: [{ name: "Ada", type: "artist" }, { name: "Ben" }],
  album: {
    name: "Friday",
    images: [
      { url: "/v1/artwork/00ff?size=64", width: 64, height: 64 },
      { url: "https://pictures.example.com/large", width: 640, height: 640 },
    ],
  },
  duration_ms: 90_000,
  external_ids: { isrc: "XXTUT2600001" },
  tempo: 9_850,
  key: "8A",
  energy: null,
  popularity: 12,
};

/** The answers that are still to be given, by path and query; a function waits until the test says. */
let answers: Record<string, unknown> = {};
let asked: IncomingMessage[] = [];
let server: Server;
let url = "";

before(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    const answer = answers[request.url!];
    if (typeof answer === "function") {
      (answer as (give: (body: unknown) => void) => void)(body => response.end(JSON.stringify(body)));
      return;
    }
    response.statusCode = answer === undefined ? 404 : 200;
    const refusal = { error: { status: 404, code: "not_found", message: "There is no such track." } };
    response.end(JSON.stringify(answer ?? refusal));
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

function catalogue(given: Record<string, unknown>): Catalogue {
  answers = given;
  asked = [];
  return new Catalogue(url, new TokenSource("a token"));
}

const page = (...items: unknown[]) => ({ tracks: { items, offset: 0, limit: 20, total: items.length } });

test("what is found can be played, and is in our name", async () => {
  const music = catalogue({ "/v1/search?q=blue%20%26%20gr&type=track&limit=5&offset=0": page(SHOWN) });
  const { items, total } = await music.search("blue & gr", { limit: 5 });
  assert.equal(total, 1);
  const { track, pictures } = items[0]!;
  assert.deepEqual(makeSong(track), {
    track: `tutti:track:${ID}`,
    title: "Blue in Green",
    artists: ["Ada", "Ben"],
    album: "Friday",
    duration_ms: 90_000,
    isrc: "XXTUT2600001",
    tempo: 9_850,
    key: "8A",
  });
  assert.equal(artworkUrl({ pictures }, 48), `${url}/v1/artwork/00ff?size=64`);
  assert.equal(artworkUrl({ pictures }, 300), "https://pictures.example.com/large");
  assert.equal(artworkUrl({ pictures }, 3000), "https://pictures.example.com/large");
  assert.equal(asked[0]?.headers.authorization, "Bearer a token");
});

test("pictures are addresses of pictures, or none", () => {
  const of = (url: string) => artworkUrl({ pictures: [{ url, width: null, height: null }] }, 64);
  assert.equal(of("https://pictures.example.com/one"), "https://pictures.example.com/one");
  assert.equal(of("javascript:alert(1)"), "");
  assert.equal(artworkUrl({ pictures: [] }, 64), "");
});

test("a track is looked up by its URI; what is not there is refused", async () => {
  const old = `tutti:track:${ID}`;
  const bare = { uri: old, name: "", artists: [], album: null, duration_ms: 0, external_ids: {} };
  const music = catalogue({ [`/v1/tracks/${ID}`]: bare });
  for (const uri of [old, SHOWN.uri]) {
    assert.deepEqual(await music.track(uri), { track: { track: old }, pictures: [] });
  }
  await assert.rejects(music.track("tutti:track:none"), (error: unknown) => {
    return error instanceof RequestRefused && error.code === "not_found";
  });
});

test("an answer of another shape is as good as none", async () => {
  for (const body of [{}, { tracks: [] }, page({ ...SHOWN, uri: 7 }), page({ ...SHOWN, duration_ms: 1.5 })]) {
    const music = catalogue({ "/v1/search?q=a&type=track&limit=20&offset=0": body });
    await assert.rejects(music.search("a", {}), error => error instanceof Unreachable);
  }
});

test("who does not want to know any more is not told", async () => {
  const gone = new AbortController();
  const music = catalogue({ "/v1/search?q=a&type=track&limit=20&offset=0": () => gone.abort("typed on") });
  await assert.rejects(music.search("a", { signal: gone.signal }), error => error === "typed on");
  await assert.rejects(music.search("a", { signal: gone.signal }), error => error === "typed on");
  assert.equal(asked.length, 1);
});

test("a box shows the newest answer, gives up older questions, and says what went wrong", async () => {
  const music = catalogue({
    "/v1/search?q=b&type=track&limit=5&offset=0": () => box.type(" bl "),
    "/v1/search?q=bl&type=track&limit=5&offset=0": page(SHOWN),
  });
  const box = new SearchBox(music, { limit: 5 });
  /** Once nothing is asked any more. */
  const settled = () =>
    new Promise<void>(resolve => {
      const end = box.subscribe(() => {
        if (!box.getSnapshot().isSearching) {
          end();
          resolve();
        }
      });
    });
  box.type("b");
  assert.ok(box.getSnapshot().isSearching);
  await settled();
  assert.deepEqual(
    box.getSnapshot().items.map(({ track }) => track.title),
    ["Blue in Green"],
  );
  assert.deepEqual([box.getSnapshot().words, box.getSnapshot().total], ["bl", 1]);

  box.type("blx");
  await settled();
  assert.equal((box.getSnapshot().error as RequestRefused).code, "not_found");
  assert.equal(box.getSnapshot().words, "bl");
  answers = { "/v1/search?q=blx&type=track&limit=5&offset=0": page() };
  box.retry();
  await settled();
  assert.deepEqual(box.getSnapshot(), {
    ...{ words: "blx", items: [], total: 0 },
    ...{ isSearching: false, error: null },
  });
  box.close();
  assert.equal(box.getSnapshot().words, "");
});
