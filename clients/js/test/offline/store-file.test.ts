/** A file that a crash cut off, that somebody damaged, that has grown, or that another program has open. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { StoreFailed, StoreInUse } from "../../src/errors.js";
import { fileStore } from "../../src/node/store-file.js";
import { batch, SERVER, USER } from "./batches.js";

const folder = await mkdtemp(join(tmpdir(), "tutti-file-"));
process.on("exit", () => void rm(folder, { recursive: true, force: true }));

let files = 0;
function newPath(): string {
  return join(folder, `queue ${++files}`);
}

function written(record: string) {
  return batch({ writes: [{ room: "one", whole: null, records: [record], isUnsaved: true }] });
}

async function fileWith(records: readonly string[]): Promise<string> {
  const path = newPath();
  const store = await fileStore(path).open(SERVER);
  store.write(batch({ writes: [{ room: "one", whole: "w", records: [], isUnsaved: true }] }));
  for (const record of records) {
    store.write(written(record));
    await store.stored();
  }
  await store.close();
  return path;
}

async function recordsIn(path: string): Promise<readonly string[] | undefined> {
  const store = await fileStore(path).open(SERVER);
  const room = await store.room(USER, "one");
  await store.close();
  return room?.records;
}

test("a last line that was cut off anywhere goes, and all before it stays", async () => {
  const path = await fileWith(["first", "second"]);
  const content = await readFile(path);
  const lastLine = content.lastIndexOf("\n", content.length - 2) + 1;
  for (const cut of [lastLine, lastLine + 1, lastLine + 20, content.length - 1]) {
    await writeFile(path, content);
    await truncate(path, cut);
    assert.deepEqual(await recordsIn(path), ["first"], `cut at ${cut}`);
    const store = await fileStore(path).open(SERVER);
    store.write(written("third"));
    await store.close();
    assert.deepEqual(await recordsIn(path), ["first", "third"], `cut at ${cut}`);
  }
});

test("a file whose first line was cut off is new", async () => {
  const path = newPath();
  await writeFile(path, "tutti-off");
  assert.equal(await recordsIn(path), undefined);
});

test("a line that was damaged in the middle is said, and the file stays as it is", async () => {
  const path = await fileWith(["first", "second"]);
  const content = await readFile(path, "utf8");
  const damaged = content.replace("first", "fIrst");
  await writeFile(path, damaged);
  await assert.rejects(fileStore(path).open(SERVER), (error: unknown) => {
    return error instanceof StoreFailed && !(error instanceof StoreInUse) && /damaged/.test(error.message);
  });
  assert.equal(await readFile(path, "utf8"), damaged);
});

test("another program's file is refused and left alone", async () => {
  const path = newPath();
  await writeFile(path, "Dear diary,\ntoday");
  await assert.rejects(fileStore(path).open(SERVER), StoreFailed);
  assert.equal(await readFile(path, "utf8"), "Dear diary,\ntoday");
});

test("what cannot be written is said", async () => {
  await assert.rejects(fileStore(join(folder, "no such folder", "queue")).open(SERVER), StoreFailed);
});

test("one client at a time has it open", async () => {
  const path = newPath();
  const store = await fileStore(path).open(SERVER);
  await assert.rejects(fileStore(path).open(SERVER), StoreInUse);
  await store.close();
  await (await fileStore(path).open(SERVER)).close();
});

test("a program that was killed locks nobody out", async () => {
  const path = newPath();
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  await writeFile(`${path}.lock`, `${pid} some life`);
  await (await fileStore(path).open(SERVER)).close();
});

test("a file that has grown is written anew, and holds what it held", async () => {
  const path = newPath();
  const store = await fileStore(path).open(SERVER);
  for (let round = 0; round < 40; round += 1) {
    const whole = `${round}`.repeat(20_000).slice(0, 20_000);
    store.write(batch({ writes: [{ room: "one", whole, records: [], isUnsaved: true }], uids: round }));
    await store.stored();
  }
  store.write(written("after"));
  await store.close();
  assert.ok((await stat(path)).size < 300_000);
  const next = await fileStore(path).open(SERVER);
  assert.equal((await next.room(USER, "one"))?.whole, "39".repeat(10_000));
  assert.deepEqual((await next.room(USER, "one"))?.records, ["after"]);
  assert.equal((await next.session())?.uids, 0);
  await next.close();
});
