/**
 * The Spotify Web API's own SDK on a real server, beside sockets: a playlist's whole life, and a Jam's.
 *
 * It is used as it is; only where it asks is another place.
 */

import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { type Page, type PlaylistedTrack, SpotifyApi, type Track } from "@spotify/web-api-ts-sdk";
import { WebSocket } from "ws";
import { type Guest, guest } from "../../src/guest.js";
import { digest } from "../../src/ot/digest.js";
import { uidOf } from "../../src/ot/document.js";
import type { Entry } from "../../src/ot/value.js";
import type { Playlist } from "../../src/playlist.js";
import type { Tutti } from "../../src/tutti.js";
import { connect } from "../../src/way-in.js";
import { below, pick, seeded } from "../random.js";
import { Serving } from "../serving.js";

/** Where the SDK asks, whatever it is told. */
const THEIRS = "https://api.spotify.com/v1/";
/** Longer than any of this takes; a test that meets it fails. */
const PATIENCE = { timeout: 120_000 };
/** Of each person at a socket, beside one request. */
const EDITS = 2;
const REORDERS = 6;
/** What the original gives and takes at once. */
const AT_ONCE = 100;

type Item = PlaylistedTrack<Track>;

let serving: Serving;

before(async () => {
  serving = await Serving.start();
});

after(() => serving.clear());

/** One person, by the SDK and at a socket. */
interface Somebody {
  readonly person: Guest;
  readonly api: SpotifyApi;
  readonly tutti: Tutti;
}

async function join(test: TestContext, name: string): Promise<Somebody> {
  const person = await guest(serving.url, name);
  const tutti = await connect(serving.url, { token: person.token, webSocket: WebSocket });
  test.after(() => tutti.close({ discard: true }));
  const token = {
    access_token: await person.token(),
    token_type: "Bearer",
    expires_in: 600,
    refresh_token: "",
  };
  const api = SpotifyApi.withAccessToken("any app", token, {
    fetch: (asked, init) => {
      assert.ok(typeof asked === "string" && asked.startsWith(THEIRS), "it asks at its one address");
      return fetch(root() + asked.slice(THEIRS.length), init);
    },
  });
  return { person, api, tutti };
}

function root(): string {
  return `${serving.url}/v1/`;
}

/** Resolves when something is so, after whatever change makes it so. */
async function until(room: { changed(): Promise<void> }, isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await room.changed();
  }
}

/** So many URIs that are those of nobody else. */
function tracks(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `spotify:track:${`${kind}${n}`.padStart(22, "0")}`);
}

// -- a playlist ------------------------------------------------------------------------------------------------

