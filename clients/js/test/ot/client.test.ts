/** Two engines and an authority that commits in the order of arrival: whatever they do, they end equal. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { apply } from "../../src/ot/apply.js";
import { insertAt, moveRange, removeRange, setField } from "../../src/ot/build.js";
import { Engine } from "../../src/ot/client.js";
import { digest } from "../../src/ot/digest.js";
import { type Document, EMPTY } from "../../src/ot/document.js";
import type { Inflight } from "../../src/ot/inflight.js";
import type { Op } from "../../src/ot/op.js";
import { transform } from "../../src/ot/transform.js";
import { UndoStack } from "../../src/ot/undo.js";

/** Numbers from 0 to n - 1 that a seed decides (Park and Miller's generator). */
function dice(seed: number): (n: number) => number {
  let state = seed;
  return n => {
    state = (state * 48271) % 0x7fffffff;
    return state % n;
  };
}

interface Commit {
  readonly author: number;
  readonly op: Op;
}

class Authority {
  readonly log: Commit[] = [];
  document: Document = EMPTY;

  commit(author: number, { base, op }: Inflight): void {
    const rebased = this.log.slice(base).reduce((sum, commit) => transform(sum, commit.op, "right"), op);
    this.document = apply(this.document, rebased);
    this.log.push({ author, op: rebased });
  }
}

for (let seed = 1; seed <= 40; seed += 1) {
  test(`engines of seed ${seed} end equal`, () => {
    const below = dice(seed * 7919);
    const authority = new Authority();
    const engines = [0, 1, 2].map(() => new Engine(EMPTY, 0, new UndoStack()));
    const seqs = [0, 0, 0];
    const sent = new Map<number, Inflight>();
    let uids = 0;
    const names = {
      take: () => {
        uids += 1;
        return `new.${uids}`;
      },
      owns: () => true,
    };

    function edit(engine: Engine): void {
      const length = engine.document.entries.length;
      const at = below(length + 1);
      const n = Math.min(1 + below(3), length - at);
      switch (below(6)) {
        case 0:
          engine.edit(removeRange(length, at, n));
          break;
        case 1:
          engine.edit(moveRange(length, at, n, below(length + 1)));
          break;
        case 2:
          if (at < length) {
            engine.edit(setField(length, at, "note", `${below(9)}`));
          }
          break;
        case 3:
          engine.takeBack(below(2) === 0 ? "undo" : "redo", names, () => {});
          break;
        default:
          engine.edit(insertAt(length, at, [{ uid: names.take(), track: `t:${below(50)}` }]));
      }
    }

    function pump(index: number): void {
      const engine = engines[index]!;
      if (engine.inflight === null) {
        engine.nameRestored(names);
      }
      const inflight = engine.send(seqs[index]! + 1);
      if (inflight !== null) {
        seqs[index]! += 1;
        sent.set(index, inflight);
      }
    }

    function hear(index: number): void {
      const engine = engines[index]!;
      const commit = authority.log[engine.version];
      if (commit !== undefined) {
        if (commit.author === index) {
          engine.receiveOwn(commit.op);
        } else {
          engine.receive(commit.op);
        }
        engine.check();
      }
    }

    function deliver(index: number): void {
      const inflight = sent.get(index);
      if (inflight !== undefined) {
        sent.delete(index);
        authority.commit(index, inflight);
      }
    }

    for (let step = 0; step < 300; step += 1) {
      const index = below(3);
      [() => edit(engines[index]!), () => pump(index), () => deliver(index), () => hear(index)][below(4)]!();
    }
    while (!engines.every(engine => engine.isSynced && engine.version === authority.log.length)) {
      for (const index of [0, 1, 2]) {
        pump(index);
        deliver(index);
        hear(index);
      }
    }
    for (const engine of engines) {
      assert.equal(digest(engine.document), digest(authority.document));
    }
    assert.ok(authority.log.length > 10);
  });
}

test("a new epoch that knows the op in flight keeps what was edited since", () => {
  const engine = new Engine(EMPTY, 3);
  const [sent, since] = [
    { uid: "a.1", track: "a:b" },
    { uid: "a.2", track: "a:b" },
  ];
  engine.edit(insertAt(0, 0, [sent]));
  engine.send(1);
  engine.edit(insertAt(1, 1, [since]));
  const snapshot = { entries: [sent], attributes: {} };
  engine.reset(snapshot, 1, { ownCommitted: true, dropExistingUids: true });
  engine.check();
  assert.deepEqual(engine.document.entries, [sent, since]);
  assert.equal(engine.inflight, null);
});
