/**
 * What else would go well with a playlist.
 *
 * The server knows which tracks stand together in its playlists and Jams. Asked over HTTP, so it needs a connection to
 * the server but no open room.
 */

import { Asker } from "./asker.js";
import { SHOWN } from "./catalogue.js";
import type { Reason } from "./reasons.js";
import { count, flag, listOf, named, record, type Shape, text } from "./shape.js";
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

/** What is known of it, and nothing that is empty. */
const track: Shape<Track> = value => SHOWN(value).track;

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
