/**
 * What is somebody's: their playlists and Jams, who else is in them, and their own name.
 *
 *     const library = await tutti.library();
 *     const { id } = await library.createPlaylist("Friday");
 *     const { secret } = await library.invite(id, "editor");
 *     console.log((await library.playlists()).items.map(({ name }) => name)); // [ 'Friday' ]
 *
 * Asked over HTTP, so it is as it was when it was asked; what is in a playlist or a Jam, and who is there now, comes
 * over the socket to whoever opens it. Knows paths and the shapes of answers.
 */

import { Asker } from "./asker.js";
import { count, flag, listOf, named, type Of, orNull, record, type Shape, text, whole } from "./shape.js";
import type { TokenSource } from "./tokens.js";
import { httpUrl } from "./urls.js";

/** How long an invite link lets people in unless something else is said: a week, in seconds. */
export const INVITE_LIFE_S = 7 * 24 * 60 * 60;
/** The most that one answer holds. */
export const PAGE_MAX = 50;

const PERSON = record({ id: text, name: named("display_name", orNull(text)) });
/** Somebody; `name` is null if they are gone. */
export type LibraryPerson = Of<typeof PERSON>;

const LISTED = record({
  id: text,
  name: text,
  owner: PERSON,
  role: text,
  version: whole,
  tracks: record({ total: count }),
});
/** A playlist as lists show it. `role` is ours. */
export type ListedPlaylist = Of<typeof LISTED>;

const JAM = record({
  id: text,
  name: text,
  status: text,
  host: PERSON,
  role: orNull(text),
  people: count,
  songs: count,
});
/** A Jam as lists show it. `role` is ours, null while the host has not let us in. */
export type ListedJam = Of<typeof JAM>;

const MEMBER = record({ id: text, name: named("display_name", orNull(text)), role: text });
/** Who belongs to a playlist, here or not. */
export type PlaylistMember = Of<typeof MEMBER>;

const INVITE = record({ id: text, role: text, expiresAt: named("expires_at", whole) });
/** A link that still lets people in. `expiresAt` is the server's wall time, ms. */
export type PlaylistInvite = Of<typeof INVITE>;

const MADE_INVITE = record({ id: text, role: text, expiresAt: named("expires_at", whole), secret: text });
/** A link's `secret`, which is shown once: behind a `#` in the address of a page, so that no server sees it. */
export type MadeInvite = Of<typeof MADE_INVITE>;

const ACCEPTED = record({ playlist: text, role: text });
/** The playlist that a link led to, and our role in it. */
export type AcceptedInvite = Of<typeof ACCEPTED>;

const DEVICE_LINK = record({ code: text, expiresAt: named("expires_at", whole) });
/** What is typed on another device, which is this person from then on; good once, until `expiresAt` (wall ms). */
export type DeviceLink = Of<typeof DEVICE_LINK>;

/** What a playlist can be read from and written to. */
export type PlaylistFormat = "jspf" | "xspf" | "m3u8" | "pls" | "csv";

const UNMATCHED = record({
  title: text,
  artists: listOf(text),
  uri: text,
  isKept: named("kept", flag),
  message: text,
});
/** An entry of a file that is no song of the server; `isKept`: it is in the playlist all the same. */
export type UnmatchedEntry = Of<typeof UNMATCHED>;

const IMPORTED = record({
  playlist: record({ id: text, name: text }),
  report: record({
    entries: count,
    imported: count,
    kept: count,
    leftOut: named("left_out", count),
    unmatched: listOf(UNMATCHED),
  }),
});
/** The playlist that a file became. `unmatched` are at most a thousand, what was left out before what is kept. */
export type ImportedPlaylist = Of<typeof IMPORTED>;

const ME = record({ id: text, name: text });
const PLAYLIST = record({ id: text, name: text });
const MEMBERS = record({ members: listOf(MEMBER) });
const INVITES = record({ invites: listOf(INVITE) });

/** Part of a list: `total` counts all, and `items` begin at `offset`. */
export interface Listed<T> {
  readonly items: readonly T[];
  readonly offset: number;
  readonly total: number;
}

const pageOf = <T>(item: Shape<T>): Shape<Listed<T>> =>
  record({ items: listOf(item), offset: count, total: count });
const PLAYLISTS = pageOf(LISTED);
const JAMS = pageOf(JAM);

/** Which part of a list; the first `PAGE_MAX` unless it is said. */
export interface PartOfList {
  readonly limit?: number;
  readonly offset?: number;
}

/** See the module. Made by `Tutti.library`. Everything rejects with RequestRefused and Unreachable. */
export class Library {
  readonly #asker: Asker;

