/**
 * A client: one connection, many playlists and Jams.
 *
 * Edits may be made at any time, connected or not; they are saved when they can be. Knows what can be opened, started
 * and joined. How it is kept open is `client`'s; what only Jams need is loaded when one is asked for.
 */

import type { Asker } from "./asker.js";
import type { Catalogue, Found, FoundTrack, SearchOptions } from "./catalogue.js";
import { Client, type Patience, TIMEOUT_MS } from "./client.js";
import { type Clock, nowMs } from "./clock.js";
import type { Connection } from "./connection.js";
import { AwaitingApproval, JamClosed, PlaylistClosed } from "./errors.js";
import type { History } from "./history.js";
import type { Jam } from "./jam.js";
import type { JamRequests } from "./jam-requests.js";
import type { Keeper } from "./keeper.js";
import { lazily } from "./lazy.js";
import type { Library } from "./library.js";
import type { LinkEvent } from "./link-events.js";
import type { Entry } from "./ot/value.js";
import { Playlist } from "./playlist.js";
import type { Suggestions } from "./suggestions.js";
import type { TokenSource } from "./tokens.js";
import { httpUrl } from "./urls.js";
import { paused } from "./waits.js";
import { sentenceOf } from "./wire/errors.js";
import { isId } from "./wire/ids.js";

/** Who waits at a door looks this often whether it is open. */
export const KNOCK_EVERY_MS = 2_000;

/** A client that is connected, or will be again. Made by `connect`. */
export class Tutti extends Client {
  readonly #url: string;
  readonly #tokens: TokenSource;
  #asker: Asker | null = null;
  #catalogue: Catalogue | null = null;

  /** `connection` makes the one that carries the keeper's link; it tells what arrived, and when it has sent. */
  constructor(
    url: string,
    tokens: TokenSource,
    keeper: Keeper,
    clock: Clock,
    connection: (receive: (event: LinkEvent) => void, sent: () => void) => Connection,
  ) {
    super(keeper, clock, connection);
    this.#url = url;
    this.#tokens = tokens;
    // Also those that wait to be saved from an earlier life, so that what becomes of it is noticed.
    for (const room of keeper.link.rooms) {
      this.views.set(room, new Playlist(...keeper.link.enter(room), this));
    }
  }

  // -- playlists ---------------------------------------------------------------------------------------------

  /**
   * The playlist with this id; the same object each time until it is closed. While the server cannot be reached it
   * is as it was kept, with the unsaved edits. Rejects with PlaylistClosed if there is none or it is not for this
   * user, Unreachable after `timeoutMs` if nothing was kept, ConnectionRefused, StoreFailed.
   */
  async openPlaylist(playlistId: string, { timeoutMs = TIMEOUT_MS }: Patience = {}): Promise<Playlist> {
    if (!isId(playlistId)) {
      throw new PlaylistClosed("not_found", sentenceOf("not_found"));
    }
    if (!this.views.has(playlistId)) {
      await this.keeper.load(playlistId);
    }
    if (!(this.views.has(playlistId) || this.link.user)) {
      await this.ready(timeoutMs);
    }
    let playlist = this.views.get(playlistId);
    if (playlist === undefined) {
      playlist = new Playlist(...this.link.enter(playlistId), this);
      this.views.set(playlistId, playlist);
      this.wake();
    }
    if (!(playlist instanceof Playlist)) {
      throw new PlaylistClosed("not_found", sentenceOf("not_found"));
    }
    await this.loaded(playlist, timeoutMs);
    return playlist;
  }

