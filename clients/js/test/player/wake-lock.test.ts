/** A screen that the test hides and shows, and its lock. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Playing, type Screen, type Sentinel, stayAwake, WakeLock } from "../../src/player/wake-lock.js";

/** Resolves when everything that waits for nothing else has happened. */
const turn = () => new Promise<void>(resolve => setImmediate(resolve));

class Page implements Screen {
  isSeen = true;
  refuses = false;
  asked = 0;
  readonly held = new Set<Sentinel>();
  #listener: () => void = () => undefined;

  readonly wakeLock = {
    request: async (): Promise<Sentinel> => {
      this.asked += 1;
      await turn();
      if (this.refuses || !this.isSeen) {
        throw new DOMException("Not now.", "NotAllowedError");
      }
      const listeners: (() => void)[] = [];
      const sentinel: Sentinel = {
        release: async () => {
          this.held.delete(sentinel);
          listeners.forEach(listener => {
            listener();
          });
        },
        addEventListener: (_type, listener) => listeners.push(listener),
      };
      this.held.add(sentinel);
      return sentinel;
    },
  };

  isVisible = (): boolean => this.isSeen;

  watch(listener: () => void, over: AbortSignal): void {
    this.#listener = listener;
    over.addEventListener("abort", () => {
      this.#listener = () => undefined;
    });
  }

  /** The browser takes locks away before it tells anybody. */
  async see(isSeen: boolean): Promise<void> {
    this.isSeen = isSeen;
    if (!isSeen) {
      await Promise.all([...this.held].map(sentinel => sentinel.release()));
    }
    this.#listener();
    await turn();
    await turn();
  }
}

async function holding(): Promise<[Page, WakeLock]> {
  const page = new Page();
  const lock = new WakeLock(page);
  lock.want(true);
  await turn();
  await turn();
  assert.ok(lock.isHeld);
  return [page, lock];
}

test("it is held while it is wanted, and asked for once", async () => {
  const [page, lock] = await holding();
  lock.want(true);
  await turn();
  assert.deepEqual([page.asked, page.held.size], [1, 1]);
  lock.want(false);
  assert.deepEqual([page.held.size, lock.isHeld], [0, false]);
});

test("a page that was hidden asks again when it is seen, as often as it takes", async () => {
  const [page, lock] = await holding();
  await page.see(false);
  assert.deepEqual([page.asked, lock.isHeld], [1, false]);
  await page.see(true);
  assert.ok(lock.isHeld);
  await page.see(false);
  page.refuses = true;
  await page.see(true);
  assert.ok(!lock.isHeld);
  page.refuses = false;
  await page.see(false);
  await page.see(true);
  assert.ok(lock.isHeld);
});

test("music that stops while it is asked for holds nothing", async () => {
  const page = new Page();
  const lock = new WakeLock(page);
  lock.want(true);
  lock.want(false);
  await turn();
  await turn();
  assert.deepEqual([page.asked, page.held.size, lock.isHeld], [1, 0, false]);
});

test("a page that is hidden and seen again while it is asked for has one in the end", async () => {
  const page = new Page();
  const lock = new WakeLock(page);
  lock.want(true);
  page.isSeen = false;
  await turn();
  page.isSeen = true;
  await page.see(true);
  assert.ok(lock.isHeld);
});

test("where there is none nothing happens", async () => {
  const page = new Page();
  const lock = new WakeLock({
    isVisible: page.isVisible,
    watch: (listener, over) => page.watch(listener, over),
  });
  lock.want(true);
  await page.see(false);
  await page.see(true);
  assert.ok(!lock.isHeld);
  lock.close();
});

test("a Jam that plays keeps the screen on, and one that pauses does not", async () => {
  const page = new Page();
  let tell: () => void = () => assert.fail("nobody listens");
  const jam: { -readonly [N in keyof Playing]: Playing[N] } = {
    nowPlaying: null,
    subscribe: listener => {
      tell = listener;
      return () => {
        tell = () => assert.fail("nobody listens");
      };
    },
  };
  const sleep = stayAwake(jam, page);
  for (const [nowPlaying, held] of [
    [{ isPaused: true }, 0],
    [{ isPaused: false }, 1],
    [{ isPaused: true }, 0],
    [{ isPaused: false }, 1],
    [null, 0],
    [{ isPaused: false }, 1],
  ] as const) {
    jam.nowPlaying = nowPlaying;
    tell();
    await turn();
    await turn();
    assert.equal(page.held.size, held);
  }
  sleep();
  assert.equal(page.held.size, 0);
});

test("outside of browsers nothing happens", () => {
  stayAwake({ nowPlaying: { isPaused: false }, subscribe: () => () => undefined })();
});