  constructor(url: string, tokens: TokenSource) {
    this.#asker = new Asker(`${httpUrl(url)}/v1`, tokens);
  }

  // -- playlists ---------------------------------------------------------------------------------------------

  /** Those that we are a member of. */
  playlists({ limit = PAGE_MAX, offset = 0 }: PartOfList = {}): Promise<Listed<ListedPlaylist>> {
    return this.#asker.ask("GET", "me/playlists", PLAYLISTS, { query: { limit, offset } });
  }

  /** A new one of ours, empty. */
  createPlaylist(name: string): Promise<{ readonly id: string; readonly name: string }> {
    return this.#asker.ask("POST", "me/playlists", PLAYLIST, { body: { name } });
  }

  /** A new one of ours, with what is in a file of any PlaylistFormat; called `name` if the file does not say. */
  importPlaylist(file: Blob, name = ""): Promise<ImportedPlaylist> {
    const query: Record<string, string> = name === "" ? {} : { name };
    return this.#asker.ask("POST", "me/playlists/import", IMPORTED, { query, file });
  }

  /** The whole playlist as the contents of a file. */
  exportPlaylist(playlistId: string, format: PlaylistFormat): Promise<Uint8Array> {
    return this.#asker.fetch(`${pathOf(playlistId, "export")}?format=${format}`);
  }

  /** We are no member of it any more; the last owner takes it along. */
  async leavePlaylist(playlistId: string): Promise<void> {
    await this.#asker.do("DELETE", pathOf(playlistId, "followers"));
  }

  // -- who else is in them -----------------------------------------------------------------------------------

  /** Everybody who belongs to it. */
  async members(playlistId: string): Promise<readonly PlaylistMember[]> {
    return (await this.#asker.ask("GET", pathOf(playlistId, "members"), MEMBERS)).members;
  }

  /** `owner`, `editor` or `viewer` from now on; owners say so. */
  setRole(playlistId: string, userId: string, role: string): Promise<PlaylistMember> {
    return this.#asker.ask("PUT", pathOf(playlistId, `members/${userId}`), MEMBER, { body: { role } });
  }

  /** Out, and every invite link with them. */
  async removeMember(playlistId: string, userId: string): Promise<void> {
    await this.#asker.do("DELETE", pathOf(playlistId, `members/${userId}`));
  }

  /** The links that still let people in. */
  async invites(playlistId: string): Promise<readonly PlaylistInvite[]> {
    return (await this.#asker.ask("GET", pathOf(playlistId, "invites"), INVITES)).invites;
  }

  /** A link for an `editor` or a `viewer`. */
  invite(playlistId: string, role: string, expiresInS = INVITE_LIFE_S): Promise<MadeInvite> {
    const body = { role, expires_in_s: expiresInS };
    return this.#asker.ask("POST", pathOf(playlistId, "invites"), MADE_INVITE, { body });
  }

  async revokeInvite(playlistId: string, inviteId: string): Promise<void> {
    await this.#asker.do("DELETE", pathOf(playlistId, `invites/${inviteId}`));
  }

  /** Makes us a member by a link's secret. A role that we have is never lowered. */
  acceptInvite(secret: string): Promise<AcceptedInvite> {
    return this.#asker.ask("POST", "invites/accept", ACCEPTED, { body: { secret } });
  }

  // -- Jams, and ourselves -----------------------------------------------------------------------------------

  /** Those that we are in, or wait for. */
  jams({ limit = PAGE_MAX, offset = 0 }: PartOfList = {}): Promise<Listed<ListedJam>> {
    return this.#asker.ask("GET", "me/jams", JAMS, { query: { limit, offset } });
  }

  /** A code by which another device becomes us: `BrowserGuest.link` takes it there. Guests only (`forbidden`). */
  deviceLink(): Promise<DeviceLink> {
    return this.#asker.ask("POST", "me/link", DEVICE_LINK);
  }

  /** Another display name: rooms show it from the next connection on. Gives it as it is written then. */
  async rename(name: string): Promise<string> {
    return (await this.#asker.ask("PUT", "me", ME, { body: { name } })).name;
  }

  /** All that the server knows of us, as the JSON document that it is. A few times an hour (`rate_limited`). */
  exportMe(): Promise<Uint8Array> {
    return this.#asker.fetch("me/export");
  }

  /**
   * Deletes us for good, on the server and for everybody; `userId` is ours and says that it is meant. No token of ours
   * is good from then on: what is open ends within a second.
   */
  async deleteMe(userId: string): Promise<void> {
    await this.#asker.do("DELETE", "me", { confirm: userId });
  }
}

function pathOf(playlistId: string, part: string): string {
  return `playlists/${playlistId}/${part}`;
}
