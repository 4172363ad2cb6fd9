/** The Spotify Web API's own SDK on a real server, beside sockets: a playlist's whole life, and a Jam's. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { SpotifyApi } from "@spotify/web-api-ts-sdk";
import { digest } from "../../src/ot/digest.js";
import { uidOf } from "../../src/ot/document.js";
import { below, seeded } from "../random.js";
import { Serving } from "../serving.js";
import { beside, Editor } from "./editors.js";
import { all, type Item, join, ofEntry, ofItem, tracks } from "./spotify.js";

/** Longer than any of this takes; a test that meets it fails. */
const PATIENCE = { timeout: 120_000 };
const REORDERS = 3;
/** What the original gives and takes at once. */
const AT_ONCE = 100;

let serving: Serving;

before(async () => {
  serving = await Serving.start();
});

after(() => serving.clear());

/** Resolves when something is so, after whatever change makes it so. */
async function until(room: { changed(): Promise<void> }, isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await room.changed();
  }
}

// -- a playlist ------------------------------------------------------------------------------------------------

/** How the list stands; in it, what the client put in is in the order that it gave. */
async function seen(
  api: SpotifyApi,
  id: string,
  own: readonly string[],
): Promise<{ snapshot: string; uris: string[] }> {
  const { snapshot_id, tracks: first } = await api.playlists.getPlaylist(id);
  const uris = (await all(api, first)).map(item => item.track.uri);
  assert.deepEqual(ownOf(uris, own), own);
  return { snapshot: snapshot_id, uris };
}

/** As it is described to people: the range is put before what is at `to`. */
function moved(uris: readonly string[], start: number, count: number, to: number): string[] {
  const rest = [...uris.slice(0, start), ...uris.slice(start + count)];
  const at = to <= start ? to : to - count;
  return [...rest.slice(0, at), ...uris.slice(start, start + count), ...rest.slice(at)];
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
  assert.ok(first.href.startsWith(serving.url));
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
  const uris = items.map(item => item.track.uri);
  assert.deepEqual(ownOf(uris, own), own);
  return items;
}

function ownOf(uris: readonly string[], own: readonly string[]): string[] {
  const mine = new Set(own);
  return uris.filter(uri => mine.has(uri));
}

test("a playlist's life by the Spotify SDK, while two edit it at sockets", PATIENCE, async t => {
  const [ada, ben, cleo, dan] = await Promise.all(
    ["Ada", "Ben", "Cleo", "Dan"].map(name => join(serving.url, t, name)),
  );
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
    const { snapshot, uris } = await seen(api, id, own);
    await Promise.all(editors.map(editor => editor.edit()));
    const [range_start, range_length] = [below(uris.length - 3, random), 1 + below(3, random)];
    const before = below(uris.length + 1, random);
    const insert_before = range_start < before && before < range_start + range_length ? 0 : before;
    const range = { range_start, range_length, insert_before };
    await beside(editors, playlists.updatePlaylistItems(id, { ...range, snapshot_id: snapshot }));
    own = ownOf(moved(uris, range_start, range_length, insert_before), own);
  }
  const { uris: now } = await seen(api, id, own);
  await playlists.movePlaylistItems(id, 0, 2, now.length);
  own = ownOf(moved(now, 0, 2, now.length), own);

  const { snapshot } = await seen(api, id, own);
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
  const [ada, ben] = await Promise.all(["Ada", "Ben"].map(name => join(serving.url, t, name)));
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
