/**
 * A playlist that several people edit, as a program sees it.
 *
 * Reads are synchronous and show one's own edits at once; what others do comes in between two turns of the event
 * loop. Edits are queued and saved by themselves; `saved` waits for it. Knows positions, tracks and people. How
 * edits travel and meet is the replica's and the algebra's.
 */

import { PLAYLIST_CHANGES, type PlaylistChange } from "./changes.js";
import { CallerError, type ClientError, EditsRefused, PlaylistClosed, UnsavedEdits } from "./errors.js";
import type { Refusal, ReplicaEvent } from "./events.js";
import type { Host } from "./host.js";
import { featuresOf } from "./jam/features.js";
import { lazily } from "./lazy.js";
import { Observable } from "./observable.js";
import { insertAt, moveRange, permute, removeRange, setAttribute, setField } from "./ot/build.js";
import { uidOf } from "./ot/document.js";
import type { Op } from "./ot/op.js";
import { type Entry, isValue, type Value } from "./ot/value.js";
import type { PlaylistReplica } from "./playlist-replica.js";
import type { Status } from "./replica.js";
import { Room } from "./room.js";
import type { Roster } from "./roster.js";
import type { Suggestions } from "./suggestions.js";
import { asList, checkAttribute, checkField, makeEntry, type Track } from "./tracks.js";
import { type Body, type Member as Connection, PRESENCE_BYTES_MAX } from "./wire/messages.js";

/** What a playlist asks of the client besides. */
export interface PlaylistHost extends Host {
  /** What was refused in it and not dismissed. */
  refusalsOf(playlist: string): readonly Refusal[];

  /** Somebody has seen what was refused in it. */
  dismiss(playlist: string): void;

  /** Resolves when all edits made so far are on this device. */
  stored(): Promise<void>;

  /** What else would go well with it. */
  suggestions(playlistId: string, limit: number): Promise<Suggestions>;
}

/**
 * Somebody in the playlist, by one connection. `cursor` is the index before which they stand (the length: at the
 * end), null if they show none or it is at an entry that is not here. `state` is all they show.
 */
export interface Member {
  readonly id: string;
  readonly user: string;
  readonly name: string;
  readonly cursor: number | null;
  readonly state: Body;
}

/** A playlist at one moment, for who shows it. `error`: why it is gone, if it is. */
export interface PlaylistSnapshot {
  readonly id: string;
  readonly name: string;
  readonly entries: readonly Entry[];
  readonly attributes: Entry;
  readonly version: number;
  readonly role: string;
  readonly status: Status;
  readonly isOpen: boolean;
  readonly members: readonly Member[];
  readonly present: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly refusals: readonly Refusal[];
  readonly error: ClientError | null;
}

