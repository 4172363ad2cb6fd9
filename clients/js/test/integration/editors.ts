/**
 * People at sockets who edit a playlist while somebody else does.
 *
 * They move and remove only what is their own, so that what anybody else puts in keeps its order. Draws come from
 * seeds. Knows the SDK. Does not know who else edits, nor how.
 */

import type { Playlist } from "../../src/playlist.js";
import { below, pick, seeded } from "../random.js";

/** Of each person, beside one request. */
const EDITS = 2;

/** Somebody at a socket, who moves and removes only what is their own, and writes notes to anything. */
export class Editor {
  readonly #random: () => number;
  /** Of the entries that are ours: the uids of those that stand, and of those that we removed. */
  readonly standing = new Set<string>();
  readonly removed = new Set<string>();

  constructor(
    readonly playlist: Playlist,
    readonly name: string,
    seed: number,
  ) {
    this.#random = seeded(seed);
  }

  async edit(): Promise<void> {
    for (let n = 0; n < EDITS; n++) {
      this.#editOnce();
      await this.playlist.saved();
    }
  }

  #editOnce(): void {
    const { playlist } = this;
    const { length } = playlist.entries;
    const own = [...this.standing];
    const deed = own.length < 3 ? "add" : pick(["add", "add", "move", "note", "remove"], this.#random);
    if (deed === "add") {
      this.#add(below(length + 1, this.#random));
    } else if (deed === "note") {
      const note = `${this.name} was here ${this.removed.size}`;
      playlist.setField(below(length, this.#random), "note", note);
    } else {
      const uid = pick(own, this.#random);
      const at = playlist.indexOf(uid);
      if (deed === "move") {
        playlist.move(at, 1, below(length + 1, this.#random));
      } else {
        playlist.remove(at);
        this.standing.delete(uid);
        this.removed.add(uid);
      }
    }
  }

  /** Songs of this server, of another, and of neither. */
  #add(at: number): void {
    const number = this.standing.size + this.removed.size;
    const id = `${this.name}${number}`.padStart(22, "0");
    const uris = [`tutti:track:${id}`, `spotify:track:${id}`, `https://example.org/${id}.mp3`];
    const known = { title: `"${number}" = Ünï한`, artists: [this.name, "A, and B"], album: "One" };
    const more = number % 2 === 0 ? { ...known, duration_ms: 100_000 + number, isrc: "DEZZZ2600001" } : {};
    const [uid] = this.playlist.insert(at, { track: uris[number % uris.length]!, ...more });
    this.standing.add(uid!);
  }
}

/** What a request gives, while everybody edits. */
export async function beside<T>(editors: readonly Editor[], request: Promise<T>): Promise<T> {
  const [answer] = await Promise.all([request, ...editors.map(editor => editor.edit())]);
  return answer;
}
