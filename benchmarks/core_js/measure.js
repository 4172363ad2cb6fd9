/**
 * One round of `core-js`: what small ops and a large merge cost Tutti and others, in one process, in turn.
 *
 * Prints JSON: by task, then by contender, ms for a merge and µs for everything else. Both see the same edits of the
 * same lists. Whether they end with the right lists is looked at beside the clock.
 */

import assert from "node:assert/strict";
import json1 from "ot-json1";
import * as Y from "yjs";
import { apply } from "../../clients/js/dist/ot/apply.js";
import { insertAt, moveRange, removeRange, setField } from "../../clients/js/dist/ot/build.js";
import { Engine } from "../../clients/js/dist/ot/client.js";
import { compose } from "../../clients/js/dist/ot/compose.js";
import { transform } from "../../clients/js/dist/ot/transform.js";

const TUTTI = "Tutti";
const JSON1 = "ot-json1";
const YJS = "Yjs";

// -- chance, the same in every run ------------------------------------------------------------------------

/** Numbers from 0 up to 1 (mulberry32). */
function chance(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function entry(uid) {
  return { uid, track: "tutti:track:0123456789abcdefABCDEF", added_by: "someone", added_at: 1 };
}

const list = length => Array.from({ length }, (_, number) => entry(`0.${number}`));

// -- small ops, on a list as ot-json1 has it --------------------------------------------------------------

const ENTRIES = 100;
const PAIRS = 1_000;
/** Until both are compiled, and then counted. */
const WARM_UP = 30;
const BATCHES = 40;
const KINDS = ["insert", "remove", "move"];

/** An edit as both write it, and the length of the list that it leaves. */
function edit(kind, length, random, uid) {
  const at = Math.floor(random() * length);
  switch (kind) {
    case "insert": {
      const made = entry(uid);
      return { tutti: insertAt(length, at, [made]), json1: json1.insertOp([at], made), length: length + 1 };
    }
    case "remove":
      return { tutti: removeRange(length, at), json1: json1.removeOp([at]), length: length - 1 };
    case "move": {
      // Half the list away, so that it is a move. Tutti names the gap, ot-json1 the place in the list without it.
      const to = (at + (length >> 1)) % length;
      return {
        tutti: moveRange(length, at, 1, to > at ? to + 1 : to),
        json1: json1.moveOp([at], [to]),
        length,
      };
    }
  }
}

/** Each with one that was made at the same time, and one that follows. */
function pairs(kind, seed) {
  const random = chance(seed);
  const any = () => KINDS[Math.floor(random() * KINDS.length)];
  return Array.from({ length: PAIRS }, (_, number) => {
    const first = edit(kind, ENTRIES, random, `1.${number}`);
    const second = edit(any(), ENTRIES, random, `2.${number}`);
    return { first, second, next: edit(any(), first.length, random, `3.${number}`) };
  });
}

function smallOps(kind, seed) {
  const entries = list(ENTRIES);
  const document = { entries, attributes: {} };
  const given = pairs(kind, seed);
  for (const { first, second, next } of given) {
    const { type } = json1;
    const once = type.apply(entries, first.json1);
    assert.deepEqual(apply(document, first.tutti).entries, once);
    const twice = type.apply(once, next.json1);
    assert.deepEqual(apply(document, compose(first.tutti, next.tutti)).entries, twice);
    assert.deepEqual(type.apply(entries, type.compose(first.json1, next.json1)), twice);
    const met = transform(second.tutti, first.tutti, "right");
    assert.equal(
      apply(apply(document, first.tutti), met).entries.length,
      type.apply(once, type.transform(second.json1, first.json1, "right")).length,
    );
  }
  const { type } = json1;
  return {
    transform: inTurn({
      [TUTTI]: () => each(given, pair => transform(pair.first.tutti, pair.second.tutti, "right")),
      [JSON1]: () => each(given, pair => type.transform(pair.first.json1, pair.second.json1, "right")),
    }),
    compose: inTurn({
      [TUTTI]: () => each(given, pair => compose(pair.first.tutti, pair.next.tutti)),
      [JSON1]: () => each(given, pair => type.compose(pair.first.json1, pair.next.json1)),
    }),
    apply: inTurn({
      [TUTTI]: () => each(given, pair => apply(document, pair.first.tutti)),
      [JSON1]: () => each(given, pair => type.apply(entries, pair.first.json1)),
    }),
  };
}

/** How many µs one of them takes. What comes out is looked at, so that nothing can be left out. */
function each(given, work) {
  let results = 0;
  const beganMs = performance.now();
  for (const pair of given) {
    results += work(pair) === undefined ? 0 : 1;
  }
  const tookMs = performance.now() - beganMs;
  assert.equal(results, given.length);
  return (tookMs * 1_000) / given.length;
}

/** The median of what each gives, batch by batch. */
function inTurn(contenders) {
  const samples = Object.fromEntries(Object.keys(contenders).map(name => [name, []]));
  for (let batch = -WARM_UP; batch < BATCHES; batch += 1) {
    for (const [name, work] of Object.entries(contenders)) {
      const took = work();
      if (batch >= 0) {
        samples[name].push(took);
      }
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, all]) => [name, median(all)]));
}

