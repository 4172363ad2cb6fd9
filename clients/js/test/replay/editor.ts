/**
 * An editor of `tutti replay` who uses this SDK over a real socket.
 *
 * Has one connection and opens many playlists on it. What to edit is decided elsewhere, from a look at the list that
 * may be old by the time the edit comes: then nothing of it is made, and who decides looks again. Knows the SDK.
 * Does not know lines, or the recorded histories.
 */

import { WebSocket } from "ws";
import { EditsRefused } from "../../src/errors.js";
import type { ReplicaEvent } from "../../src/events.js";
import { digest } from "../../src/ot/digest.js";
import { encode } from "../../src/ot/wire.js";
import type { Playlist } from "../../src/playlist.js";
import { Signal } from "../../src/signal.js";
import type { TokenFactory } from "../../src/tokens.js";
import type { Track } from "../../src/tracks.js";
import type { Tutti } from "../../src/tutti.js";
import { connect } from "../../src/way-in.js";

export type Action =
  | readonly ["remove", start: number, n: number]
  | readonly ["insert", index: number, tracks: readonly Track[]]
  | readonly ["move", start: number, n: number, before: number];

/** Everything that a question may come with. */
export interface Arguments {
  readonly playlist: string;
  readonly look: number;
  readonly actions: readonly Action[];
  readonly version: number;
}

/** Hears what is told of a playlist, in plain values. */
export type Tell = (playlist: string, event: object) => void;

/** One open playlist. `look` counts the lists that were there to be seen. */
interface Copy {
  readonly playlist: Playlist;
  readonly changed: Signal;
  look: number;
}

export class Editor {
  readonly #tutti: Tutti;
  readonly #timeoutMs: number;
  readonly #tell: Tell;
  readonly #copies = new Map<string, Copy>();

  private constructor(tutti: Tutti, timeoutMs: number, tell: Tell) {
    this.#tutti = tutti;
    this.#timeoutMs = timeoutMs;
    this.#tell = tell;
  }

  static async come(url: string, token: TokenFactory, timeoutMs: number, tell: Tell): Promise<Editor> {
    const tutti = await connect(url, { token, timeoutMs, webSocket: WebSocket });
    return new Editor(tutti, timeoutMs, tell);
  }

  /** What came of a question. */
  async answer(fn: string, given: Arguments): Promise<unknown> {
    switch (fn) {
      case "open":
        return await this.#open(given.playlist);
      case "look":
        return look(this.#copy(given.playlist));
      case "make":
        return make(this.#copy(given.playlist), given.look, given.actions);
      case "saved":
        return await saved(this.#copy(given.playlist).playlist);
      case "seen":
        return await seen(this.#copy(given.playlist), given.version);
      case "digest":
        return digest(this.#copy(given.playlist).playlist.replica.document);
      case "close":
        this.#copy(given.playlist).playlist.close({ discard: true });
        this.#copies.delete(given.playlist);
        return null;
      case "go_offline":
        this.#tutti.goOffline();
        return null;
      case "go_online":
        this.#tutti.goOnline();
        return null;
      case "sessions":
        return this.#tutti.sessions;
      case "leave":
        await this.#tutti.close({ discard: true });
        return null;
      default:
        throw new Error(`No editor knows how to ${fn}.`);
    }
  }

  async #open(id: string): Promise<null> {
    const playlist = await this.#tutti.openPlaylist(id, { timeoutMs: this.#timeoutMs });
    const copy: Copy = { playlist, changed: new Signal(), look: 0 };
    this.#copies.set(id, copy);
    playlist.listen(event => {
      copy.look += 1;
      const told = written(event);
      if (told !== null) {
        this.#tell(id, told);
      }
      copy.changed.notify();
    });
    return null;
  }

  #copy(id: string): Copy {
    const copy = this.#copies.get(id);
    if (copy === undefined) {
      throw new Error(`The playlist ${id} is not open.`);
    }
    return copy;
  }
}

function look(copy: Copy): object {
  return { look: copy.look, uids: copy.playlist.entries.map(entry => entry["uid"]) };
}

/** The uids that each action made; null, and nothing done, if the list is not the one that was looked at. */
function make(copy: Copy, looked: number, actions: readonly Action[]): string[][] | null {
  return copy.look === looked ? actions.map(action => act(copy.playlist, action)) : null;
}

function act(playlist: Playlist, action: Action): string[] {
  switch (action[0]) {
    case "remove":
      playlist.remove(action[1], action[2]);
      return [];
    case "insert":
      return playlist.insert(action[1], action[2]);
    case "move":
      playlist.move(action[1], action[2], action[3]);
      return [];
  }
}

async function saved(playlist: Playlist): Promise<null> {
  try {
    await playlist.saved();
  } catch (error) {
    // Refusals are told as they happen.
    if (!(error instanceof EditsRefused)) {
      throw error;
    }
  }
  return null;
}

async function seen(copy: Copy, version: number): Promise<null> {
  while (copy.playlist.version < version) {
    await copy.changed.wait();
  }
  return null;
}

/** What a replay counts; null for everything else. */
function written(event: ReplicaEvent): object | null {
  switch (event.type) {
    case "acknowledged":
    case "resynced":
    case "diverged":
      return event;
    case "refusal":
      return { ...event, op: encode(event.op) };
    case "renamed":
      return { ...event, uids: Object.fromEntries(event.uids) };
    default:
      return null;
  }
}