/** Somebody at a socket, who moves and removes only what is their own, and writes notes to anything. */
class Editor {
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
async function beside<T>(editors: readonly Editor[], request: Promise<T>): Promise<T> {
  const [answer] = await Promise.all([request, ...editors.map(editor => editor.edit())]);
  return answer;
}

/** All of a list, by its pages. */
async function all(api: SpotifyApi, first: Page<Item>): Promise<Item[]> {
  const items = [...first.items];
  for (let { next } = first; next !== null; ) {
    assert.ok(next.startsWith(root()));
    const page = await api.makeRequest<Page<Item>>("GET", next.slice(root().length));
    assert.equal(page.offset, items.length);
    items.push(...page.items);
    next = page.next;
  }
  assert.equal(items.length, first.total);
  return items;
}

async function seen(api: SpotifyApi, id: string): Promise<{ snapshot: string; uris: string[] }> {
  const { snapshot_id, tracks: first } = await api.playlists.getPlaylist(id);
  return { snapshot: snapshot_id, uris: (await all(api, first)).map(item => item.track.uri) };
}

/** As it is described to people: the range is put before what is at `to`. */
function moved(uris: readonly string[], start: number, count: number, to: number): string[] {
  const rest = [...uris.slice(0, start), ...uris.slice(start + count)];
  const at = to <= start ? to : to - count;
  return [...rest.slice(0, at), ...uris.slice(start, start + count), ...rest.slice(at)];
}

/** What is to be shown of an entry, said independently of the server. */
function ofEntry(entry: Entry): unknown {
  const track = String(entry["track"]);
  const id = /^(?:tutti|spotify):track:(\w{22})$/.exec(track)?.[1];
  return {
    uid: entry["uid"],
    uri: id === undefined ? track : `spotify:track:${id}`,
    id: id ?? "",
    title: entry["title"] ?? "",
    artists: entry["artists"] ?? [],
    album: entry["album"] ?? "",
    durationMs: entry["duration_ms"] ?? 0,
    isrc: entry["isrc"],
    addedBy: entry["added_by"],
    addedAtS: Math.floor(Number(entry["added_at"]) / 1000),
    note: entry["note"] ?? null,
  };
}

/** The same of what the SDK read. */
function ofItem(item: Item): unknown {
  const { track, added_by, added_at } = item;
  const { uid, note } = item as Item & { uid: string; note: string | null };
  return {
    uid,
    uri: track.uri,
    id: track.id,
    title: track.name,
    artists: track.artists.map(artist => artist.name),
    album: track.album.name,
    durationMs: track.duration_ms,
    isrc: track.external_ids.isrc,
    addedBy: added_by.id,
    addedAtS: Date.parse(added_at) / 1000,
    note,
  };
}

/** What the SDK reads is what both sockets have, and nobody's edit is lost or there twice. */
async function agreed(
  api: SpotifyApi,
  id: string,
  editors: readonly Editor[],
  own: readonly string[],
): Promise<Item[]> {
  const { snapshot_id, tracks: first } = await api.playlists.getPlaylist(id);
  const version = Number(snapshot_id.split(".")[1]);
  const items = await all(api, first);
  for (const { playlist } of editors) {
    await until(playlist, () => playlist.version >= version);
    assert.equal(playlist.version, version);
    assert.deepEqual(items.map(ofItem), playlist.entries.map(ofEntry));
  }
  const digests = new Set(editors.map(({ playlist }) => digest(playlist.replica.document)));
  assert.equal(digests.size, 1);
  const uids = editors[0]!.playlist.entries.map(uidOf);
  const standing = new Set(uids);
  assert.equal(standing.size, uids.length);
  for (const editor of editors) {
    assert.ok([...editor.standing].every(uid => standing.has(uid)));
    assert.ok([...editor.removed].every(uid => !standing.has(uid)));
  }
  assert.deepEqual(
    ownOf(
      items.map(item => item.track.uri),
      own,
    ),
    own,
  );
  return items;
}

function ownOf(uris: readonly string[], own: readonly string[]): string[] {
  const mine = new Set(own);
  return uris.filter(uri => mine.has(uri));
}

test("a playlist's life by the Spotify SDK, while two edit it at sockets", PATIENCE, async t => {
  const [ada, ben, cleo, dan] = await Promise.all(["Ada", "Ben", "Cleo", "Dan"].map(name => join(t, name)));
  assert.ok(ada !== undefined && ben !== undefined && cleo !== undefined && dan !== undefined);
  const { api } = ada;
  const { playlists } = api;
  assert.equal((await api.currentUser.profile()).id, ada.person.userId);
  assert.equal((await api.users.profile(ben.person.userId)).display_name, "Ben");

  const { id, owner, tracks: none } = await playlists.createPlaylist(ada.person.userId, { name: "Friday" });
  assert.deepEqual([owner.id, owner.display_name, none.total], [ada.person.userId, "Ada", 0]);
  await assert.rejects(ben.api.playlists.getPlaylist(id), /404/);
  await playlists.changePlaylistDetails(id, {
    name: "Friday night",
    description: "Ours",
    collaborative: true,
  });
  for (const { api: theirs } of [ben, cleo]) {
    await theirs.currentUser.playlists.follow(id);
  }
  const users = [ben, cleo, dan].map(({ person }) => person.userId);
  assert.deepEqual(await api.currentUser.playlists.isFollowing(id, users), [true, true, false]);

  const editors = [
    new Editor(await ben.tutti.openPlaylist(id), "Ben", 1),
    new Editor(await cleo.tutti.openPlaylist(id), "Cleo", 2),
  ];
  await playlists.addItemsToPlaylist(id, tracks("x", 3));
  let own = tracks("a", 60);
  const { snapshot_id: replaced } = await playlists.updatePlaylistItems(id, { uris: own });
  assert.equal((await playlists.getPlaylist(id)).snapshot_id, replaced);
  const [last, first] = [tracks("z", AT_ONCE), tracks("b", 5)];
  await beside(editors, playlists.addItemsToPlaylist(id, last));
  await beside(editors, playlists.addItemsToPlaylist(id, first, 0));
  own = [...first, ...own, ...last];

  const random = seeded(3);
  for (let n = 0; n < REORDERS; n++) {
    const { snapshot, uris } = await seen(api, id);
    await Promise.all(editors.map(editor => editor.edit()));
    const [range_start, range_length] = [below(uris.length - 3, random), 1 + below(3, random)];
    const before = below(uris.length + 1, random);
    const insert_before = range_start < before && before < range_start + range_length ? 0 : before;
    const range = { range_start, range_length, insert_before };
    await beside(editors, playlists.updatePlaylistItems(id, { ...range, snapshot_id: snapshot }));
    own = ownOf(moved(uris, range_start, range_length, insert_before), own);
  }
  const { uris: now } = await seen(api, id);
  await playlists.movePlaylistItems(id, 0, 2, now.length);
  own = ownOf(moved(now, 0, 2, now.length), own);

  const { snapshot } = await seen(api, id);
  const gone = own.slice(3, 8).map(uri => ({ uri }));
  await beside(editors, playlists.removeItemsFromPlaylist(id, { tracks: gone, snapshot_id: snapshot }));
  // What is gone already may be removed again, on the old snapshot too.
  await beside(editors, playlists.removeItemsFromPlaylist(id, { tracks: gone, snapshot_id: snapshot }));
  await beside(editors, playlists.removeItemsFromPlaylist(id, { tracks: [{ uri: own.at(-1)! }] }));
  own = [...own.slice(0, 3), ...own.slice(8, -1)];
  await assert.rejects(playlists.addItemsToPlaylist(id, ["spotify:track:short"]), /400/);
  await assert.rejects(playlists.addItemsToPlaylist(id, tracks("y", 1), 10_000), /400/);
  await assert.rejects(
    playlists.removeItemsFromPlaylist(id, { tracks: gone, snapshot_id: "nobody.1" }),
    /400/,
  );

  const items = await agreed(api, id, editors, own);
  assert.ok(items.length > AT_ONCE);
  const pages = await playlists.getPlaylistItems(id, undefined, undefined, 50, 0);
  assert.deepEqual([pages.items.length, pages.previous], [50, null]);
  assert.deepEqual(await all(api, pages), items);
  const part = await ben.api.playlists.getPlaylist(id, undefined, "name,tracks(total,items(track(uri)))");
  assert.deepEqual(Object.keys(part).sort(), ["name", "tracks"]);
  assert.deepEqual([part.name, part.tracks.total], ["Friday night", items.length]);
  assert.deepEqual(
    part.tracks.items,
    items.slice(0, AT_ONCE).map(({ track: { uri } }) => ({ track: { uri } })),
  );
  assert.deepEqual(new Set(editors.map(({ playlist }) => playlist.name)), new Set(["Friday night"]));

  for (const { api: theirs } of [ben, cleo]) {
    assert.deepEqual(
      (await theirs.currentUser.playlists.playlists()).items.map(it => it.id),
      [id],
    );
    await theirs.currentUser.playlists.unfollow(id);
    await assert.rejects(theirs.playlists.getPlaylistItems(id), /404/);
  }
  assert.equal((await playlists.getUsersPlaylists(ada.person.userId)).total, 1);
  await api.currentUser.playlists.unfollow(id);
  assert.equal((await api.currentUser.playlists.playlists()).total, 0);
});

// -- a Jam -----------------------------------------------------------------------------------------------------

test("a Jam by the Spotify SDK, while sockets watch it", PATIENCE, async t => {
  const [ada, ben] = await Promise.all(["Ada", "Ben"].map(name => join(t, name)));
  assert.ok(ada !== undefined && ben !== undefined);
  const { player } = ada.api;
  assert.equal(await player.getPlaybackState(), null);
  assert.deepEqual(await player.getAvailableDevices(), { devices: [] });
  await assert.rejects(player.startResumePlayback(""), /404.*NO_ACTIVE_DEVICE/);

  const { id } = await ada.api.playlists.createPlaylist(ada.person.userId, { name: "Friday" });
  const list = await ada.tutti.openPlaylist(id);
  const uris = tracks("j", 4);
  list.append(uris.map(track => ({ track, title: `It is ${track.at(-1)}`, duration_ms: 600_000 })));
  await list.saved();

  const jam = await ada.tutti.startJam({ name: "Saturday" });
  const watching = await ben.tutti.joinJam((await jam.code()).code);
  /** Resolves when both who watch hear the song with this URI; once more, if it is paused or not. */
  const hear = async (uri: string, isPaused: boolean): Promise<void> => {
    for (const place of [jam, watching]) {
      await until(place, () => {
        const playing = place.nowPlaying;
        return playing?.song.track["track"] === uri && playing.isPaused === isPaused;
      });
    }
  };
  const { devices } = await player.getAvailableDevices();
  assert.deepEqual(
    devices.map(it => [it.id, it.name, it.is_active, it.is_restricted]),
    [[jam.id, "Saturday", true, false]],
  );

  await player.startResumePlayback(jam.id, `spotify:playlist:${id}`, undefined, { position: 1 }, 5_000);
  await hear(uris[1]!, false);
  const begun = await player.getPlaybackState();
  assert.deepEqual(
    [begun.item.uri, begun.item.name, begun.is_playing, begun.device.id, begun.currently_playing_type],
    [uris[1], "It is 1", true, jam.id, "track"],
  );
  assert.ok(begun.progress_ms >= 5_000);

  // A guest adds what they like to hear, and steers nothing.
  const [wish] = tracks("w", 1);
  await ben.api.player.addItemToPlaybackQueue(wish!);
  await assert.rejects(ben.api.player.pausePlayback(jam.id), /REMOTE_CONTROL_DISALLOW/);
  for (const place of [jam, watching]) {
    await until(place, () => place.queue.some(song => song.track["track"] === wish));
    const queue = await player.getUsersQueue();
    assert.equal(queue.currently_playing?.uri, uris[1]);
    const waiting = place.queue.map(song => song.track["track"]);
    assert.deepEqual(
      queue.queue.map(it => it.uri),
      waiting,
    );
    assert.deepEqual(waiting, [wish, uris[2], uris[3]]);
  }

  await player.skipToNext(jam.id);
  await hear(wish!, false);
  await player.pausePlayback(jam.id);
  await hear(wish!, true);
  await player.skipToNext(jam.id);
  await hear(uris[2]!, false);
  await player.pausePlayback(jam.id);
  await player.seekToPosition(30_000);
  for (const place of [jam, watching]) {
    await until(place, () => place.nowPlaying?.isPaused === true && place.position() === 30_000);
  }
  const paused = await ben.api.player.getPlaybackState();
  assert.deepEqual([paused.item.uri, paused.is_playing, paused.progress_ms], [uris[2], false, 30_000]);
  const { items: heard } = await player.getRecentlyPlayedTracks();
  assert.deepEqual(
    heard.map(play => play.track.uri),
    [wish, uris[1]],
  );

  await player.startResumePlayback(jam.id);
  await hear(uris[2]!, false);
  await player.setRepeatMode("context");
  await player.setPlaybackVolume(0);
  for (const place of [jam, watching]) {
    await until(place, () => place.settings["repeat"] === "all" && place.settings["volume"] === 0);
  }
  assert.equal((await player.getCurrentlyPlayingTrack()).item.uri, uris[2]);
  const { repeat_state, device, is_playing } = await player.getPlaybackState();
  assert.deepEqual([repeat_state, device.volume_percent, is_playing], ["context", 0, true]);
  await jam.end();
  assert.equal(await player.getPlaybackState(), null);
  assert.deepEqual(await player.getUsersQueue(), { currently_playing: null, queue: [] });
});
