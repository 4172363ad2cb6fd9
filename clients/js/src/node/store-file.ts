/**
 * What a Node program keeps of playlists, in a file.
 *
 * A file of lines: each is what one commit wrote (JSON, after the first 16 hex digits of its SHA-256), flushed to the
 * disk before anybody is told that it is kept. Opening reads it to its end; a last line that was cut off, by a crash
 * in the middle of it, was promised to nobody and goes. A file that has grown to several times what it holds is
 * written anew beside it and takes its place. One program at a time: see `lock-file`.
 *
 * Knows files and lines. Does not know what is in the texts.
 */

import { createHash } from "node:crypto";
import { type FileHandle, open, readFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { BatchStore } from "../batches.js";
import { StoreFailed } from "../errors.js";
import { Kept } from "../kept.js";
import type { Batch, OfflinePlace, OfflineStore, StoredRefusal, StoredSession } from "../offline-store.js";
import type { Stored } from "../store.js";
import { type Lock, lockFile } from "./lock-file.js";

const FIRST_LINE = "tutti-offline 1\n";
/** A file is written anew when it is so many times as long as what it holds, and not before it is this long. */
const GROWN_TIMES = 4;
const GROWN_BYTES_MIN = 256 * 1024;

/** A place for `connect(…, { offline })`: one file, for any number of servers. */
export function fileStore(path: string): OfflinePlace {
  return { open: server => FileStore.open(path, server) };
}

/** What one commit wrote. */
interface Line {
  readonly server: string;
  readonly batches: readonly Batch[];
}

class FileStore extends BatchStore implements OfflineStore {
  readonly #path: string;
  readonly #server: string;
  readonly #lock: Lock;
  readonly #servers: Map<string, Kept>;
  #file: FileHandle;
  #bytes: number;

  private constructor(
    path: string,
    server: string,
    lock: Lock,
    servers: Map<string, Kept>,
    file: FileHandle,
    bytes: number,
  ) {
    super();
    this.#path = path;
    this.#server = server;
    this.#lock = lock;
    this.#servers = servers;
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Rejects with StoreInUse if another program has the file open, StoreFailed if it cannot be used. */
  static async open(path: string, server: string): Promise<FileStore> {
    try {
      const lock = await lockFile(`${path}.lock`);
      try {
        const { servers, bytes } = await readLines(path);
        const file = await open(path, "a");
        await file.truncate(bytes);
        if (bytes === 0) {
          await file.appendFile(FIRST_LINE);
          await file.sync();
          await syncFolder(path);
        }
        return new FileStore(path, server, lock, servers, file, bytes || FIRST_LINE.length);
      } catch (error) {
        await lock.release();
        throw error;
      }
    } catch (error) {
      throw failed(path, error);
    }
  }

  async session(): Promise<StoredSession | null> {
    return this.#kept.session;
  }

  async unsavedRooms(user: string): Promise<readonly Stored[]> {
    return this.#kept.unsavedRooms(user);
  }

  async room(user: string, room: string): Promise<Stored | null> {
    return this.#kept.room(user, room);
  }

  async refusals(user: string): Promise<readonly StoredRefusal[]> {
    return this.#kept.refusals(user);
  }

  async close(): Promise<void> {
    // What could not be written was said already.
    await this.stored().catch(() => undefined);
    await this.#file.close();
    await this.#lock.release();
  }

  get #kept(): Kept {
    return keptOf(this.#servers, this.#server);
  }

  protected async commit(batches: readonly Batch[]): Promise<void> {
    try {
      const line = lineOf({ server: this.#server, batches });
      await this.#file.appendFile(line);
      await this.#file.datasync();
      this.#bytes += Buffer.byteLength(line);
      for (const batch of batches) {
        this.#kept.take(batch);
      }
      await this.#shrink();
    } catch (error) {
      throw failed(this.#path, error);
    }
  }

  /** Writes anew what the file holds, if that is much less than what it is. */
  async #shrink(): Promise<void> {
    const held = [...this.#servers.values()].reduce((sum, kept) => sum + kept.size, 0);
    if (this.#bytes < Math.max(GROWN_BYTES_MIN, GROWN_TIMES * held)) {
      return;
    }
    const lines = [...this.#servers].map(([server, kept]) => lineOf({ server, batches: kept.batches() }));
    const content = FIRST_LINE + lines.join("");
    const beside = `${this.#path}.new`;
    const file = await open(beside, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, this.#path);
    await syncFolder(this.#path);
    await this.#file.close();
    this.#file = await open(this.#path, "a");
    this.#bytes = Buffer.byteLength(content);
  }
}

function keptOf(servers: Map<string, Kept>, server: string): Kept {
  const kept = servers.get(server) ?? new Kept();
  servers.set(server, kept);
  return kept;
}

/** What the file holds, and up to where it is good. */
async function readLines(path: string): Promise<{ servers: Map<string, Kept>; bytes: number }> {
  const servers = new Map<string, Kept>();
  const size = await stat(path).then(
    found => found.size,
    (error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? 0 : Promise.reject(error)),
  );
  if (size === 0) {
    return { servers, bytes: 0 };
  }
  const content = await readFile(path);
  if (!FIRST_LINE.startsWith(content.toString("utf8", 0, FIRST_LINE.length))) {
    throw new StoreFailed("store_failed", `${path} is another program's file, or a newer version's.`);
  }
  if (content.length < FIRST_LINE.length) {
    return { servers, bytes: 0 };
  }
  let bytes = FIRST_LINE.length;
  while (bytes < content.length) {
    const ends = content.indexOf("\n", bytes);
    const line = ends < 0 ? null : readLine(content.toString("utf8", bytes, ends));
    if (line === null) {
      if (ends >= 0 && ends < content.length - 1) {
        throw new StoreFailed("store_failed", `${path} is damaged at byte ${bytes}.`);
      }
      break;
    }
    for (const batch of line.batches) {
      keptOf(servers, line.server).take(batch);
    }
    bytes = ends + 1;
  }
  return { servers, bytes };
}

function lineOf(line: Line): string {
  const json = JSON.stringify(line);
  return `${checksum(json)} ${json}\n`;
}

/** Null for a line that was not written to its end. */
function readLine(text: string): Line | null {
  const json = text.slice(17);
  return text.slice(0, 17) === `${checksum(json)} ` ? (JSON.parse(json) as Line) : null;
}

function checksum(json: string): string {
  return createHash("sha256").update(json).digest("hex").slice(0, 16);
}

/** A file's name is kept when its folder is flushed; systems that cannot do that do it by themselves. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), "r").catch(() => null);
  if (folder !== null) {
    await folder.sync().catch(() => undefined);
    await folder.close();
  }
}

function failed(path: string, error: unknown): StoreFailed {
  if (error instanceof StoreFailed) {
    return error;
  }
  const because = error instanceof Error ? error.message : String(error);
  return new StoreFailed("store_failed", `${path} cannot be used: ${because}.`);
}
