/** A song on its way: what is asked of the server, and what is made of its answers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestRefused, Unreachable } from "../../src/errors.js";
import { Download, SONG_BYTES_MAX } from "../../src/player/download.js";
import { Unplayable } from "../../src/player/problems.js";

const TRACK = `tutti:track:${"a".repeat(22)}`;
const OVER = new AbortController().signal;

type Headers = Readonly<Record<string, string>>;

/** A server that gives these answers, one after the other, and notes what it was asked. */
function server(...answers: (() => Response | Error)[]) {
  const asked: { path: string; headers: Headers }[] = [];
  return {
    asked,
    async stream(path: string, _: AbortSignal, headers: Headers = {}): Promise<Response> {
      asked.push({ path, headers });
      const answer = answers[asked.length - 1]!();
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    },
  };
}

/** A body of these pieces; it breaks after them unless it `isWhole`. */
function body(text: string, isWhole = true): ReadableStream<Uint8Array> {
  const pieces = [...text];
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece !== undefined) {
        controller.enqueue(new TextEncoder().encode(piece));
      } else if (isWhole) {
        controller.close();
      } else {
        controller.error(new TypeError("torn"));
      }
    },
  });
}

const HEADERS = { etag: '"v1"', "content-type": "audio/ogg" };

test("a song is asked for by its id and comes with its kind", async () => {
  const shop = server(() => new Response(body("music"), { headers: HEADERS }));
  const file = await new Download(shop, TRACK).read(OVER);
  assert.equal(await file.text(), "music");
  assert.equal(file.type, "audio/ogg");
  assert.deepEqual(shop.asked, [{ path: `audio/${"a".repeat(22)}`, headers: {} }]);
});

test("one that was torn goes on where it was torn, as long as the file is the same", async () => {
  const shop = server(
    () => new Response(body("mu", false), { headers: HEADERS }),
    () => new Unreachable("unreachable", "gone"),
    () => new Response(body("s", false), { status: 206, headers: HEADERS }),
    () => new Response(body("ic"), { status: 206, headers: HEADERS }),
  );
  const download = new Download(shop, TRACK);
  await assert.rejects(download.read(OVER), /torn/);
  assert.equal(download.bytes, 2);
  await assert.rejects(download.read(OVER), Unreachable);
  await assert.rejects(download.read(OVER), /torn/);
  assert.equal(await (await download.read(OVER)).text(), "music");
  const ranges = shop.asked.map(({ headers }) => [headers["range"], headers["if-range"]]);
  assert.deepEqual(ranges, [
    [undefined, undefined],
    ["bytes=2-", '"v1"'],
    ["bytes=2-", '"v1"'],
    ["bytes=3-", '"v1"'],
  ]);
});

test("a file that is another one by now is fetched from its beginning", async () => {
  const other = { ...HEADERS, etag: '"v2"' };
  const shop = server(
    () => new Response(body("mu", false), { headers: HEADERS }),
    () => new Response(body("noise"), { headers: other }),
  );
  const download = new Download(shop, TRACK);
  await assert.rejects(download.read(OVER), /torn/);
  assert.equal(await (await download.read(OVER)).text(), "noise");

  const shorter = server(
    () => new Response(body("music", false), { headers: HEADERS }),
    () => new RequestRefused(416, "range_beyond", "Beyond."),
    () => new Response(body("mu"), { headers: other }),
  );
  const again = new Download(shorter, TRACK);
  await assert.rejects(again.read(OVER), /torn/);
  await assert.rejects(again.read(OVER), RequestRefused);
  assert.equal(await (await again.read(OVER)).text(), "mu");
  assert.deepEqual(shorter.asked[2]?.headers, {});
});

for (const [status, code] of [
  [404, "file_gone"],
  [410, "file_gone"],
  [403, "denied"],
  [400, "denied"],
] as const) {
  test(`${status} is no matter of time: ${code}`, async () => {
    const shop = server(() => new RequestRefused(status, "some_code", "No."));
    await assert.rejects(
      new Download(shop, TRACK).read(OVER),
      error => error instanceof Unplayable && error.code === code,
    );
  });
}

test("a server in trouble may be asked again, and so may one that calls the token old", async () => {
  for (const status of [401, 429, 500, 503]) {
    const shop = server(() => new RequestRefused(status, "some_code", "Later."));
    await assert.rejects(new Download(shop, TRACK).read(OVER), RequestRefused);
  }
});

test("songs of other catalogues are not here", () => {
  for (const track of ["spotify:track:1", "demo:1", "", "tutti:track:../../etc/passwd", `${TRACK}/..`]) {
    assert.throws(
      () => new Download(server(), track),
      error => error instanceof Unplayable && error.code === "not_here",
    );
  }
});

test("a file without end is not taken into memory", async () => {
  const piece = new Uint8Array(SONG_BYTES_MAX / 4);
  const endless = new ReadableStream({ pull: controller => controller.enqueue(piece) });
  const shop = server(() => new Response(endless, { headers: HEADERS }));
  await assert.rejects(
    new Download(shop, TRACK).read(OVER),
    error => error instanceof Unplayable && error.code === "too_large",
  );
});

test("who does not want it any more does not wait for it", async () => {
  const over = new AbortController();
  const shop = {
    stream: (_: string, signal: AbortSignal) =>
      new Promise<Response>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new TypeError("aborted")));
      }),
  };
  const reading = new Download(shop, TRACK).read(over.signal);
  over.abort();
  await assert.rejects(reading, /aborted/);
});

test("a way on which nothing comes any more is given up", async t => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const shop = {
    stream: (_: string, signal: AbortSignal) =>
      new Promise<Response>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new TypeError("aborted")));
      }),
  };
  const reading = new Download(shop, TRACK).read(OVER);
  t.mock.timers.tick(15_000);
  await assert.rejects(reading, /aborted/);
});
