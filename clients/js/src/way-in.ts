/**
 * A program's way in.
 *
 *     const tutti = await connect("https://tutti.example.com", { token: ada.token });
 *     const playlist = await tutti.openPlaylist(playlistId);
 *     playlist.append({ track: "spotify:track:…", title: "Blue in Green" });
 *     await playlist.saved();
 *     await tutti.close();
 *
 * Opens what a client needs. What it can do is `tutti`'s.
 */

import { takeCare } from "./caretaker.js";
import { TIMEOUT_MS } from "./client.js";
import { type Clock, DEVICE } from "./clock.js";
import { Connection, newId } from "./connection.js";
import { CallerError } from "./errors.js";
import { Keeper } from "./keeper.js";
import type { OfflinePlace } from "./offline-store.js";
import { type TokenFactory, TokenSource } from "./tokens.js";
import { Tutti } from "./tutti.js";
import { socketUrl } from "./urls.js";
import { type After, deviceTimer } from "./waits.js";
import type { Encoding } from "./wire/encoding.js";
import { isId } from "./wire/ids.js";
import { json } from "./wire/json.js";
import { type SocketClass, socketClass } from "./wire.js";

/** Where a socket and timers are that a busy page, or one that nobody sees, does not hold up. */
export interface Aside {
  readonly webSocket: SocketClass;
  readonly after: After;
}

/** What `connect` may be told. */
export interface ConnectOptions {
  /** A token, or a function that gives one whenever a new one is needed: `guest.token`, or the app's own. */
  readonly token: string | TokenFactory;
  /** How long to wait for the server's welcome. */
  readonly timeoutMs?: number;
  /**
   * Where playlists and unsaved edits outlive the page: `browserStore()`, or in Node `fileStore(path)`. What an
   * earlier page could not save is saved now, also in playlists that are not opened here. With it a server that
   * cannot be reached is no error, once it was reached before: what was kept can be opened and edited. Only
   * playlists are kept: what was asked of a Jam is about who is here now and what plays.
   */
  readonly offline?: OfflinePlace;
  /**
   * The playlist or Jam that this program is mostly about, if it knows: with many nodes a balancer can send all who
   * have it open to the same one. A hint only: everything works on every node.
   */
  readonly document?: string;
  /** JSON unless another one is given: that of `@tutti/client/msgpack`. */
  readonly encoding?: Encoding;
  /** The platform's own unless another one is given: that of `ws` where Node has none. */
  readonly webSocket?: SocketClass;
  /**
   * Keeps the time of a Jam exact however busy the page is: what `pageWorker` of `@tutti/client/player` gives. Its
   * socket is used instead of the page's own.
   */
  readonly worker?: Aside;
  /** The time here, for programs that live by another clock than the device's. */
  readonly clock?: Clock;
}

/**
 * A client of the server at `url` (`https://…`, or `http://…` on the same machine or in a LAN).
 *
 * Rejects with CallerError for what is no URL or no id, Unreachable, ConnectionRefused if the server will not have
 * us, StoreInUse and StoreFailed.
 */
export async function connect(url: string, options: ConnectOptions): Promise<Tutti> {
  const { offline = null, clock = DEVICE, timeoutMs = TIMEOUT_MS } = options;
  const { document = "", encoding = json, worker } = options;
  if (document !== "" && !isId(document)) {
    throw new CallerError(`'${document}' is not the id of a playlist or Jam.`);
  }
  const sockets = socketClass(worker?.webSocket ?? options.webSocket);
  const server = socketUrl(url);
  const tokens = new TokenSource(options.token);
  const keeper = await Keeper.takeUp(server, offline, clock, newId);
  const tutti = new Tutti(
    url,
    tokens,
    keeper,
    clock,
    (onEvent, onSent) =>
      new Connection({
        url,
        link: keeper.link,
        tokens,
        clock,
        encoding,
        socketClass: sockets,
        after: worker?.after ?? deviceTimer,
        document,
        onEvent,
        onSent,
        secure: () => keeper.secure(),
      }),
  );
  tutti.start();
  try {
    await tutti.ready(timeoutMs);
  } catch (error) {
    await tutti.close({ discard: true });
    throw error;
  }
  if (offline?.orphans !== undefined) {
    const orphans = offline.orphans.bind(offline, server);
    takeCare(tutti, orphans, place => connect(url, { ...options, offline: alone(place) }));
  }
  return tutti;
}

/** A place whose client looks after itself only. */
function alone(place: OfflinePlace): OfflinePlace {
  return { open: server => place.open(server) };
}
