/** Songs on their way and at hand: what is tried again, what is given up, what is given away. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Unplayable } from "../../src/player/problems.js";
import { KEPT_BYTES_MAX, type Kept, Shelf, SONGS_MAX } from "../../src/player/shelf.js";

interface Song extends Kept {
  readonly name: string;
}

/** A shop in which each track's next delivery is what the test says. */
class Shop {
  readonly asked: string[] = [];
  readonly released: string[] = [];
  readonly abandoned: string[] = [];
  held: string[] = [];
  deliver: (track: string, times: number) => Promise<Song>;
  readonly shelf: Shelf<Song>;
  changes = 0;

  constructor(bytes = 1000) {
    this.deliver = track => Promise.resolve(this.song(track, bytes));
    this.shelf = new Shelf<Song>(
      track => {
        let times = 0;
        return over => {
          this.asked.push(track);
          over.addEventListener("abort", () => this.abandoned.push(track));
          times += 1;
          return this.deliver(track, times);
        };
      },
      () => this.held,
      () => {
        this.changes += 1;
      },
      () => performance.now(),
    );
  }

  song(name: string, bytes: number): Song {
    return { name, bytes, release: () => this.released.push(name) };
  }
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 10; turns += 1) {
    await turn();
  }
}

test("a song is fetched once, however often it is wanted", async () => {
  const shop = new Shop();
  shop.shelf.want("one");
  shop.shelf.want("one");
  assert.equal(shop.shelf.get("one"), null);
  await settled();
  shop.shelf.want("one");
  assert.equal(shop.shelf.get("one")?.name, "one");
  assert.deepEqual([shop.asked, shop.changes], [["one"], 1]);
});

test("what will never be played is said, and tried again only when it is wanted again", async () => {
  const shop = new Shop();
  shop.deliver = () => Promise.reject(new Unplayable("file_gone"));
  shop.shelf.want("one");
  await settled();
  assert.ok(shop.shelf.isBroken("one"));
  const [problem] = shop.shelf.problems;
  assert.deepEqual([problem?.code, problem?.track], ["file_gone", "one"]);
  assert.match(problem!.message, /\.$/);

  shop.deliver = track => Promise.resolve(shop.song(track, 1));
  shop.shelf.want("one");
  assert.ok(!shop.shelf.isBroken("one"));
  await settled();
  assert.equal(shop.shelf.get("one")?.name, "one");
  assert.deepEqual(shop.shelf.problems, []);
});

test("a network that fails is tried again, and said meanwhile", async t => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const shop = new Shop();
  shop.deliver = (track, times) =>
    times < 4 ? Promise.reject(new TypeError("network")) : Promise.resolve(shop.song(track, 1));
  shop.shelf.want("one");
  for (let tries = 1; tries < 4; tries += 1) {
    await settled();
    assert.ok(!shop.shelf.isBroken("one"));
    assert.deepEqual(
      shop.shelf.problems.map(({ code }) => code),
      ["unreachable"],
    );
    assert.equal(shop.asked.length, tries);
    t.mock.timers.tick(10_000);
  }
  await settled();
  assert.equal(shop.shelf.get("one")?.name, "one");
  assert.deepEqual(shop.shelf.problems, []);
});

test("what plays and what is next is never given away, whatever it takes", async () => {
  const shop = new Shop(KEPT_BYTES_MAX + 1);
  shop.held = ["one", "two"];
  for (const track of ["one", "two", "three", "four"]) {
    shop.shelf.want(track);
    await settled();
  }
  assert.deepEqual(shop.released, ["three"], "the newest one is to be played soon");
  assert.ok(shop.shelf.get("one") && shop.shelf.get("two") && shop.shelf.get("four"));
  shop.held = ["four"];
  shop.shelf.want("five");
  await settled();
  assert.deepEqual(shop.released, ["three", "one", "two"]);
});

test("so many are under way at once, and who is not wanted any more is not fetched on", async () => {
  const shop = new Shop();
  shop.deliver = () => new Promise(() => undefined);
  for (let number = 0; number < 20; number += 1) {
    shop.shelf.want(`song ${number}`);
  }
  await settled();
  assert.equal(shop.abandoned.length, 20 - SONGS_MAX);
  shop.shelf.clear();
  assert.equal(shop.abandoned.length, 20);
});

test("what comes after it was given up is given back", async () => {
  const shop = new Shop();
  let arrive: (song: Song) => void = () => undefined;
  shop.deliver = () => new Promise(resolve => (arrive = resolve));
  shop.shelf.want("one");
  await settled();
  shop.shelf.drop("one");
  arrive(shop.song("one", 1));
  await settled();
  assert.deepEqual(shop.released, ["one"]);
  assert.equal(shop.shelf.get("one"), null);
});