function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[numbers.length >> 1];
}

// -- two long branches ------------------------------------------------------------------------------------

const LENGTH = 10_000;
const EDITS = 10_000;

/** Of ten edits six insert and one removes; the others move and set a field. As in the benchmark `rebase`. */
const EVERY_KIND = weighted({ append: 4, insert: 2, move: 1, remove: 1, set: 2 });
/** What a Y.Array can do itself. */
const PLAIN = weighted({ append: 4, insert: 3, remove: 3 });

function weighted(shares) {
  return Object.entries(shares).flatMap(([kind, share]) => Array(share).fill(kind));
}

/** What one person does, drawn beforehand; places for lists as long as they are by then. */
function drawn(side, kinds) {
  const random = chance(side);
  let length = LENGTH;
  return Array.from({ length: EDITS }, (_, number) => {
    const kind = kinds[Math.floor(random() * kinds.length)];
    const at = kind === "append" ? length : Math.floor(random() * length);
    const to = Math.floor(random() * length);
    const was = length;
    length += kind === "remove" ? -1 : kind === "append" || kind === "insert" ? 1 : 0;
    return { kind, length: was, at, to, uid: `${side}.${number}` };
  });
}

function opOf({ kind, length, at, to, uid }) {
  switch (kind) {
    case "remove":
      return removeRange(length, at);
    case "move":
      return moveRange(length, at, 1, to > at ? to + 1 : to);
    case "set":
      return setField(length, at, "note", uid);
    default:
      return insertAt(length, at, [entry(uid)]);
  }
}

/** Each branch's queue becomes one op, each op is carried over the other, both lists are brought to the same end. */
function tuttiMerge(branches) {
  const start = { entries: list(LENGTH), attributes: {} };
  const engines = branches.map(branch => {
    const engine = new Engine(start, 0);
    for (const made of branch) {
      engine.edit(opOf(made));
    }
    return engine;
  });
  const beganMs = performance.now();
  const [first, second] = engines.map(engine => engine.send(1).op);
  const one = apply(engines[0].document, transform(second, first, "right"));
  const other = apply(engines[1].document, transform(first, second, "left"));
  const tookMs = performance.now() - beganMs;
  assert.deepEqual(one, other);
  return { tookMs, length: one.entries.length };
}

/** A moved entry is taken out and put in elsewhere, an edited one is replaced: a Y.Array has no more than that. */
function change(array, { kind, at, to, uid }) {
  if (kind === "move" || kind === "set") {
    const found = array.get(at);
    array.delete(at);
    array.insert(kind === "move" ? to : at, [kind === "move" ? found : { ...found, note: uid }]);
  } else if (kind === "remove") {
    array.delete(at);
  } else {
    array.insert(at, [entry(uid)]);
  }
}

/** Each document tells the other what it does not have, and takes in what it is told. */
function yjsMerge(branches) {
  const start = new Y.Doc();
  start.clientID = 1;
  start.getArray("entries").insert(0, list(LENGTH));
  const common = Y.encodeStateAsUpdate(start);
  const documents = branches.map((branch, side) => {
    const document = new Y.Doc();
    document.clientID = 2 + side;
    Y.applyUpdate(document, common);
    const array = document.getArray("entries");
    for (const made of branch) {
      document.transact(() => change(array, made));
    }
    return document;
  });
  const beganMs = performance.now();
  const [first, second] = documents;
  const toSecond = Y.encodeStateAsUpdate(first, Y.encodeStateVector(second));
  const toFirst = Y.encodeStateAsUpdate(second, Y.encodeStateVector(first));
  Y.applyUpdate(first, toFirst);
  Y.applyUpdate(second, toSecond);
  const tookMs = performance.now() - beganMs;
  const [one, other] = documents.map(document => document.getArray("entries").toArray());
  assert.deepEqual(one, other);
  return { tookMs, length: one.length };
}

function merge(kinds, seed) {
  const branches = [drawn(2 * seed, kinds), drawn(2 * seed + 1, kinds)];
  // The first time counts for neither: what is measured is not how soon it is compiled.
  let [tutti, yjs] = [tuttiMerge(branches), yjsMerge(branches)];
  [tutti, yjs] = [tuttiMerge(branches), yjsMerge(branches)];
  if (kinds === PLAIN) {
    // No entry is removed twice, nor lost.
    assert.equal(tutti.length, yjs.length);
  }
  return { [TUTTI]: tutti.tookMs, [YJS]: yjs.tookMs };
}

const seed = Number(process.argv[2]);
const small = Object.fromEntries(KINDS.map((kind, at) => [kind, smallOps(kind, 10 * seed + at)]));
const merges = { "every kind": merge(EVERY_KIND, seed), "inserts and removes": merge(PLAIN, seed) };
console.log(JSON.stringify({ small, merges }));
