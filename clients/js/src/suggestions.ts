/**
 * What else would go well with a playlist.
 *
 * The server knows which tracks stand together in its playlists and Jams. Asked over HTTP, so it needs a connection to
 * the server but no open room.
 */

import { Asker } from "./asker.js";
import type { Reason } from "./reasons.js";
import { count, flag, listOf, mapOf, named, orNull, record, type Shape, text } from "./shape.js";
import type { TokenSource } from "./tokens.js";
import type { Track } from "./tracks.js";
import { httpUrl } from "./urls.js";

/**
 * `track` is as `Playlist.append` takes it. `score` compares the suggestions of one answer; the strongest reason comes
 * first.
 */
export interface Suggestion {
  readonly track: Track;
  readonly score: number;
  readonly reasons: readonly Reason[];
}

/**
 * The best first. `considered` are the playlists and Jams that were looked through; until `isComplete` the server is
 * still reading them.
 */
export interface Suggestions {
  readonly items: readonly Suggestion[];
  readonly considered: number;
  readonly isComplete: boolean;
}

/**
 * At most `limit` (of at most 50) tracks that the playlist does not hold. Rejects with RequestRefused (`not_found`,
 * `busy`) and Unreachable.
 */
export function suggestions(
  url: string,
  playlistId: string,
  tokens: TokenSource,
  limit: number,
): Promise<Suggestions> {
  const asker = new Asker(`${httpUrl(url)}/v1/playlists/${encodeURIComponent(playlistId)}`, tokens);
  return asker.ask("GET", "suggestions", answer, { query: { limit } });
}

// -- how it comes -----------------------------------------------------------------------------------------

const withName = record({ name: text });

const found = record({
  uri: text,
  name: text,
  artists: listOf(withName),
  album: orNull(withName),
  duration_ms: count,
  external_ids: mapOf(text),
});

/** What is known of it, and nothing that is empty. */
const track: Shape<Track> = value => {
  const { uri, name, artists, album, duration_ms, external_ids } = found(value);
  return {
    track: uri,
    ...(name !== "" && { title: name }),
    ...(artists.length > 0 && { artists: artists.map(artist => artist.name) }),
    ...(album !== null && album.name !== "" && { album: album.name }),
    ...(duration_ms > 0 && { duration_ms }),
    ...(external_ids["isrc"] && { isrc: external_ids["isrc"] }),
  };
};

const reason: Shape<Reason> = record({
  other: named("with", record({ uri: text, name: text })),
  lists: count,
  mine: count,
  names: listOf(text),
});

const answer: Shape<Suggestions> = record({
  items: listOf(record({ track, score: count, reasons: listOf(reason) })),
  considered: count,
  isComplete: named("complete", flag),
});
