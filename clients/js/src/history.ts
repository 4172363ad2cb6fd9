/**
 * A playlist's past, and the way back.
 *
 *     const history = await tutti.history(playlist.id);
 *     for (const version of await history.versions()) {
 *       console.log(version.version, version.author.name, version.counts);
 *     }
 *     await history.restore(41);
 *
 * What it was at any version or time, who changed what, the difference of two versions; for editors and owners,
 * restoring a version and taking back what one person did. Asked over HTTP, so it needs a connection to the server
 * but no open room. Restoring is an op like any other: an open playlist shows it as somebody's change.
 */

import { Asker } from "./asker.js";
import type { Document } from "./ot/document.js";
import { type Op, OpError } from "./ot/op.js";
import type { Edits, Entry } from "./ot/value.js";
import { areEdits, areMembers, decode } from "./ot/wire.js";
import {
  count,
  flag,
  listOf,
  Misfit,
  mapOf,
  misfit,
  named,
  orNull,
  record,
  type Shape,
  text,
  whole,
} from "./shape.js";
import type { TokenSource } from "./tokens.js";
import { httpUrl } from "./urls.js";

/** Who did it. `name` is null if they are gone. */
export interface Author {
  readonly id: string;
  readonly name: string | null;
}

/**
 * What happened to one entry: `added`, `removed`, `moved` or `edited`.
 *
 * `entry` is the entry after it, or as it was last if it was removed. `before` and `after` are its indexes, null
 * where it does not stand; `fields` is what was set, for an edit.
 */
export interface EntryChange {
  readonly change: string;
  readonly entry: Entry;
  readonly before: number | null;
  readonly after: number | null;
  readonly fields: Edits | null;
}

/** Who made a version, and when. `byServer`: the server made it for the author (a restore, a take-back). */
export interface Made {
  readonly version: number;
  readonly atMs: number;
  readonly author: Author;
  readonly byServer: boolean;
}

/**
 * One version, and what it did. `counts` counts all changes; `changes` are the first of them. `attributes` are those
 * that were set.
 */
export interface PastVersion extends Made {
  readonly counts: { readonly [change: string]: number };
  readonly changes: readonly EntryChange[];
  readonly attributes: Edits;
}

/**
 * The playlist as it was at a version, as the builders of `ot/build` take it. Who made the version, and when, is null
 * at the beginning of what is kept.
 */
export interface PastState extends Document {
  readonly version: number;
  readonly atMs: number | null;
  readonly author: Author | null;
}

/** What leads from one version to another. */
export interface Difference {
  readonly op: Op;
  readonly counts: { readonly [change: string]: number };
  readonly changes: readonly EntryChange[];
  readonly attributes: Edits;
}

/** What one version did to one entry. */
export interface EntryEvent extends Made, EntryChange {}

/** Which versions: the newest below `before`, or of all; at most so many. */
export interface Page {
  readonly before?: number;
  readonly limit?: number;
}

/**
 * See the module. Made by `Tutti.history`. Everything rejects with RequestRefused (`not_found` also for a version
 * that never was, `history_gone` for one that is no longer kept) and Unreachable.
 */
export class History {
  readonly #asker: Asker;

  constructor(url: string, playlistId: string, tokens: TokenSource) {
    this.#asker = new Asker(`${httpUrl(url)}/v1/playlists/${encodeURIComponent(playlistId)}`, tokens);
  }

  /**
   * What happened, the newest first: at most `limit` versions (of at most 50), those below `before`. Fewer, or none,
   * where the history that is kept begins.
   */
  async versions({ before, limit = 20 }: Page = {}): Promise<readonly PastVersion[]> {
    const query = before === undefined ? { limit } : { limit, before };
    return (await this.#asker.ask("GET", "history", versions, { query })).items;
  }

  /** What happened to one entry, the oldest first, as far back as it is kept. */
  async entry(uid: string): Promise<readonly EntryEvent[]> {
    return (await this.#asker.ask("GET", `history/${encodeURIComponent(uid)}`, life)).items;
  }

  /** The playlist as it was at a version. */
  state(version: number): Promise<PastState> {
    return this.#asker.ask("GET", `versions/${version}`, pastState);
  }

  /** The playlist as it was at a time, in ms since 1970. */
  stateAt(atMs: number): Promise<PastState> {
    return this.#asker.ask("GET", "versions", pastState, { query: { at: atMs } });
  }

  /** What leads from one version to another, either of which may be the older. */
  difference(fromVersion: number, toVersion: number): Promise<Difference> {
    return this.#asker.ask("GET", "diff", difference, { query: { from: fromVersion, to: toVersion } });
  }

  /**
   * Makes the playlist what it was at a version, for everybody. Resolves to the new version. Rejects with
   * RequestRefused `forbidden` for viewers.
   */
  async restore(version: number): Promise<number> {
    return (await this.#asker.ask("POST", "restore", became, { body: { version } })).version;
  }

  /** Takes back what a user did after version `since`; what others did stays. Else as `restore`. */
  async takeBack(user: string, since: number): Promise<number> {
    return (await this.#asker.ask("POST", "take-back", became, { body: { user, since } })).version;
  }
}

// -- how it comes -----------------------------------------------------------------------------------------

const entry: Shape<Entry> = value => (areMembers(value) ? value : misfit("an entry", value));
const edits: Shape<Edits> = value => (areEdits(value) ? value : misfit("a map of edits", value));
const counts = mapOf(count);

function op(value: unknown): Op {
  try {
    return decode(value);
  } catch (error) {
    throw error instanceof OpError ? new Misfit(error.message) : error;
  }
}

const author: Shape<Author> = record({ id: text, name: named("display_name", orNull(text)) });

const CHANGE = {
  change: text,
  entry,
  before: named("from", orNull(count)),
  after: named("to", orNull(count)),
  fields: orNull(edits),
};

const changes: Shape<readonly EntryChange[]> = listOf(record(CHANGE));

const MADE = {
  version: count,
  atMs: named("at", whole),
  author,
  byServer: named("by_server", flag),
};

const pastVersion: Shape<PastVersion> = record({
  ...MADE,
  counts,
  changes,
  attributes: edits,
});

const pastState: Shape<PastState> = record({
  version: count,
  atMs: named("at", orNull(whole)),
  author: orNull(author),
  attributes: edits,
  entries: listOf(entry),
});

const difference: Shape<Difference> = record({
  op,
  counts,
  changes,
  attributes: edits,
});

const versions = record({ items: listOf(pastVersion) });
const life: Shape<{ items: readonly EntryEvent[] }> = record({
  items: listOf(record({ ...MADE, ...CHANGE })),
});
const became = record({ version: count });
