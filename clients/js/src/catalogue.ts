/**
 * What the server has to play: its catalogue, searched and looked up.
 *
 *     const { items } = await tutti.search("blue gr", { limit: 5 });
 *     playlist.append(items[0].track);
 *     picture.src = artworkUrl(items[0], 96);
 *
 * Asked over HTTP. Knows paths and the shapes of answers, which are those of the Spotify Web API and a little more.
 */

import { Asker } from "./asker.js";
import type { Picture } from "./pictures.js";
import { count, listOf, mapOf, named, type Of, or, orNull, record, type Shape, text } from "./shape.js";
import type { TokenSource } from "./tokens.js";
import type { Track } from "./tracks.js";
import { httpUrl } from "./urls.js";

/** A track as the server shows it: `track` as `Playlist.append` and `Jam.add` take it, and its pictures. */
export interface FoundTrack {
  readonly track: Exclude<Track, string>;
  readonly pictures: readonly Picture[];
}

/** The best first, from `offset` on; `total` counts all that fit. */
export interface Found {
  readonly items: readonly FoundTrack[];
  readonly offset: number;
  readonly total: number;
}

/** Which part of what fits: at most 50 at a time. `signal` says that nobody wants to know any more. */
export interface SearchOptions {
  readonly limit?: number;
  readonly offset?: number;
  readonly signal?: AbortSignal;
}

export const SEARCH_LIMIT = 20;

/** All rejects with RequestRefused and Unreachable, and with the signal's reason. */
export class Catalogue {
  readonly #url: string;
  readonly #asker: Asker;

  constructor(url: string, tokens: TokenSource) {
    this.#url = httpUrl(url);
    this.#asker = new Asker(`${this.#url}/v1`, tokens);
  }

  /** Tracks in which all these words begin something: a title, an artist, an album. */
  async search(words: string, { limit = SEARCH_LIMIT, offset = 0, signal }: SearchOptions): Promise<Found> {
    const query = { q: words, type: "track", limit, offset };
    const { tracks } = await this.#asker.ask("GET", "search", SEARCH, { query, signal });
    return { ...tracks, items: tracks.items.map(found => this.#placed(found)) };
  }

  /** The one with this URI, or id. */
  async track(uri: string): Promise<FoundTrack> {
    const id = uri.slice(uri.lastIndexOf(":") + 1);
    return this.#placed(await this.#asker.ask("GET", `tracks/${encodeURIComponent(id)}`, SHOWN));
  }

  /** Its pictures with whole addresses. */
  #placed({ track, pictures }: FoundTrack): FoundTrack {
    const placed = pictures.map(picture => ({ ...picture, url: new URL(picture.url, `${this.#url}/`).href }));
    return { track, pictures: placed };
  }
}

// -- how it comes -----------------------------------------------------------------------------------------

const withName = record({ name: text });

const PICTURE: Shape<Picture> = record({
  url: text,
  width: or(orNull(count), null),
  height: or(orNull(count), null),
});

const ALBUM = record({ name: text, images: or(listOf(PICTURE), []) });

// `tutti_uri` is what lists hold; `uri` is what foreign clients take for one. An older server has only that.
const NAMES = record({ uri: text, tutti_uri: or(orNull(text), null) });

const FIELDS = record({
  title: named("name", text),
  artists: listOf(withName),
  album: orNull(ALBUM),
  durationMs: named("duration_ms", count),
  ids: named("external_ids", mapOf(text)),
  tempo: or(orNull(count), null),
  key: or(orNull(text), null),
  energy: or(orNull(count), null),
});

/** A track of any answer: what is known of it, and nothing that is empty. */
export const SHOWN: Shape<FoundTrack> = value => {
  const { uri, tutti_uri } = NAMES(value);
  const fields = FIELDS(value);
  return { track: { track: tutti_uri ?? uri, ...entryOf(fields) }, pictures: fields.album?.images ?? [] };
};

function entryOf({ title, artists, album, durationMs, ids, tempo, key, energy }: Of<typeof FIELDS>) {
  return {
    ...(title !== "" && { title }),
    ...(artists.length > 0 && { artists: artists.map(artist => artist.name) }),
    ...(album !== null && album.name !== "" && { album: album.name }),
    ...(durationMs > 0 && { duration_ms: durationMs }),
    ...(ids["isrc"] && { isrc: ids["isrc"] }),
    ...(tempo !== null && { tempo }),
    ...(key && { key }),
    ...(energy !== null && { energy }),
  };
}

const FOUND: Shape<Found> = record({ items: listOf(SHOWN), offset: count, total: count });
const SEARCH = record({ tracks: FOUND });
