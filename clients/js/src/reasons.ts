/**
 * Why a track is suggested, in words.
 *
 * Apart from `suggestions`, which is loaded when it is asked for: words are for whoever shows them.
 */

/** A track of the playlist; `name` may be empty. */
export interface NamedTrack {
  readonly uri: string;
  readonly name: string;
}

/**
 * The suggestion stands beside `other`, a track of the playlist, in so many `lists` of the server; `mine` of them are
 * playlists and Jams of this user, and `names` are the names of the first five. `reasonText` says it in words.
 */
export interface Reason {
  readonly other: NamedTrack;
  readonly lists: number;
  readonly mine: number;
  readonly names: readonly string[];
}

/** Such as `in 3 of your playlists with Teardrop`. */
export function reasonText({ other, lists, mine }: Reason): string {
  const where = mine > 0 ? `${mine} of your playlists` : `${lists} playlists here`;
  return `in ${where} with ${other.name || other.uri}`;
}
