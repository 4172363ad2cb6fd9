/**
 * One program at a time.
 *
 * A file that exists while somebody works, with the number of their process. One whose process is gone is stale, and
 * is put aside by a rename: of two who try, one succeeds, and both look again at what they put aside. Knows processes
 * of this machine. Does not know what is locked.
 */

import { link, readFile, rename, unlink, writeFile } from "node:fs/promises";
import process from "node:process";
import { StoreInUse } from "../errors.js";

const ATTEMPTS = 5;

export interface Lock {
  release(): Promise<void>;
}

/** Rejects with StoreInUse while another program, or another client of this one, holds it. */
export async function lockFile(path: string): Promise<Lock> {
  const mine = `${process.pid} ${crypto.randomUUID()}`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await isMade(path, mine)) {
      return { release: () => release(path, mine) };
    }
    const theirs = await readFile(path, "utf8").catch(() => null);
    if (theirs !== null && isAlive(theirs)) {
      break;
    }
    if (theirs !== null) {
      await putAside(path, theirs);
    }
  }
  throw new StoreInUse("store_in_use", `Another program keeps its edits in the file that ${path} locks.`);
}

async function isMade(path: string, mine: string): Promise<boolean> {
  try {
    await writeFile(path, mine, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      return false;
    }
    throw error;
  }
}

/** A lock that was just being written names nobody yet: it counts as held. */
function isAlive(holder: string): boolean {
  const pid = Number.parseInt(holder, 10);
  if (Number.isNaN(pid)) {
    return true;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Somebody else may have taken the stale lock's place meanwhile: what is not stale is put back. */
async function putAside(path: string, stale: string): Promise<void> {
  const aside = `${path}.${crypto.randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, "utf8")) !== stale) {
      await link(aside, path).catch(() => undefined);
    }
  } catch {
    // They were faster.
  } finally {
    await unlink(aside).catch(() => undefined);
  }
}

async function release(path: string, mine: string): Promise<void> {
  if ((await readFile(path, "utf8").catch(() => null)) === mine) {
    await unlink(path).catch(() => undefined);
  }
}