/** See the module. Made by `Tutti.openPlaylist`. */
export class Playlist extends Room<PlaylistReplica, PlaylistChange, PlaylistHost> {
  readonly #shown = new Observable(() => this.#snapshot());
  #standing: {
    readonly entries: readonly Entry[];
    readonly connections: readonly Connection[];
    readonly members: readonly Member[];
  } | null = null;
  #refusal: Refusal | null = null;
  #refusals = 0;
  #refusalsThrown = 0;

  constructor(replica: PlaylistReplica, roster: Roster, host: PlaylistHost) {
    super(replica, roster, host, PLAYLIST_CHANGES);
  }

  // -- what it holds -----------------------------------------------------------------------------------------

  /**
   * The entries in order, each a map with `uid`, `track`, `added_by`, `added_at` and more. A list that was read
   * never changes afterwards: read again for the newest, and do not change it.
   */
  get entries(): readonly Entry[] {
    return this.replica.document.entries;
  }

  get attributes(): Entry {
    return this.replica.document.attributes;
  }

  get name(): string {
    const name = this.attributes["name"];
    return typeof name === "string" ? name : "";
  }

  /** `owner`, `editor` or `viewer`; what this user may do here. */
  get role(): string {
    return this.replica.role;
  }

  /** How far the newest edit got: `pending` here, `sent` and under way, or `durable`. */
  get status(): Status {
    return this.replica.status;
  }

  /** Where the entry with this uid stands; -1 if it does not. */
  indexOf(uid: string): number {
    return this.entries.findIndex(entry => uidOf(entry) === uid);
  }

  // -- edits -------------------------------------------------------------------------------------------------
  // Each is applied at once. All throw ReadOnly, QueueFull, PlaylistClosed and ConnectionRefused; nothing changed
  // then.

  /**
   * Puts one or more tracks before the entry at `index`. Returns the uids of the new entries. Throws RangeError
   * and InvalidEdit.
   */
  insert(index: number, tracks: Track | Iterable<Track>): string[] {
    const serverMs = this.host.serverMs();
    const entries = asList(tracks).map(track =>
      makeEntry(track, this.replica.takeUid(), this.replica.user, serverMs),
    );
    this.edit(insertAt(this.entries.length, index, entries));
    return entries.map(uidOf);
  }

  /** As `insert`, at the end. */
  append(tracks: Track | Iterable<Track>): string[] {
    return this.insert(this.entries.length, tracks);
  }

  /** Removes the `count` entries from `start` on. Throws RangeError. */
  remove(start: number, count = 1): void {
    this.edit(removeRange(this.entries.length, start, count));
  }

  /**
   * Moves the `count` entries from `start` on to stand before the one that is now at `to`; the length is the end.
   * Throws RangeError.
   */
  move(start: number, count: number, to: number): void {
    this.edit(moveRange(this.entries.length, start, count, to));
  }

  /**
   * Puts the entries in an order in which each follows smoothly from the one before, by their fields `tempo`,
   * `key` and `energy`; the first one stays. One edit, of the list as it is when this resolves. Changes nothing
   * where these fields are not set. Rejects with what edits throw, and with Unreachable if this part does not load.
   */
  async smoothSort(): Promise<void> {
    const { smoothOrder } = await lazily(import("./jam/smooth-order.js"));
    this.edit(permute(smoothOrder(this.entries.map(featuresOf))));
  }

  /** Sets a field of the entry at `index`; null deletes it. Throws RangeError and InvalidEdit. */
  setField(index: number, field: string, value: Value): void {
    const entry = this.entries[index];
    if (entry === undefined) {
      throw new RangeError(`A list of ${this.entries.length} has no entry ${index}.`);
    }
    checkField(entry, field, value);
    this.edit(setField(this.entries.length, index, field, value));
  }

  /** Sets an attribute of the playlist, such as its name; null deletes it. Throws InvalidEdit. */
  setAttribute(name: string, value: Value): void {
    checkAttribute(name, value);
    this.edit(setAttribute(name, value));
  }

  /** Any op on `entries` and `attributes` as they are now (see `ot/build`). Throws OpError. */
  edit(op: Op): void {
    this.throwFailure();
    this.#happened(this.replica.edit(op, this.host.serverMs()));
  }

  /**
   * Takes back the newest step of what was edited here: edits that came within half a second of each other. What
   * others decided since stands, also in the same place. An entry that comes back may have a new uid, with the old
   * one in `was`. False if there was nothing to undo.
   */
  undo(): boolean {
    this.throwFailure();
    return this.#happened(this.replica.takeBack("undo", this.host.serverMs()));
  }

  /** Does again what was undone last, unless something was edited since; as `undo`. */
  redo(): boolean {
    this.throwFailure();
    return this.#happened(this.replica.takeBack("redo", this.host.serverMs()));
  }

  /** Whether `undo` would change anything. */
  get canUndo(): boolean {
    return this.failure() === null && this.replica.canTakeBack("undo");
  }

  get canRedo(): boolean {
    return this.failure() === null && this.replica.canTakeBack("redo");
  }

  /** The next edit is a step of its own for `undo`, however soon it comes. */
  endStep(): void {
    this.replica.endStep();
  }

  #happened(events: readonly ReplicaEvent[]): boolean {
    for (const event of events) {
      this.receive(event);
    }
    this.host.wake();
    return events.length > 0;
  }

  /**
   * Resolves when all edits made before this call are durable. Rejects with EditsRefused if some were refused
   * since the last call (the others live on), with PlaylistClosed or ConnectionRefused if they can never be.
   */
  override async saved(): Promise<void> {
    const thrown = this.#refusalsThrown;
    await super.saved();
    if (this.#refusal !== null && this.#refusals > thrown) {
      this.#refusalsThrown = this.#refusals;
      throw new EditsRefused(this.#refusal.code, this.#refusal.message, this.#refusal.op);
    }
  }

  /**
   * Resolves when all edits made before this call are kept on this device. From then on they survive the page and
   * the machine, and arrive exactly once. It begins by itself when an edit is made. Rejects with StoreFailed, and
   * with CallerError without `connect(…, { offline })`.
   */
  stored(): Promise<void> {
    return this.host.stored();
  }

  /**
   * At most `limit` tracks (of at most 50) that would go well with what is saved here, and why, to be appended as
   * they are: `playlist.append(suggestion.track)`. Rejects with RequestRefused and Unreachable.
   */
  suggestions(limit = 20): Promise<Suggestions> {
    return this.host.suggestions(this.id, limit);
  }

  /** What the server refused for good and nobody dismissed yet, oldest first, at most 100. */
  get refusals(): readonly Refusal[] {
    return this.host.refusalsOf(this.id);
  }

  /** They need not be kept any longer. */
  dismissRefusals(): void {
    this.host.dismiss(this.id);
    this.#shown.changed();
  }

  // -- following it ------------------------------------------------------------------------------------------

  /** Calls `listener` after anything of `getSnapshot` changed; the function that comes back ends it. */
  get subscribe(): (listener: () => void) => () => void {
    return this.#shown.subscribe;
  }

  /** All that there is to show, immutable, and the same object until something changes. */
  get getSnapshot(): () => PlaylistSnapshot {
    return this.#shown.getSnapshot;
  }

  #snapshot(): PlaylistSnapshot {
    const { id, name, entries, attributes, version, role, status, isOpen } = this;
    const { members, present, canUndo, canRedo, refusals } = this;
    const error = this.failure();
    return {
      ...{ id, name, entries, attributes, version, role, status, isOpen },
      ...{ members, present, canUndo, canRedo, refusals, error },
    };
  }

  /**
   * Who is in the playlist now, ourselves included, once for each connection. The same list until one of them or the
   * entries change.
   */
  get members(): readonly Member[] {
    const { entries } = this;
    const { members: connections } = this.roster;
    if (this.#standing?.entries !== entries || this.#standing.connections !== connections) {
      const members = connections.map(connection => this.#memberOf(connection));
      this.#standing = { entries, connections, members };
    }
    return this.#standing.members;
  }

  /**
   * Shows others that we are at the entry at `index` (the length: at the end), or nowhere. The cursor stays at that
   * entry wherever it goes. Throws RangeError.
   */
  setCursor(index: number | null): void {
    const { length } = this.entries;
    if (index === null) {
      this.show({});
    } else if (index === length) {
      this.show({ cursor: "" });
    } else {
      const entry = this.entries[index];
      if (entry === undefined) {
        throw new RangeError(`A list of ${length} has no entry ${index}.`);
      }
      this.show({ cursor: uidOf(entry) });
    }
  }

  /**
   * Shows others any small state of ours; `cursor` in it is a uid, or empty for the end. Throws CallerError for
   * what is no plain value or larger than 1 KiB.
   */
  show(state: Body): void {
    if (!isValue(state) || new TextEncoder().encode(JSON.stringify(state)).length > PRESENCE_BYTES_MAX) {
      throw new CallerError(`What is shown is a map of plain values of at most ${PRESENCE_BYTES_MAX} bytes.`);
    }
    this.roster.show(state);
    this.host.wake();
  }

  #memberOf({ id, user, name, state }: Connection): Member {
    const at = state["cursor"];
    const index = at === "" ? this.entries.length : typeof at === "string" ? this.indexOf(at) : -1;
    return { id, user, name, cursor: index < 0 ? null : index, state };
  }

  // -- its end -----------------------------------------------------------------------------------------------

  /** Leaves the playlist. Throws UnsavedEdits unless all is saved or `discard` says that it may go. */
  close({ discard = false }: { discard?: boolean } = {}): void {
    if (!this.replica.isSynced && this.replica.closed === null && !discard) {
      throw new UnsavedEdits("Some edits are not saved; wait for `saved()`, or discard them.");
    }
    this.isClosed = true;
    this.host.forget(this.id, !this.replica.isSynced);
    this.fail();
  }

  override receive(event: ReplicaEvent): void {
    if (event.type === "refusal") {
      this.#refusal = event;
      this.#refusals += 1;
    }
    super.receive(event);
  }

  protected shownChanged(): void {
    this.#shown.changed();
  }

  protected failure(): ClientError | null {
    const { closed } = this.replica;
    if (closed !== null) {
      return new PlaylistClosed(closed.code, closed.message, closed.op);
    }
    if (this.isClosed) {
      return new PlaylistClosed("closed", "This playlist was closed here.");
    }
    return this.host.failure;
  }
}
