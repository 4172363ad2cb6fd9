/** When a new token is asked for. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Unreachable } from "../src/errors.js";
import { MARGIN_MS, PAUSE_FIRST_MS, PAUSE_LAST_MS, TokenSource } from "../src/tokens.js";

const LIFE_MS = 900_000;
const GOES_ON = new AbortController().signal;

/** Gives tokens out, at a time that the test says, unless it is away. */
class Issuer {
  issued = 0;
  asked = 0;
  nowMs = 0;
  isAway = false;

  readonly tokens = new TokenSource(
    async () => {
      this.asked += 1;
      await Promise.resolve();
      if (this.isAway) {
        throw new Error("away");
      }
      this.issued += 1;
      return `token ${this.issued}`;
    },
    () => this.nowMs,
  );
}

test("a token is kept as long as it is good", async () => {
  const { tokens } = new Issuer();
  assert.equal(await tokens.current(0), "token 1");
  tokens.expires(900_000, 0);
  assert.equal(await tokens.current(900_000 - MARGIN_MS), "token 1");
  assert.equal(await tokens.current(900_000 - MARGIN_MS + 1), "token 2");
  // Until the server says when this one ends, it is taken to be good.
  assert.equal(await tokens.current(10 ** 12), "token 2");
});

test("a refused token is not used again", async () => {
  const { tokens } = new Issuer();
  await tokens.current(0);
  tokens.forget();
  assert.equal(await tokens.current(0), "token 2");
  assert.equal(await tokens.renewed(), "token 3");
  assert.ok(tokens.canRenew);
});

test("a fixed token stays what it is", async () => {
  const tokens = new TokenSource("fixed");
  tokens.expires(1, 0);
  tokens.forget();
  assert.equal(await tokens.current(10), "fixed");
  assert.equal(await tokens.renewed(), "fixed");
  assert.ok(!tokens.canRenew);
});

test("many who want one at once share one", async () => {
  const issuer = new Issuer();
  const given = await Promise.all(Array.from({ length: 20 }, () => issuer.tokens.renewed()));
  assert.deepEqual([...new Set(given)], ["token 1"]);
  assert.equal(issuer.asked, 1);
});

test("an issuer that is away is left alone", async () => {
  const issuer = new Issuer();
  const { tokens } = issuer;
  issuer.isAway = true;
  await assert.rejects(tokens.renewed(), /^Error: away$/);
  for (let question = 0; question < 20; question += 1) {
    await assert.rejects(tokens.renewed(), (error: unknown) => {
      return error instanceof Unreachable && error.message.endsWith("a moment ago: away");
    });
  }
  assert.equal(issuer.asked, 1);
  for (let second = 0; second < 300; second += 1) {
    issuer.nowMs += 1_000;
    await assert.rejects(tokens.renewed());
  }
  // Once for each pause, which is at least a half of what it may be.
  assert.ok(issuer.asked <= 6 + 300_000 / (PAUSE_LAST_MS / 2));
  issuer.isAway = false;
  issuer.nowMs += PAUSE_LAST_MS;
  assert.equal(await tokens.renewed(), "token 1");
  issuer.isAway = true;
  await assert.rejects(tokens.renewed(), /^Error: away$/);
  issuer.nowMs += PAUSE_FIRST_MS;
  await assert.rejects(tokens.renewed(), /^Error: away$/);
});

test("the next one comes in good time", async () => {
  const { tokens } = new Issuer();
  await tokens.current(0);
  tokens.expires(LIFE_MS, 0);
  // The time for the first question has come; nobody said that the token ends.
  assert.equal(await tokens.next(() => 300_000, GOES_ON), "token 2");
});

test("a question in vain is asked again at its pace", async () => {
  const issuer = new Issuer();
  const { tokens } = issuer;
  await tokens.current(0);
  tokens.expires(LIFE_MS, 0);
  issuer.isAway = true;
  // The time of the first question, and once that was asked, of the second.
  const serverMs = () => {
    if (issuer.asked === 1) {
      return 300_000;
    }
    issuer.isAway = false;
    issuer.nowMs = 600_000;
    return 600_000;
  };
  assert.equal(await tokens.next(serverMs, GOES_ON), "token 2");
  assert.equal(issuer.asked, 3);
});

test("what the server wants is asked for until it comes", async () => {
  const given = ["old", "old", "old", "new"];
  const tokens = new TokenSource(
    () => given.shift()!,
    () => 0,
    0,
  );
  await tokens.current(0);
  tokens.want();
  assert.equal(await tokens.next(() => 0, GOES_ON), "new");
});

test("it waits for the server to say when the first one ends", async () => {
  const { tokens } = new Issuer();
  await tokens.current(0);
  const coming = tokens.next(() => 300_000, GOES_ON);
  await Promise.resolve();
  tokens.expires(LIFE_MS, 0);
  assert.equal(await coming, "token 2");
});

test("when the session is over nobody waits for one", async () => {
  const { tokens } = new Issuer();
  await tokens.current(0);
  const over = new AbortController();
  const coming = tokens.next(() => 0, over.signal);
  over.abort();
  assert.equal(await coming, null);
});