  /** Our playlists and Jams, and who else is in them. Rejects with Unreachable if this part does not load. */
  async library(): Promise<Library> {
    const { Library } = await lazily(import("./asked-part.js"));
    return new Library(this.#url, this.#tokens);
  }

  /** The past of a playlist, whether or not it is open here. Rejects with Unreachable if this part does not load. */
  async history(playlistId: string): Promise<History> {
    const { History } = await lazily(import("./asked-part.js"));
    return new History(this.#url, playlistId, this.#tokens);
  }

  /**
   * At most `limit` tracks (of at most 50) that would go well with a playlist, whether or not it is open here, and
   * why. Rejects with RequestRefused and Unreachable.
   */
  async suggestions(playlistId: string, limit = 20): Promise<Suggestions> {
    const { suggestions } = await lazily(import("./asked-part.js"));
    return suggestions(this.#url, playlistId, this.#tokens, limit);
  }

  // -- what there is to play ---------------------------------------------------------------------------------

  /**
   * Tracks of the server's catalogue in which all these words begin something; see `SearchBox` for searching as one
   * types. Rejects with RequestRefused, Unreachable and the reason of `signal`.
   */
  async search(words: string, options: SearchOptions = {}): Promise<Found> {
    return (await this.#music()).search(words, options);
  }

  /** The track with this URI. Rejects with RequestRefused (`not_found`) and Unreachable. */
  async track(uri: string): Promise<FoundTrack> {
    return (await this.#music()).track(uri);
  }

  async #music(): Promise<Catalogue> {
    const { Catalogue } = await lazily(import("./asked-part.js"));
    this.#catalogue ??= new Catalogue(this.#url, this.#tokens);
    return this.#catalogue;
  }

  // -- files -------------------------------------------------------------------------------------------------

  /**
   * What stands at `path` below the server's `/v1`, asked for in our name: the answer as it begins to arrive, whose
   * body is the caller's to read until `signal` says otherwise. Rejects with RequestRefused and Unreachable.
   */
  async stream(
    path: string,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const { Asker } = await lazily(import("./asked-part.js"));
    this.#asker ??= new Asker(`${httpUrl(this.#url)}/v1`, this.#tokens);
    return this.#asker.stream(path, headers, signal);
  }

  // -- Jams --------------------------------------------------------------------------------------------------

  /**
   * A new Jam with us as host. `playlist`, or its id, gives the songs that play when people have added none; the
   * other settings are those of `jam/settings`, such as `mode: "votes"`. Rejects with RequestRefused (`not_found`
   * for the playlist, `setting_invalid`), Unreachable and ConnectionRefused.
   */
  async startJam(
    { playlist, ...settings }: { playlist?: Playlist | string; name?: string } & Entry = {},
    patience: Patience = {},
  ): Promise<Jam> {
    const source = (playlist instanceof Playlist ? playlist.id : playlist) ?? null;
    const requests = await this.#jamRequests();
    return this.openJam(await requests.create(source as string | null, settings), patience);
  }

  /**
   * The Jam that a code opens, however it is typed, or a link, or an invite's secret. Rejects with AwaitingApproval
   * if the host has to let us in first, RequestRefused (`key_invalid` for whatever opens nothing, `rate_limited`,
   * `jam_full`), Unreachable and ConnectionRefused.
   */
  async joinJam(key: string, patience: Patience = {}): Promise<Jam> {
    const requests = await this.#jamRequests();
    const { jam, role } = await requests.join(key);
    if (role === null) {
      throw new AwaitingApproval(jam);
    }
    return this.openJam(jam, patience);
  }

  /**
   * The Jam at whose door we wait, once the host lets us in: give it as long as you like, and `signal` when it is
   * enough. Rejects with JamClosed if we are denied, RequestRefused, Unreachable and ConnectionRefused, and with the
   * signal's reason.
   */
  async admitted(jamId: string, signal?: AbortSignal): Promise<Jam> {
    const requests = await this.#jamRequests();
    while (!(await requests.isMember(jamId))) {
      // Between these two questions we may have been let in.
      if (!(await requests.waits(jamId)) && !(await requests.isMember(jamId))) {
        throw new JamClosed("not_found", "The host did not let us in.");
      }
      await paused(KNOCK_EVERY_MS, signal);
      signal?.throwIfAborted();
    }
    return this.openJam(jamId);
  }

  /**
   * The Jam with this id; the same object each time until it is closed. Rejects with JamClosed if there is none or
   * we are no member of it, Unreachable after `timeoutMs`, ConnectionRefused.
   */
  async openJam(jamId: string, { timeoutMs = TIMEOUT_MS }: Patience = {}): Promise<Jam> {
    if (!isId(jamId)) {
      throw new JamClosed("not_found", sentenceOf("not_found"));
    }
    const { Jam, JAMS } = await this.#jamPart();
    const requests = await this.#jamRequests();
    if (!this.link.user) {
      await this.ready(timeoutMs);
    }
    let jam = this.views.get(jamId);
    if (jam === undefined) {
      jam = new Jam(...this.link.enterJam(jamId, JAMS, nowMs(this.clock)), this, requests);
      this.views.set(jamId, jam);
      this.wake();
    }
    if (!(jam instanceof Jam)) {
      throw new JamClosed("not_found", sentenceOf("not_found"));
    }
    await this.loaded(jam, timeoutMs);
    return jam;
  }

  /** What only Jams need; none of it is here before one is asked for. */
  #jamPart() {
    return lazily(import("./jam-part.js"));
  }

  async #jamRequests(): Promise<JamRequests> {
    const { JamRequests } = await this.#jamPart();
    return new JamRequests(this.#url, this.#tokens);
  }
}
